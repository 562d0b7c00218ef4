import { Token } from "cdktf";
import { InvalidPropsError, type Problem } from "../../core/errors";
import { hcl } from "../../core/hcl";
import type { Conditions } from "./policy-conditions";

/** Who a statement of a resource's policy or a role's trust policy is about. */
export interface PolicyPrincipals {
  /** AWS services: `["ec2.amazonaws.com"]`. */
  readonly service?: readonly string[];
  /** ARNs of accounts, roles and users. `"*"` is allowed in denials only. */
  readonly aws?: readonly string[];
  /** ARNs of identity providers. */
  readonly federated?: readonly string[];
}

/** One statement of an IAM policy. */
export interface PolicyStatement {
  /** Says what the statement is for, in letters and digits: `"ReadState"`. One of its kind in a document. */
  readonly sid: string;
  /** @default "Allow" */
  readonly effect?: "Allow" | "Deny";
  /** What it is about: `["s3:GetObject"]`. Either these or `notActions`. */
  readonly actions?: readonly string[];
  /** Everything but these. In denials only: in an allowance it would allow every other service. */
  readonly notActions?: readonly string[];
  /** ARNs, or `"*"` where AWS knows nothing narrower. Either these or `notResources`; in a trust policy neither. */
  readonly resources?: readonly string[];
  /** Everything but these. In denials only. */
  readonly notResources?: readonly string[];
  /** In the policies of resources and in trust policies only. */
  readonly principals?: PolicyPrincipals;
  /** @default - it holds always */
  readonly conditions?: Conditions;
}

/**
 * What a document is attached to: an identity (a role), a resource (a bucket, a key), or a role as the list of who may
 * assume it.
 */
export type PolicyKind = "identity" | "resource" | "trust";

/**
 * The JSON text of an IAM policy, for an attribute of Terraform.
 *
 * `name` says in messages which document is wrong, such as the path of the construct it is for.
 *
 * Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 *
 * @throws InvalidPropsError with everything that AWS would refuse, or that would allow more than it says: no action or
 * resource, a whole service allowed, everything but something allowed, an action that is none, a sid that AWS refuses
 * or that stands twice, principals where none belong, or everybody allowed.
 */
export function policyDocument(kind: PolicyKind, name: string, statements: readonly PolicyStatement[]): string {
  const problems = problemsOf(kind, statements);
  if (problems.length > 0) throw new InvalidPropsError("policyDocument", name, problems);
  return hcl.json(policyJson(statements));
}

/** The length that AWS counts against its limits: without white space. Terraform values count as they stand. */
export function policyLength(statements: readonly PolicyStatement[]): number {
  return JSON.stringify(policyJson(statements)).length;
}

function policyJson(statements: readonly PolicyStatement[]): object {
  return { Version: "2012-10-17", Statement: statements.map(statementJson) };
}

function statementJson(statement: PolicyStatement): object {
  const { sid, effect = "Allow", principals, actions, notActions, resources, notResources, conditions } = statement;
  return {
    Sid: sid,
    Effect: effect,
    Principal: principals && principalsJson(principals),
    Action: one(actions),
    NotAction: one(notActions),
    Resource: one(resources),
    NotResource: one(notResources),
    Condition: conditions && conditionsJson(conditions),
  };
}

function principalsJson({ service, aws, federated }: PolicyPrincipals): object {
  return { Service: one(service), AWS: one(aws), Federated: one(federated) };
}

function conditionsJson(conditions: Conditions): object {
  return Object.fromEntries(
    Object.entries(conditions).map(([operator, keys]) => [
      operator,
      Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, conditionValue(value)])),
    ]),
  );
}

function conditionValue(value: unknown): unknown {
  return Array.isArray(value) ? one(value.map(String)) : String(value);
}

/** AWS gives a list of one back as a text; written so from the start, no plan shows a difference. */
function one<T>(values: readonly T[] | undefined): T | readonly T[] | undefined {
  if (values === undefined || Token.isUnresolved(values)) return values;
  return values.length === 1 ? values[0] : values;
}

function problemsOf(kind: PolicyKind, statements: readonly PolicyStatement[]): Problem[] {
  const problems: Problem[] = [];
  if (statements.length === 0) {
    problems.push({ property: "statements", given: [], allowed: "one or more", fix: "give a statement" });
  }
  const sids = new Set<string>();
  statements.forEach((statement, index) => {
    const at = `statements[${index}]`;
    problems.push(...sidProblems(at, statement.sid, sids));
    problems.push(...elementProblems(at, statement, "actions", "notActions", ACTION));
    if (kind !== "trust") problems.push(...elementProblems(at, statement, "resources", "notResources", RESOURCE));
    problems.push(...kindProblems(kind, at, statement));
    problems.push(...conditionProblems(at, statement.conditions));
    sids.add(statement.sid);
  });
  return problems;
}

function* sidProblems(at: string, sid: string, others: ReadonlySet<string>): Generator<Problem> {
  if (!/^[A-Za-z0-9]+$/.test(sid)) {
    yield {
      property: `${at}.sid`,
      given: sid,
      allowed: "letters and digits",
      fix: 'write it as one word, such as "ReadState"',
    };
  }
  if (others.has(sid)) {
    yield { property: `${at}.sid`, given: sid, allowed: "a sid that no other statement has", fix: "rename one" };
  }
}

interface Element {
  readonly pattern: RegExp;
  readonly allowed: string;
  readonly fix: string;
  /** What an allowance must not hold. */
  readonly tooWide?: RegExp;
}

const ACTION: Element = {
  pattern: /^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$/,
  allowed: 'service:Action, such as "s3:GetObject"',
  fix: "write the action as the service authorization reference does",
  tooWide: /^(\*|[^:]*:\**)$/,
};

const RESOURCE: Element = {
  pattern: /^(\*|arn:[^\s]+)$/,
  allowed: 'an ARN, or "*" where AWS knows nothing narrower',
  fix: "write the resource's ARN, with its account and region",
};

function* elementProblems(
  at: string,
  statement: PolicyStatement,
  name: "actions" | "resources",
  notName: "notActions" | "notResources",
  { pattern, allowed, fix, tooWide }: Element,
): Generator<Problem> {
  const { [name]: values, [notName]: notValues } = statement;
  if ((values === undefined) === (notValues === undefined)) {
    yield {
      property: `${at}.${name}`,
      given: values,
      allowed: `${name} or ${notName}, one of both`,
      fix: values === undefined ? `say which ${name} the statement is about` : `remove ${notName}`,
    };
  }
  const allows = statement.effect !== "Deny";
  if (notValues !== undefined && allows) {
    yield {
      property: `${at}.${notName}`,
      given: notValues,
      allowed: `${notName} in a statement with the effect "Deny" only`,
      fix: `list the ${name} that are allowed: everything else AWS has would be allowed as well`,
    };
  }
  for (const [key, list] of [
    [name, values],
    [notName, notValues],
  ] as const) {
    if (list === undefined || Token.isUnresolved(list)) continue;
    if (list.length === 0) yield { property: `${at}.${key}`, given: list, allowed: "one or more", fix: `name ${name}` };
    for (const [index, value] of list.entries()) {
      if (Token.isUnresolved(value)) continue;
      const property = `${at}.${key}[${index}]`;
      if (!pattern.test(value)) yield { property, given: value, allowed, fix };
      else if (allows && tooWide?.test(value)) {
        yield { property, given: value, allowed: "single actions", fix: "list what is needed, action by action" };
      }
    }
  }
}

function* kindProblems(kind: PolicyKind, at: string, statement: PolicyStatement): Generator<Problem> {
  const { principals, resources, notResources, effect } = statement;
  if (kind === "trust" && (resources ?? notResources) !== undefined) {
    const given = resources ?? notResources;
    yield { property: `${at}.resources`, given, allowed: "nothing in a trust policy", fix: "remove it" };
  }
  if (kind === "identity") {
    if (principals === undefined) return;
    yield {
      property: `${at}.principals`,
      given: principals,
      allowed: "nothing in the policy of an identity, which is about itself",
      fix: "remove it",
    };
    return;
  }
  const named = Object.values(principals ?? {}).flat();
  if (named.length === 0) {
    yield {
      property: `${at}.principals`,
      given: principals,
      allowed: "one or more services, ARNs or identity providers",
      fix: "say who the statement is about",
    };
  }
  if (effect !== "Deny" && named.includes("*")) {
    yield {
      property: `${at}.principals`,
      given: principals,
      allowed: 'everybody ("*") in a statement with the effect "Deny" only',
      fix: "name the account, role or service that is allowed",
    };
  }
}

function* conditionProblems(at: string, conditions: Conditions = {}): Generator<Problem> {
  for (const [operator, keys] of Object.entries(conditions)) {
    for (const [key, value] of Object.entries(keys)) {
      if (Array.isArray(value) && value.length === 0) {
        yield {
          property: `${at}.conditions.${operator}["${key}"]`,
          given: value,
          allowed: "one or more values",
          fix: "remove the condition, or say what it compares with",
        };
      }
    }
  }
}
