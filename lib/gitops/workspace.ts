import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonical } from "./plan/values";
import type { StackGraph } from "./stack-graph";
import type { SynthesizedStack } from "./stacks";
import { storeBeside } from "./store/beside";
import { type Actor, PlanStore } from "./store/plan-store";
import { type StateSnapshot, TerraformRunner } from "./terraform";

/** Tells how it goes: what happens to a stack, and what Terraform prints meanwhile. */
export interface Progress {
  /** Something worth a line of its own. */
  step(stack: string, text: string): void;
  /** A line of Terraform's. */
  detail(stack: string, line: string): void;
}

export interface WorkspaceProps {
  readonly stacks: StackGraph<SynthesizedStack>;
  /** The commit that was synthesized. */
  readonly commit: string;
  /** `"terraform"` or `"tofu"`. */
  readonly program: string;
  /**
   * Directory with a file `<stack>.hcl` for each stack, the checksums of its providers.
   *
   * @default - none is kept
   */
  readonly lockDirectory?: string;
  readonly timeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly actor: Actor;
  readonly progress: Progress;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Synthesized stacks with what it takes to plan and apply them. Everything it knows comes from backend and commit. */
export class Workspace {
  private readonly runners = new Map<string, TerraformRunner>();
  private readonly states = new Map<string, Promise<StateSnapshot | undefined>>();

  constructor(readonly props: WorkspaceProps) {}

  get stacks(): StackGraph<SynthesizedStack> {
    return this.props.stacks;
  }

  terraform({ id, directory }: SynthesizedStack): TerraformRunner {
    const { program, timeoutMs, lockTimeoutMs, env, progress } = this.props;
    const runner =
      this.runners.get(id) ??
      new TerraformRunner({
        program,
        directory,
        lockFile: this.lockFile(id),
        timeoutMs,
        lockTimeoutMs,
        env,
        onLine: (line) => progress.detail(id, line),
      });
    this.runners.set(id, runner);
    return runner;
  }

  store({ id, backend }: SynthesizedStack): PlanStore {
    return new PlanStore(storeBeside(backend, this.props.env), id);
  }

  /** The state of a stack, or nothing where it was never applied. Read once. */
  state(stack: SynthesizedStack): Promise<StateSnapshot | undefined> {
    const state = this.states.get(stack.id) ?? this.terraform(stack).state();
    this.states.set(stack.id, state);
    return state;
  }

  /** The state of a stack, read by its backend alone: who only looks needs none of its providers. */
  async stateAlone({ id, backend, terraform }: SynthesizedStack): Promise<StateSnapshot | undefined> {
    const { program, timeoutMs, lockTimeoutMs, env, progress } = this.props;
    const directory = mkdtempSync(join(tmpdir(), "caravan-state-"));
    const { backend: given, encryption } = terraform.terraform ?? {};
    // A path is meant from the stack's directory.
    const place = backend.kind === "local" ? { local: { path: backend.path } } : given;
    try {
      writeFileSync(join(directory, "backend.tf.json"), JSON.stringify({ terraform: { backend: place, encryption } }));
      const onLine = (line: string) => progress.detail(id, line);
      return await new TerraformRunner({ program, directory, timeoutMs, lockTimeoutMs, env, onLine }).state();
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  /** To be called when a stack was applied: its state is another. */
  forget({ id }: SynthesizedStack): void {
    this.states.delete(id);
  }

  /** Whether there is anything of a stack: it was applied, and not destroyed since. */
  async isThere(stack: SynthesizedStack): Promise<boolean> {
    const state = await this.state(stack);
    return state !== undefined && (state.resources.length > 0 || Object.keys(state.outputs).length > 0);
  }

  /** Those of the stacks below one of which there is nothing yet. */
  async missingBelow({ dependencies }: SynthesizedStack): Promise<readonly string[]> {
    const missing = await Promise.all(
      dependencies.map(async (id) => {
        const stack = this.stacks.get(id);
        const { resource, output } = stack.terraform;
        const makesNothing = resource === undefined && output === undefined;
        return makesNothing || (await this.isThere(stack)) ? [] : [id];
      }),
    );
    return missing.flat();
  }

  /**
   * Hash of all that a stack is made of: its configuration, its providers' checksums, the outputs of the stacks below it.
   * None where such an output is a secret, of which nothing may be kept.
   */
  async inputs(stack: SynthesizedStack): Promise<string | undefined> {
    const below: Record<string, unknown> = {};
    for (const id of stack.dependencies) {
      const outputs = Object.entries((await this.state(this.stacks.get(id)))?.outputs ?? {});
      if (outputs.some(([, { sensitive }]) => sensitive)) return undefined;
      below[id] = Object.fromEntries(outputs.map(([name, { value }]) => [name, value]));
    }
    const hash = createHash("sha256").update(canonical(below));
    const lock = this.lockFile(stack.id);
    for (const file of [...filesOf(stack.directory), ...(lock === undefined ? [] : [lock])]) {
      hash.update("\0").update(readFileSync(file));
    }
    return hash.digest("hex");
  }

  private lockFile(id: string): string | undefined {
    const { lockDirectory } = this.props;
    const file = lockDirectory === undefined ? undefined : join(lockDirectory, `${id}.hcl`);
    return file !== undefined && existsSync(file) ? file : undefined;
  }
}

/** What Terraform reads of a stack's directory: its configuration and cdktf's assets. */
function filesOf(directory: string): string[] {
  const assets = join(directory, "assets");
  return [
    ...readdirSync(directory)
      .filter((name) => /\.tf(\.json)?$/.test(name))
      .map((name) => join(directory, name)),
    ...(existsSync(assets)
      ? readdirSync(assets, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
      : []),
  ].sort();
}
