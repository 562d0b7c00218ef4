import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { devNull } from "node:os";
import { join } from "node:path";
import type { StandInProviders } from "./providers";
import { type RunResult, run } from "./temporary";

/** One resource in a plan, as `terraform show -json` tells it. */
export interface ResourceChange {
  readonly address: string;
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly name: string;
  readonly change: {
    readonly actions: readonly ("no-op" | "create" | "read" | "update" | "delete" | "forget")[];
    readonly before: Readonly<Record<string, unknown>> | null;
    readonly after: Readonly<Record<string, unknown>> | null;
    readonly after_unknown: Readonly<Record<string, unknown>> | boolean;
    readonly replace_paths?: readonly unknown[];
    readonly importing?: { readonly id?: string };
  };
}

export interface Plan {
  readonly resource_changes: readonly ResourceChange[];
  readonly output_changes: Readonly<Record<string, { readonly actions: readonly string[]; readonly after?: unknown }>>;
  readonly resource_drift?: readonly ResourceChange[];
  readonly complete?: boolean;
  readonly errored?: boolean;
}

/** A saved plan. */
export interface PlanResult {
  /** The file, for `apply`. */
  readonly file: string;
  readonly plan: Plan;
  /** Whether the plan would change anything, outputs included. */
  readonly changes: boolean;
  /** The resources that would change, `"create aws_vpc.main"`, sorted. */
  readonly actions: readonly string[];
}

export interface Validation {
  readonly valid: boolean;
  readonly diagnostics: readonly {
    readonly severity: "error" | "warning";
    readonly summary: string;
    readonly detail: string;
    readonly address?: string;
  }[];
}

export interface StateResource {
  readonly address: string;
  readonly type: string;
  readonly values: Readonly<Record<string, unknown>>;
}

export interface TerraformOptions {
  /** The program's path, as `requireTool` finds it. */
  readonly program: string;
  /** The directory of one stack. */
  readonly cwd: string;
  /** Variables on top of a clean environment: credentials of a test, `TF_VAR_x`. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * A CLI configuration file.
   * @default none: whatever the machine has is not read
   */
  readonly cliConfig?: string;
  /** Stand-ins to use for the configuration's providers. */
  readonly providers?: StandInProviders;
  /**
   * After how long a command is killed.
   * @default 5 minutes
   */
  readonly timeoutMs?: number;
}

/** Terraform or OpenTofu went wrong. The message is what it printed. */
export class TerraformError extends Error {
  constructor(
    readonly command: string,
    readonly result: RunResult,
  ) {
    super(`${command}: exit code ${result.code}\n${result.stderr}${result.stdout}`.trimEnd());
    this.name = "TerraformError";
  }
}

/** Runs Terraform or OpenTofu in one directory, without anything of the machine's own configuration. */
export class Terraform {
  private plans = 0;

  constructor(private readonly options: TerraformOptions) {}

  async init(...args: string[]): Promise<void> {
    await this.succeed("init", "-input=false", "-no-color", ...args);
  }

  /** Checks the configuration. An invalid one is an answer, not an error. */
  async validate(): Promise<Validation> {
    const result = await this.command(["validate", "-json"]);
    try {
      return JSON.parse(result.stdout);
    } catch {
      throw new TerraformError("validate", result);
    }
  }

  /** Plans into a file and reads the plan back as JSON. */
  async plan(...args: string[]): Promise<PlanResult> {
    const file = join(this.options.cwd, `plan-${++this.plans}.tfplan`);
    const result = await this.command(["plan", ...QUIET, "-detailed-exitcode", `-out=${file}`, ...args]);
    if (result.code !== 0 && result.code !== 2) throw new TerraformError("plan", result);
    const plan: Plan = {
      resource_changes: [],
      output_changes: {},
      ...JSON.parse(await this.succeed("show", "-json", file)),
    };
    const actions = plan.resource_changes
      .filter(({ change }) => change.actions.some((action) => action !== "no-op" && action !== "read"))
      .map(({ address, change }) => `${change.actions.join("-")} ${address}`)
      .sort();
    return { file, plan, changes: result.code === 2, actions };
  }

  /** Applies a saved plan, or plans and applies at once. */
  async apply(...args: string[]): Promise<string> {
    return this.succeed("apply", ...QUIET, "-auto-approve", ...args);
  }

  async destroy(...args: string[]): Promise<string> {
    return this.succeed("destroy", ...QUIET, "-auto-approve", ...args);
  }

  /** The values of the outputs, sensitive ones too. */
  async output(): Promise<Record<string, unknown>> {
    const outputs: Record<string, { value: unknown }> = JSON.parse(await this.succeed("output", "-json"));
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  }

  /** The resources and data sources in the state, by address, those of modules too. */
  async state(): Promise<Map<string, StateResource>> {
    interface Module {
      readonly resources?: readonly StateResource[];
      readonly child_modules?: readonly Module[];
    }
    const shown: { values?: { root_module?: Module } } = JSON.parse(await this.succeed("show", "-json"));
    const all = (module: Module): StateResource[] => [
      ...(module.resources ?? []),
      ...(module.child_modules ?? []).flatMap(all),
    ];
    return new Map(all(shown.values?.root_module ?? {}).map((resource) => [resource.address, resource]));
  }

  async import(address: string, id: string): Promise<void> {
    await this.succeed("import", ...QUIET, address, id);
  }

  /** Runs any command, and throws `TerraformError` if it fails. Returns standard output. */
  async succeed(...args: string[]): Promise<string> {
    const result = await this.command(args);
    if (result.code !== 0) throw new TerraformError(args[0] ?? "", result);
    return result.stdout;
  }

  /** Runs any command and says how it ended. */
  async command(args: readonly string[]): Promise<RunResult> {
    const { program, cwd, timeoutMs = 300_000 } = this.options;
    return run(program, args, { cwd, timeoutMs, env: await this.environment() });
  }

  /** An apply that somebody else ends: resolves with the signal that it was ended by, null where it ended by itself. */
  async applyUntilKilled(begun: (kill: () => void) => void, ...args: string[]): Promise<NodeJS.Signals | null> {
    const { program, cwd } = this.options;
    const env = await this.environment();
    const child = spawn(program, ["apply", ...QUIET, "-auto-approve", ...args], { cwd, env, stdio: "ignore" });
    begun(() => child.kill("SIGKILL"));
    return new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
  }

  private async environment(): Promise<NodeJS.ProcessEnv> {
    const { cwd, env, cliConfig, providers } = this.options;
    if (existsSync(join(cwd, "cdk.tf.json"))) await providers?.serve(cwd);
    return {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      TMPDIR: process.env["TMPDIR"],
      TF_IN_AUTOMATION: "1",
      TF_CLI_CONFIG_FILE: cliConfig ?? devNull,
      CHECKPOINT_DISABLE: "1",
      ...providers?.env,
      ...env,
    };
  }
}

const QUIET = ["-input=false", "-no-color"];
