import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Scope } from "../temporary";
import type { Behaviours } from "./behaviour";
import { StandIn } from "./stand-in";

export type { Behaviours, Context, DataBehaviour, EphemeralBehaviour, ResourceBehaviour } from "./behaviour";
export { attribute, type Block } from "./schema";
export { StandIn } from "./stand-in";
export { UNKNOWN, type Value, type Values } from "./values";

interface Configuration {
  readonly terraform?: { readonly required_providers?: Readonly<Record<string, unknown>> };
  readonly provider?: Readonly<Record<string, unknown>>;
  readonly resource?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * Stand-ins for every provider that a configuration asks for and whose bindings are installed. They live in this process
 * until the scope ends, and serve the types that were seen so far.
 */
export class StandInProviders {
  private readonly running = new Map<string, StandIn>();

  /** @param behaviours What a provider does beyond echoing, by its local name: `{ vault: { resources: {...} } }`. */
  constructor(
    private readonly scope: Scope,
    private readonly behaviours: Readonly<Record<string, Behaviours>> = {},
  ) {}

  /** Makes them ready for the configuration in a directory; `Terraform` calls this before each command. */
  async serve(directory: string, file = "cdk.tf.json"): Promise<void> {
    const configuration: Configuration = JSON.parse(readFileSync(join(directory, file), "utf8"));
    const { required_providers = {} } = configuration.terraform ?? {};
    for (const name of Object.keys({ ...required_providers, ...configuration.provider })) {
      const provider = this.running.get(name) ?? (await this.start(name));
      const own = (types: Readonly<Record<string, unknown>> = {}) =>
        Object.keys(types).filter((type) => type === name || type.startsWith(`${name}_`));
      provider?.serve("resource", own(configuration.resource));
      provider?.serve("data", own(configuration.data));
    }
  }

  /** The variables that make terraform and tofu use them. */
  get env(): Record<string, string> {
    const found: Record<string, unknown> = {};
    for (const { bindings, reattach } of this.running.values()) {
      // A short source means the tool's own registry; configurations from cdktf may also name Terraform's in full.
      found[bindings.source] = reattach;
      found[`registry.terraform.io/${bindings.source}`] = reattach;
    }
    return { TF_REATTACH_PROVIDERS: JSON.stringify(found) };
  }

  private async start(name: string): Promise<StandIn | undefined> {
    if (!installedProviders().includes(name)) return undefined;
    const provider = new StandIn(name, this.behaviours[name]);
    await provider.start();
    this.scope.defer(() => provider.stop());
    this.running.set(name, provider);
    return provider;
  }
}

/** The local names of the providers whose bindings are installed. */
export function installedProviders(): string[] {
  const packages = readdirSync(join(dirname(require.resolve("@cdktf/provider-aws/package.json")), ".."));
  return packages.filter((name) => name.startsWith("provider-")).map((name) => name.slice("provider-".length));
}
