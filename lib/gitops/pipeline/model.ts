import type { Runner } from "../config";

/** A pipeline in no forge's words: what a renderer turns into a workflow, and a person can run step by step. */
export interface Pipeline {
  /** Name of the pipeline and of its file: `caravan-apply-prod`. */
  readonly name: string;
  readonly trigger: Trigger;
  /**
   * Of the runs of one such name, one goes on at a time. Others wait, and none is ever ended in the middle.
   *
   * @default - as many as there are
   */
  readonly exclusive?: string;
  readonly jobs: readonly Job[];
}

export type Trigger =
  | { readonly kind: "pull request"; readonly branch: string }
  | { readonly kind: "push"; readonly branch: string; readonly inputs: readonly Input[] }
  | { readonly kind: "schedule"; readonly cron: string }
  | { readonly kind: "manual"; readonly inputs: readonly Input[] };

/** What a person is asked for who starts a pipeline by hand. */
export interface Input {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
}

/** As whom a job acts: nobody, who may look, or who may change. */
export type Identity = "none" | "planner" | "deployer";

/** What a job may do in the forge, beside reading the repository. */
export type ForgeRight = "comment" | "read pull requests" | "issues" | "push";

export interface Job {
  readonly id: string;
  /** Jobs that must have succeeded. */
  readonly needs: readonly string[];
  /** @default - the forge's own */
  readonly runner?: Runner;
  readonly identity: Identity;
  /** The environment that it looks at or changes. A deployer's job waits for that one's approval. */
  readonly environment?: string;
  readonly rights: readonly ForgeRight[];
  /** Whether it runs for changes from people without write access. @default true */
  readonly forStrangers?: boolean;
  /** The one branch on which it runs. @default - any */
  readonly onlyOn?: string;
  /** Runs once for each of these, each told as `CARAVAN_STACK`. @default - once */
  readonly each?: readonly string[];
  /** Runs only if this output of another job is not empty. */
  readonly ifOutput?: { readonly job: string; readonly output: string };
  /** Outputs of its steps that other jobs read. */
  readonly outputs?: readonly string[];
  readonly minutes: number;
  readonly steps: readonly Step[];
}

export type Step =
  | {
      readonly kind: "checkout" /** An output of another job. */;
      readonly commit?: { readonly job: string; readonly output: string };
    }
  /** Installs Node and the packages of the lock file; with scripts only where nobody's identity is around. */
  | { readonly kind: "packages"; readonly scripts: boolean }
  | { readonly kind: "terraform" }
  | { readonly kind: "sign in" }
  | { readonly kind: "keep synth" }
  | { readonly kind: "fetch synth" }
  | RunStep;

/** A step that anybody can run on a laptop. */
export interface RunStep {
  readonly kind: "run";
  readonly name: string;
  readonly command: string;
  /** Names of facts that the command reads from variables. */
  readonly env?: Readonly<Record<string, Fact>>;
  /** The output that is what the command prints. */
  readonly output?: string;
  /** Whether the job goes on where the step fails. @default false */
  readonly mayFail?: boolean;
}

/** What only the forge knows. */
export type Fact =
  /** The commit that a pull request proposes. */
  | "proposed commit"
  /** The number of the pull request. */
  | "pull request"
  /** The commit that runs. */
  | "commit"
  /** A token of the forge for this job. */
  | "forge token"
  /** What `exclusive` promises. */
  | "exclusive"
  | { readonly input: string };
