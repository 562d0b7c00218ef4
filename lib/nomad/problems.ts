import { InvalidPropsError, type Problem } from "../core/errors";

/** A mistake in a job, and where it stands. */
export interface JobProblem extends Problem {
  readonly job: string;
  readonly group?: string;
  readonly task?: string;
  /** Path from the task, else the group, else the job, in the words of the job: `"service[0].check[1].interval"`. */
  readonly field: string;
  /** The policy rule that was broken; absent where Nomad itself would refuse the job. */
  readonly rule?: string;
}

/** What is wrong with a value: the rest of a problem once the place is known. */
export interface Mistake {
  readonly given?: unknown;
  readonly allowed: string;
  readonly fix: string;
  readonly rule?: string;
}

/** Collects the mistakes of one job. */
export class Findings {
  readonly problems: JobProblem[] = [];

  constructor(private readonly job: string) {}

  /** The place of the job itself; groups and tasks are reached from it. */
  get root(): Place {
    return new Place(this, { job: this.job }, "");
  }

  /** @throws InvalidPropsError with all mistakes. `path` is the construct's, or the job's id where there is none. */
  throwIfAny(construct: string, path: string): void {
    if (this.problems.length > 0) throw new InvalidPropsError(construct, path, this.problems);
  }
}

/** A place in a job, to which mistakes are reported. */
export class Place {
  constructor(
    private readonly findings: Findings,
    private readonly owner: { readonly job: string; readonly group?: string; readonly task?: string },
    private readonly path: string,
  ) {}

  /** A field below: `at("check", 1)` is `check[1]`. */
  at(...steps: readonly (string | number)[]): Place {
    const path = steps.reduce<string>((before, step) => {
      if (typeof step === "number") return `${before}[${step}]`;
      const name = /^[A-Za-z_]\w*$/.test(step) ? step : JSON.stringify(step);
      return before === "" ? name : `${before}.${name}`;
    }, this.path);
    return new Place(this.findings, this.owner, path);
  }

  group(name: string): Place {
    return new Place(this.findings, { job: this.owner.job, group: name }, "");
  }

  task(name: string): Place {
    return new Place(this.findings, { ...this.owner, task: name }, "");
  }

  report({ given, ...mistake }: Mistake): void {
    const { job, group, task } = this.owner;
    const places = [`job ${quote(job)}`];
    if (group !== undefined) places.push(`group ${quote(group)}`);
    if (task !== undefined) places.push(`task ${quote(task)}`);
    // A value of the wrong kind was reported already; the same field is not reported twice.
    if (this.findings.problems.some((other) => this.holds(other))) return;
    const property = [places.join(", "), this.path].filter((part) => part !== "").join(": ");
    this.findings.problems.push({ ...this.owner, field: this.path, property, given, ...mistake });
  }

  private holds(other: JobProblem): boolean {
    const { job, group, task } = this.owner;
    if (other.job !== job || other.group !== group || other.task !== task || other.rule !== undefined) return false;
    return other.field === this.path && this.path !== "";
  }
}

const quote = (name: string) => JSON.stringify(name);
