import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { CaravanError } from "../core/errors";
import { parseDuration } from "../core/values";
import { type CaravanConfig, CONFIG_FILE, readConfig } from "../gitops/config";
import type { StackGraph } from "../gitops/stack-graph";
import { environmentOf, readStacks, type SynthesizedStack } from "../gitops/stacks";
import { currentActor } from "../gitops/store/plan-store";
import { Workspace } from "../gitops/workspace";
import { appSettings } from "./app";
import type { Output } from "./output";

/** Options that every command takes. */
export interface GlobalOptions {
  readonly app?: string;
  readonly output?: string;
  readonly program?: string;
  readonly timeout?: string;
  readonly lockTimeout: string;
  readonly environment?: string;
}

/** Directory of the files with the checksums of providers, in the repository. */
export const LOCK_DIRECTORY = "terraform-locks";

const STEP_TIMEOUT = "60m";

/** Where a command works, and with what. */
export class Settings {
  constructor(
    readonly options: GlobalOptions,
    readonly output: Output,
    /** The repository's root. */
    readonly directory: string,
  ) {
    for (const [option, text] of [
      ["--timeout", options.timeout],
      ["--lock-timeout", options.lockTimeout],
    ] as const) {
      if (text !== undefined) demandTime(option, text);
    }
  }

  get config(): CaravanConfig | undefined {
    return readConfig(resolve(this.directory, CONFIG_FILE));
  }

  get app() {
    return appSettings(this.directory, this.options);
  }

  get timeoutMs(): number {
    return parseDuration(this.options.timeout ?? STEP_TIMEOUT, "ms");
  }

  /** Terraform or OpenTofu: as given, else as `caravan.json` says, else Terraform. */
  get program(): string {
    return this.options.program ?? this.config?.program ?? "terraform";
  }

  /** The stacks of the last synth; with `--environment` only that one's. */
  stacks(): StackGraph<SynthesizedStack> {
    const all = readStacks(resolve(this.directory, this.app.output));
    const { environment } = this.options;
    if (environment === undefined) return all;
    const names = [...new Set([environment, ...Object.keys(this.config?.environments ?? {})])];
    const own = all.subgraph(({ id }) => environmentOf(id, names) === environment);
    if (own.ids.length > 0) return own;
    throw new CaravanError(
      `No stack belongs to the environment "${environment}": its name is in no id. There are: ${all.ids.join(", ")}.`,
    );
  }

  /** The same with another environment. */
  of(environment: string): Settings {
    return new Settings({ ...this.options, environment }, this.output, this.directory);
  }

  /** @param commit What was synthesized; needed by what is stored or compared with it, not by who only looks. */
  workspace(commit = this.commit()): Workspace {
    return new Workspace({
      stacks: this.stacks(),
      commit,
      program: this.program,
      lockDirectory: resolve(this.directory, LOCK_DIRECTORY),
      timeoutMs: this.timeoutMs,
      lockTimeoutMs: parseDuration(this.options.lockTimeout, "ms"),
      actor: currentActor(),
      progress: this.output,
    });
  }

  /** The commit of the working directory; with a mark where files differ from it. */
  commit(): string {
    const git = (...args: string[]) =>
      execFileSync("git", args, { cwd: this.directory, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
    let commit: string;
    try {
      commit = git("rev-parse", "HEAD");
      // What is not under version control is no part of the commit, and is often a synth.
      if (git("status", "--porcelain", "--untracked-files=no") !== "") commit += "-changed";
    } catch {
      throw new CaravanError(
        "This is no Git repository with a commit, and Git is the truth. Commit first: git init && git commit.",
      );
    }
    return commit;
  }

  /** The environment that is given, or the only one of `caravan.json`. */
  environmentName(): string {
    const { environment } = this.options;
    if (environment !== undefined) return environment;
    const names = Object.keys(this.config?.environments ?? {});
    const [only, ...others] = names;
    if (only !== undefined && others.length === 0) return only;
    const there = others.length === 0 ? "" : ` There are: ${names.join(", ")}.`;
    throw new CaravanError(
      `Which environment? Give --environment with the name that stands in its stacks' ids.${there}`,
    );
  }
}

function demandTime(option: string, text: string): void {
  try {
    parseDuration(text, "ms");
  } catch (error) {
    if (!CaravanError.isCaravanError(error)) throw error;
    throw new CaravanError(`${option}: ${error.message}`);
  }
}
