import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type BindingSource, parseBinding } from "./binding-source";

/** An installed package `@cdktf/provider-<name>`: the provider it stands for and the types it has. */
export class BindingPackage {
  private readonly lib: string;
  private folders: Map<string, string> | undefined;

  constructor(
    /** Terraform's local name, `aws`. */
    readonly provider: string,
  ) {
    this.lib = join(dirname(require.resolve(`@cdktf/provider-${provider}/package.json`)), "lib");
  }

  /** The version of the provider that the bindings were generated from. */
  get version(): string {
    const found = /providerVersion: '([^']+)'/.exec(this.text("provider"));
    if (found?.[1] === undefined)
      throw new Error(`@cdktf/provider-${this.provider} does not say its provider's version`);
    return found[1];
  }

  /** Where Terraform finds the provider, `hashicorp/aws`. */
  get source(): string {
    const found = /terraformProviderSource: '([^']+)'/.exec(this.text("provider"))?.[1] ?? this.provider;
    return found.includes("/") ? found : `hashicorp/${found}`;
  }

  /** The types of one kind, with the folder of each. */
  types(kind: "resource" | "data"): string[] {
    const names = [...this.index().keys()].filter((name) => name.startsWith(`${kind}.`));
    return names.map((name) => name.slice(kind.length + 1)).sort();
  }

  /** One type's source, or nothing where the package does not have it. */
  read(kind: "resource" | "data", type: string): BindingSource | undefined {
    const short = type.slice(type.indexOf("_") + 1).replaceAll("_", "-");
    const likely = kind === "data" ? `data-${this.provider}-${short}` : short;
    const source = this.parse(likely);
    if (source?.type === type) return source;
    const folder = this.index().get(`${kind}.${type}`);
    return folder === undefined ? undefined : this.parse(folder);
  }

  readProvider(): BindingSource {
    const source = this.parse("provider");
    if (source === undefined) throw new Error(`@cdktf/provider-${this.provider} has no provider class`);
    return source;
  }

  /** Folders are named after classes, which does not always lead back to the type; the sources say it. */
  private index(): Map<string, string> {
    this.folders ??= new Map(
      readdirSync(this.lib, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .flatMap(({ name }) => {
          const code = readFileSync(join(this.lib, name, "index.js"), "latin1");
          const type = /\.tfResourceType = "([^"]+)"/.exec(code)?.[1];
          if (type === undefined || name === "provider") return [];
          const kind = /extends cdktf\.TerraformDataSource\b/.test(code) ? "data" : "resource";
          return [[`${kind}.${type}`, name] as const];
        }),
    );
    return this.folders;
  }

  private parse(folder: string): BindingSource | undefined {
    try {
      return parseBinding(this.text(folder));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  private text(folder: string): string {
    const files = readdirSync(join(this.lib, folder), { recursive: true, encoding: "utf8" });
    return files
      .filter((file) => file.endsWith(".js"))
      .map((file) => originalSource(join(this.lib, folder, file)))
      .join("\n");
  }
}

/** The TypeScript that a file was compiled from, out of its inline source map. */
function originalSource(file: string): string {
  const code = readFileSync(file, "latin1");
  const map = code.lastIndexOf("//# sourceMappingURL=data:");
  const start = code.indexOf("base64,", map);
  if (map < 0 || start < 0) throw new Error(`${file} has no inline source map`);
  const { sourcesContent } = JSON.parse(Buffer.from(code.slice(start + 7).trim(), "base64").toString("utf8"));
  return String(sourcesContent?.[0] ?? "");
}
