import { randomBytes } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { CaravanError } from "../../core/errors";
import type { StackPlan } from "../plan/stack-plan";
import type { ObjectStore } from "./object-store";

/** A plan as it was shown to people. */
export interface ShownPlan {
  readonly version: 1;
  /** The commit that was planned. */
  readonly commit: string;
  readonly plan: StackPlan;
  /** Key of the hashes of secrets in the plan: new for each plan, and read only by who may read plans. */
  readonly key: string;
  readonly shownAt: string;
  readonly by: Actor;
}

/** Who did something, and where. */
export interface Actor {
  /** The person who began it, as the forge or the machine knows them. */
  readonly person: string;
  /** User and machine that run Terraform, as Terraform writes them into a lock. */
  readonly machine: string;
  /** Address of the pipeline's run. */
  readonly run?: string;
  /** What the pipeline promises to run one at a time. */
  readonly exclusive?: string;
}

/** How an apply went. `planning` and `applying` are its steps: whoever finds them finds an apply that was cut off. */
export type ApplyResult = "planning" | "applying" | "applied" | "stopped" | "failed";

/** What is left of each apply. */
export interface ApplyRecord {
  readonly version: 1;
  readonly stack: string;
  readonly commit: string;
  readonly result: ApplyResult;
  readonly by: Actor;
  readonly startedAt: string;
  readonly endedAt?: string;
  /** Whether an apply of this commit has begun to change things, and none has come to its end. */
  readonly partial?: boolean;
  /** The meaning of the plan, by its digest. */
  readonly plan?: string;
  /** The counts of the plan in words. */
  readonly changes?: string;
  /** Hash of everything that the stack is made of. */
  readonly inputs?: string;
  readonly message?: string;
}

/** The plans that were shown, by stack and commit, and the records of applies. */
export class PlanStore {
  constructor(
    private readonly objects: ObjectStore,
    private readonly stack: string,
  ) {}

  get name(): string {
    return this.objects.name;
  }

  /** Keeps a plan that was shown for a commit. A later plan of the same commit takes its place. */
  async keepShown(shown: ShownPlan): Promise<void> {
    await this.objects.write(this.shownKey(shown.commit), JSON.stringify(shown));
  }

  async shown(commit: string): Promise<ShownPlan | undefined> {
    return this.parse<ShownPlan>(this.shownKey(commit));
  }

  /** Keeps a plan that waits for somebody's word, by its digest. */
  async keepAsked(digest: string, shown: ShownPlan): Promise<void> {
    await this.objects.write(this.askedKey(digest), JSON.stringify(shown));
  }

  async asked(digest: string): Promise<ShownPlan | undefined> {
    return this.parse<ShownPlan>(this.askedKey(digest));
  }

  /** The last apply, whatever became of it. */
  async last(): Promise<ApplyRecord | undefined> {
    return this.parse<ApplyRecord>(`records/${this.stack}/last.json`);
  }

  /** The last apply that succeeded. */
  async applied(): Promise<ApplyRecord | undefined> {
    return this.parse<ApplyRecord>(`records/${this.stack}/applied.json`);
  }

  /** All applies, oldest first. */
  async history(): Promise<readonly ApplyRecord[]> {
    const keys = (await this.objects.list(`records/${this.stack}/`)).filter((key) => /\/\d[^/]*\.json$/.test(key));
    const records = await Promise.all(keys.map((key) => this.parse<ApplyRecord>(key)));
    return records.filter((record) => record !== undefined);
  }

  async keepRecord(record: ApplyRecord): Promise<void> {
    const text = JSON.stringify(record);
    await this.objects.write(`records/${this.stack}/${record.startedAt}.json`, text);
    await this.objects.write(`records/${this.stack}/last.json`, text);
    if (record.result === "applied") await this.objects.write(`records/${this.stack}/applied.json`, text);
  }

  private shownKey(commit: string): string {
    return `plans/${commit}/${this.stack}.json`;
  }

  private askedKey(digest: string): string {
    return `plans/asked/${this.stack}/${digest}.json`;
  }

  private async parse<T extends { readonly version: number }>(key: string): Promise<T | undefined> {
    const text = await this.objects.read(key);
    if (text === undefined) return undefined;
    let value: T | undefined;
    try {
      value = JSON.parse(text) as T;
    } catch {
      value = undefined;
    }
    if (value?.version === 1) return value;
    throw new CaravanError(`${this.name}/${key} was not written by this version of caravan. Remove it, or upgrade.`);
  }
}

/** A new key for the hashes of a plan's secrets. */
export function newKey(): string {
  return randomBytes(32).toString("hex");
}

/** Who runs this, by the variables of the pipeline or by the machine. */
export function currentActor(env: Readonly<Record<string, string | undefined>> = process.env): Actor {
  const machine = `${userInfo().username}@${hostname()}`;
  const run =
    env["GITHUB_RUN_ID"] === undefined
      ? undefined
      : `${env["GITHUB_SERVER_URL"]}/${env["GITHUB_REPOSITORY"]}/actions/runs/${env["GITHUB_RUN_ID"]}`;
  return {
    person: env["GITHUB_ACTOR"] ?? userInfo().username,
    machine,
    ...(run === undefined ? {} : { run }),
    ...(env["CARAVAN_EXCLUSIVE"] ? { exclusive: env["CARAVAN_EXCLUSIVE"] } : {}),
  };
}
