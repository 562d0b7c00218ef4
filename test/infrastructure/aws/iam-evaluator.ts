/** What is asked of AWS, with the context keys that conditions look at. */
export interface IamRequest {
  readonly action: string;
  /** @default "*" */
  readonly resource?: string;
  /** Who asks, where the policies are a resource's own. */
  readonly principal?: string;
  readonly context?: Readonly<Record<string, string>>;
}

/** A denial that a statement says wins over one that only lacks an allowance. */
export type IamDecision = "allow" | "deny" | "no";

interface Statement {
  readonly Effect: string;
  readonly Principal?: Readonly<Record<string, string | readonly string[]>>;
  readonly [element: string]: unknown;
}

/**
 * Decides as IAM does, for the elements and operators that our policies use; throws on others.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function decide(documents: readonly unknown[], request: IamRequest): IamDecision {
  const statements = documents.flatMap((document) => (document as { Statement: Statement[] }).Statement);
  const effects = statements.filter((statement) => applies(statement, request)).map(({ Effect }) => Effect);
  if (effects.includes("Deny")) return "deny";
  return effects.includes("Allow") ? "allow" : "no";
}

function applies(statement: Statement, { action, resource = "*", principal, context = {} }: IamRequest): boolean {
  return (
    named(statement, "Action", action.toLowerCase(), (text) => text.toLowerCase()) &&
    named(statement, "Resource", resource) &&
    (statement.Principal === undefined ||
      Object.values(statement.Principal).some((who) => list(who).some((each) => each === "*" || each === principal))) &&
    Object.entries((statement["Condition"] ?? {}) as Record<string, Record<string, unknown>>).every(
      ([operator, keys]) => Object.entries(keys).every(([key, values]) => holds(operator, context[key], list(values))),
    )
  );
}

function named(statement: Statement, element: string, value: string, fold = (text: string) => text): boolean {
  const not = statement[`Not${element}`];
  if (not !== undefined) return !list(not).some((pattern) => like(fold(pattern), value));
  const own = statement[element];
  return own === undefined || list(own).some((pattern) => like(fold(pattern), value));
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

/** IAM's wildcards: any run of characters, any one character. */
export function like(pattern: string, value: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(value);
}

const operators: Record<string, (given: string, wanted: string) => boolean> = {
  StringEquals: (given, wanted) => given === wanted,
  StringLike: (given, wanted) => like(wanted, given),
  ArnEquals: (given, wanted) => like(wanted, given),
  ArnLike: (given, wanted) => like(wanted, given),
  Bool: (given, wanted) => given === wanted,
  NumericLessThan: (given, wanted) => Number(given) < Number(wanted),
};

function holds(operator: string, given: string | undefined, wanted: readonly string[]): boolean {
  if (operator === "Null") return String(given === undefined) === wanted[0];
  // Of several values of the request all must match; a test gives one.
  const [, all, name = "", ifExists] = /^(ForAllValues:)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  if (all !== undefined && given === undefined) return true;
  const negated = name.includes("Not");
  const compare = operators[name.replace("Not", "")];
  if (compare === undefined) throw new Error(`iam-evaluator: ${operator} is not known`);
  if (given === undefined) return negated || ifExists !== undefined;
  return wanted.some((value) => compare(given, value)) !== negated;
}
