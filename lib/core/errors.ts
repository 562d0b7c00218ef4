import { Token } from "cdktf";

/** One mistake in what a construct was given. */
export interface Problem {
  /** Where the value stands, in the words of the props: `"network.cidr"`, `"workers.general.min"`. */
  readonly property: string;
  /** The value as it was given. */
  readonly given: unknown;
  /** What is allowed, as a phrase that follows "allowed:". */
  readonly allowed: string;
  /** What to do about it, as an imperative. */
  readonly fix: string;
}

/** The base of every error that this library throws on purpose. Its text is meant for the person at the keyboard. */
export class CaravanError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }

  /** Works across two copies of the library, where `instanceof` does not. */
  static isCaravanError(x: unknown): x is CaravanError {
    return x instanceof Error && BRAND in x;
  }
}

const BRAND = Symbol.for("cdktf-caravan/CaravanError");
Object.defineProperty(CaravanError.prototype, BRAND, { value: true });

/** Props that cannot work. All mistakes of one props object are reported together. */
export class InvalidPropsError extends CaravanError {
  constructor(
    /** The construct's class, `"AwsNetwork"`. */
    readonly construct: string,
    /** The construct's path in the tree, `"prod-infrastructure/network"`. */
    readonly path: string,
    readonly problems: readonly Problem[],
  ) {
    super(describe(construct, path, problems));
  }
}

/** Something is wrong with a synthesized stack as a whole: ids that collide, a policy finding, a misplaced stack. */
export class SynthesisError extends CaravanError {}

function describe(construct: string, path: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 mistake" : `${problems.length} mistakes`;
  const lines = problems.flatMap((problem) => [
    `  ${problem.property}: given ${show(problem.given)}`,
    `    allowed: ${problem.allowed}`,
    `    fix:     ${problem.fix}`,
  ]);
  return [`${construct} at "${path}": ${count} in its props`, ...lines].join("\n");
}

const SHOWN_LENGTH = 120;

/** A value as it stands in a message: JSON where that says it, at most 120 characters, tokens by name. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "function") return "a function";
  if (Token.isUnresolved(value)) return "a Terraform value";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  let text: string;
  try {
    text =
      JSON.stringify(value, (_, inner) => (Token.isUnresolved(inner) ? "a Terraform value" : inner)) ?? String(value);
  } catch {
    text = Object.prototype.toString.call(value);
  }
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH - 1)}…` : text;
}

/** What a value must fulfil. Rules are plain values, so that two constructs share them and a test can name them. */
export interface Rule<T = unknown> {
  readonly allowed: string;
  readonly fix: string;
  accepts(value: unknown): value is T;
}

/** Makes a rule of its three parts. */
export function rule<T>(parts: { allowed: string; fix: string; accepts: (value: unknown) => boolean }): Rule<T> {
  return parts as Rule<T>;
}

/**
 * Collects the mistakes of one props object and throws them together. Values that Terraform knows only later (tokens)
 * are let through.
 */
export class PropsCheck {
  private readonly problems: Problem[] = [];
  private readonly path: string;

  /** `id` is the id of what is about to be made below `scope`: a construct, or anything else with a path. */
  constructor(
    private readonly construct: string,
    private readonly scope: { readonly node: { readonly path: string } },
    private readonly id: string,
  ) {
    this.path = [scope.node.path, id].filter((part) => part !== "").join("/");
  }

  /** The same check for the props that stand in one property: what is recorded there is `property.name` here. */
  under(property: string): PropsCheck {
    const inner = new PropsCheck(this.construct, this.scope, this.id);
    inner.add = (problem) => this.add({ ...problem, property: `${property}.${problem.property}` });
    return inner;
  }

  /** Checks a value if it was given. Says whether the value is known and right. */
  optional<T>(property: string, value: unknown, expected: Rule<T>): value is T {
    if (value === undefined) return false;
    return this.required(property, value, expected);
  }

  /** Checks a value that must be given. Says whether the value is known and right. */
  required<T>(property: string, value: unknown, expected: Rule<T>): value is T {
    if (value !== undefined && Token.isUnresolved(value)) return false;
    if (value !== undefined && expected.accepts(value)) return true;
    this.add({ property, given: value, allowed: expected.allowed, fix: expected.fix });
    return false;
  }

  /** Checks every element of a list, naming the one that is wrong: `zones[2]`. */
  each<T>(property: string, values: unknown, expected: Rule<T>): boolean {
    if (values === undefined || Token.isUnresolved(values)) return false;
    if (!Array.isArray(values)) {
      this.add({ property, given: values, allowed: `a list, each: ${expected.allowed}`, fix: "write it as a list" });
      return false;
    }
    return values.map((value, index) => this.required(`${property}[${index}]`, value, expected)).every(Boolean);
  }

  /** Records a mistake that no single rule describes, as between two properties. */
  add(problem: Problem): void {
    this.problems.push(problem);
  }

  /** @throws InvalidPropsError with every mistake that was recorded. */
  done(): void {
    if (this.problems.length > 0) throw new InvalidPropsError(this.construct, this.path, this.problems);
  }
}
