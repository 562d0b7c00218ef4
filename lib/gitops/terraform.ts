import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { CaravanError } from "../core/errors";
import { parsePlan, type TerraformPlan } from "./plan/terraform-plan";
import { type ProgramResult, runProgram } from "./program";

export interface TerraformOptions {
  /** `"terraform"` or `"tofu"`, or the path of one. */
  readonly program: string;
  /** The stack's directory. */
  readonly directory: string;
  /**
   * File with the checksums of the stack's providers, under version control. With one, no other provider is installed.
   *
   * @default - whatever the constraints allow is installed
   */
  readonly lockFile?: string;
  /** How long one command may take, in milliseconds. */
  readonly timeoutMs: number;
  /** How long to wait for somebody else's lock on the state, in milliseconds. */
  readonly lockTimeoutMs: number;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Gets each line that Terraform prints. */
  readonly onLine?: (line: string) => void;
}

/** Who holds the lock on a state, as Terraform tells it. */
export interface StateLock {
  readonly id: string;
  readonly operation: string;
  /** User and machine. */
  readonly who: string;
  readonly created: Date;
}

/** Terraform failed. The message is what it printed. */
export class TerraformError extends CaravanError {
  /** The lock that it did not get. */
  readonly lock?: StateLock;

  constructor(
    readonly command: string,
    readonly result: ProgramResult,
  ) {
    const printed = (result.stderr.trim() === "" ? result.stdout : result.stderr).trim();
    super(`${command} failed (exit code ${result.code})\n${printed}`);
    this.lock = readLock(result.stderr);
  }
}

/** What a state holds, as far as it is looked at. */
export interface StateSnapshot {
  readonly serial: number;
  readonly lineage: string;
  readonly outputs: Readonly<Record<string, { readonly value: unknown; readonly sensitive?: boolean }>>;
  readonly resources: readonly {
    readonly mode: string;
    readonly type: string;
    readonly name: string;
    readonly module?: string;
    readonly instances: readonly { readonly attributes?: Readonly<Record<string, unknown>> }[];
  }[];
}

export interface SavedPlan {
  /** The file, for `apply`. */
  readonly file: string;
  readonly plan: TerraformPlan;
}

/** One a process: of two applies at once in one directory, each has its own. */
const PLAN_FILE = `caravan-${process.pid}.tfplan`;

/** Terraform or OpenTofu in the directory of one stack. */
export class TerraformRunner {
  private initialized = false;

  constructor(private readonly options: TerraformOptions) {}

  /** Installs providers and connects to the backend. A second call does nothing. */
  async init(): Promise<void> {
    if (this.initialized) return;
    const { directory, lockFile } = this.options;
    if (lockFile !== undefined) copyFileSync(lockFile, join(directory, ".terraform.lock.hcl"));
    await this.succeed(["init", ...QUIET, ...(lockFile === undefined ? [] : ["-lockfile=readonly"])]);
    this.initialized = true;
  }

  /** Checks the configuration without state or credentials. Returns what is wrong with it. */
  async validate(): Promise<readonly string[]> {
    const { directory, lockFile } = this.options;
    if (lockFile !== undefined) copyFileSync(lockFile, join(directory, ".terraform.lock.hcl"));
    await this.succeed(["init", ...QUIET, "-backend=false", ...(lockFile === undefined ? [] : ["-lockfile=readonly"])]);
    const result = await this.run(["validate", "-json"]);
    const { diagnostics } = JSON.parse(result.stdout) as { diagnostics: readonly Diagnostic[] };
    return diagnostics
      .filter(({ severity }) => severity === "error")
      .map(({ summary, detail, address }) => [address, summary, detail].filter(Boolean).join(": "));
  }

  /** Plans into a file. Without `lock` somebody may change the state meanwhile: enough to look. */
  async plan(options: {
    readonly lock: boolean;
    readonly destroy?: boolean;
    readonly refreshOnly?: boolean;
  }): Promise<SavedPlan> {
    const file = join(this.options.directory, PLAN_FILE);
    await this.succeed([
      "plan",
      ...QUIET,
      `-out=${file}`,
      ...(options.lock ? [this.lockTimeout] : ["-lock=false"]),
      ...(options.destroy ? ["-destroy"] : []),
      ...(options.refreshOnly ? ["-refresh-only"] : []),
    ]);
    const { stdout } = await this.quietly(["show", "-json", file]);
    return { file, plan: parsePlan(stdout) };
  }

  /** Applies a saved plan, and nothing else. */
  async apply({ file }: SavedPlan): Promise<void> {
    await this.succeed(["apply", ...QUIET, this.lockTimeout, file]);
  }

  /** The state, or nothing where the stack was never applied. */
  async state(): Promise<StateSnapshot | undefined> {
    await this.init();
    const { stdout } = await this.quietly(["state", "pull"]);
    if (stdout.trim() === "") return undefined;
    const { serial, lineage, outputs = {}, resources = [] } = JSON.parse(stdout);
    return { serial, lineage, outputs, resources };
  }

  /** Takes a lock away from whoever holds it. */
  async unlock({ id }: StateLock): Promise<void> {
    await this.succeed(["force-unlock", "-force", id]);
  }

  /**
   * Writes the checksums of the stack's providers for the given platforms; returns the file.
   *
   * @param mirror A directory, or the https address of a mirror, in place of the providers' own registries.
   */
  async lockProviders(platforms: readonly string[], mirror?: string): Promise<string | undefined> {
    const from = mirror === undefined ? [] : [`-${mirror.startsWith("https://") ? "net" : "fs"}-mirror=${mirror}`];
    await this.succeed(["providers", "lock", ...from, ...platforms.map((platform) => `-platform=${platform}`)]);
    const file = join(this.options.directory, ".terraform.lock.hcl");
    return existsSync(file) ? file : undefined;
  }

  private get lockTimeout(): string {
    return `-lock-timeout=${Math.round(this.options.lockTimeoutMs / 1000)}s`;
  }

  private async succeed(args: readonly string[]): Promise<ProgramResult> {
    const result = await this.run(args, this.options.onLine);
    if (result.code !== 0) throw new TerraformError(`${this.options.program} ${args[0]}`, result);
    return result;
  }

  private async quietly(args: readonly string[]): Promise<ProgramResult> {
    const result = await this.run(args);
    if (result.code !== 0) throw new TerraformError(`${this.options.program} ${args.slice(0, 2).join(" ")}`, result);
    return result;
  }

  private run(args: readonly string[], onLine?: (line: string) => void): Promise<ProgramResult> {
    const { program, directory, env = process.env, timeoutMs } = this.options;
    return runProgram(program, args, {
      cwd: directory,
      env: { ...env, TF_IN_AUTOMATION: "1", TF_INPUT: "0", CHECKPOINT_DISABLE: "1" },
      timeoutMs,
      onLine,
    });
  }
}

const QUIET = ["-input=false", "-no-color"];

interface Diagnostic {
  readonly severity: string;
  readonly summary: string;
  readonly detail?: string;
  readonly address?: string;
}

/** Reads "Lock Info" of Terraform's error, which every backend writes alike. */
export function readLock(text: string): StateLock | undefined {
  const plain = text.replace(/^[│╷╵ ]+/gm, "");
  const info = plain.slice(plain.indexOf("Lock Info:"));
  const field = (name: string) => new RegExp(`^${name}:\\s*(.+)$`, "m").exec(info)?.[1]?.trim();
  const [id, operation, who, created] = [field("ID"), field("Operation"), field("Who"), field("Created")];
  if (!plain.includes("Lock Info:") || !id || !operation || !who || !created) return undefined;
  // Go prints "2026-01-02 03:04:05.678901234 +0000 UTC".
  const [date = "", time = ""] = created.split(" ");
  return { id, operation, who, created: new Date(`${date}T${time.replace(/(\.\d{3})\d*/, "$1")}Z`) };
}
