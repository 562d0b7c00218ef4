import type { SynthesizedBlock, SynthesizedResource, SynthesizedStack } from "../synthesized-stack";
import { isObject, isUnknown, type JsonObject, property } from "../values";

/**
 * A statement of an IAM policy document, from JSON or from the data source `aws_iam_policy_document`. Texts are as they
 * stand: what only Terraform knows is still `"${...}"`.
 */
export interface Statement {
  /** Where it stands: `"policy.Statement[0]"`. */
  readonly path: string;
  /** False for a denial, and for an effect that only Terraform knows. */
  readonly allows: boolean;
  readonly actions: readonly string[];
  /** Every action but some: with `Allow` as wide as a wildcard. */
  readonly allActionsBut: boolean;
  readonly resources: readonly string[];
  readonly principals: readonly Principal[];
  readonly conditions: readonly Condition[];
  /** Conditions stand there that only Terraform knows. */
  readonly hasUnknownConditions: boolean;
}

export interface Principal {
  /** `"AWS"`, `"Service"`, `"Federated"`, or `"*"`. */
  readonly type: string;
  readonly id: string;
}

export interface Condition {
  /** The operator: `"StringEquals"`. */
  readonly test: string;
  readonly variable: string;
  readonly values: readonly string[];
}

/** What is known of a policy document. */
export interface PolicyDocument {
  readonly statements: readonly Statement[];
  /** Whether that is all of it: false where a part is known to Terraform only. */
  readonly isWhole: boolean;
}

const UNKNOWN_DOCUMENT: PolicyDocument = { statements: [], isWhole: false };
const DATA_SOURCE = /^\$\{(data\.aws_iam_policy_document\.[\w-]+)(?:\[[^\]]*\])?\.(?:json|minified_json)\}$/;

/** Several rules read the same policy. */
const read = new WeakMap<SynthesizedBlock, Map<string, PolicyDocument>>();

/** Reads the policy document of an attribute; `undefined` where there is none. */
export function policyOf(
  block: SynthesizedBlock,
  attribute: string,
  stack: SynthesizedStack,
): PolicyDocument | undefined {
  const value = block.value(attribute);
  if (value === undefined) return undefined;
  const known = read.get(block)?.get(attribute);
  if (known !== undefined) return known;
  const document = documentOf(value, block.at(attribute), stack, 0);
  read.set(block, (read.get(block) ?? new Map()).set(attribute, document));
  return document;
}

/** The statements of an attribute that are known. */
export function statementsOf(
  block: SynthesizedBlock,
  attribute: string,
  stack: SynthesizedStack,
): readonly Statement[] {
  return policyOf(block, attribute, stack)?.statements ?? [];
}

function documentOf(value: unknown, path: string, stack: SynthesizedStack, depth: number): PolicyDocument {
  const source = typeof value === "string" ? DATA_SOURCE.exec(value)?.[1] : undefined;
  const data = source === undefined ? undefined : stack.at(source);
  if (data !== undefined) return fromDataSource(data, path, stack, depth);
  const document = stack.document(value);
  if (!isObject(document)) return UNKNOWN_DOCUMENT;
  const statements = list(property(document, "Statement"));
  return {
    statements: statements.filter(isObject).map((body, index) => fromJson(body, `${path}.Statement[${index}]`)),
    isWhole: !statements.some(isUnknown),
  };
}

function fromJson(body: JsonObject, path: string): Statement {
  const condition = property(body, "Condition");
  return {
    path,
    allows: property(body, "Effect") === "Allow",
    actions: texts(property(body, "Action")),
    allActionsBut: property(body, "NotAction") !== undefined,
    resources: texts(property(body, "Resource")),
    principals: principals(property(body, "Principal"), property(body, "NotPrincipal")),
    conditions: conditions(condition),
    hasUnknownConditions: isUnknown(condition) || (isObject(condition) && Object.values(condition).some(isUnknown)),
  };
}

function principals(principal: unknown, allBut: unknown): Principal[] {
  // Everybody but some is everybody.
  if (allBut !== undefined || principal === "*") return [{ type: "*", id: "*" }];
  if (typeof principal === "string") return [{ type: principal, id: principal }];
  if (!isObject(principal)) return [];
  return Object.entries(principal).flatMap(([type, ids]) => texts(ids).map((id) => ({ type, id })));
}

function conditions(condition: unknown): Condition[] {
  if (!isObject(condition)) return [];
  return Object.entries(condition).flatMap(([test, tests]) =>
    isObject(tests)
      ? Object.entries(tests).map(([variable, values]) => ({ test, variable, values: texts(values) }))
      : [],
  );
}

/** Documents may be put together of others; deeper than this they are taken as unknown. */
const MAX_DEPTH = 5;

function fromDataSource(
  data: SynthesizedResource,
  path: string,
  stack: SynthesizedStack,
  depth: number,
): PolicyDocument {
  if (depth > MAX_DEPTH) return UNKNOWN_DOCUMENT;
  const blocks = data.blocks("statement");
  const own = blocks.filter((block) => !block.isUnknown).map((block) => fromBlock(block, `${path} (${data.address}).`));
  const merged = ["source_policy_documents", "override_policy_documents"]
    .flatMap((attribute) => list(data.value(attribute)))
    .map((document) => documentOf(document, path, stack, depth + 1));
  return {
    statements: [...own, ...merged.flatMap((document) => document.statements)],
    isWhole: own.length === blocks.length && merged.every((document) => document.isWhole),
  };
}

function fromBlock(statement: SynthesizedBlock, prefix: string): Statement {
  const everybody = statement.blocks("not_principals").length > 0;
  return {
    path: prefix + statement.path,
    allows: (statement.value("effect") ?? "Allow") === "Allow",
    actions: texts(statement.value("actions")),
    allActionsBut: statement.has("not_actions"),
    resources: texts(statement.value("resources")),
    principals: everybody
      ? [{ type: "*", id: "*" }]
      : statement
          .blocks("principals")
          .flatMap((block) =>
            texts(block.value("identifiers")).map((id) => ({ type: String(block.value("type") ?? ""), id })),
          ),
    conditions: statement.blocks("condition").map((block) => ({
      test: String(block.value("test") ?? ""),
      variable: String(block.value("variable") ?? ""),
      values: texts(block.value("values")),
    })),
    hasUnknownConditions: statement
      .blocks("condition")
      .some((block) => isWhollyUnknown(String(block.value("variable")))),
  };
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}

function texts(value: unknown): string[] {
  return list(value).flatMap((text) =>
    typeof text === "string" ? [text] : typeof text === "boolean" || typeof text === "number" ? [String(text)] : [],
  );
}

/** Of `"${local.issuer}:aud"` enough is known to judge; of `"${local.claim}"` nothing. */
export function isWhollyUnknown(text: string): boolean {
  return /^\$\{[^}]*\}$/.test(text);
}

export function isEverybody(principal: Principal): boolean {
  return principal.id === "*" && (principal.type === "*" || principal.type === "AWS");
}

/** `*`, or an ARN that leaves everything of a service open. */
export function isEverything(resource: string): boolean {
  return /^\*+$|^arn:[^:]*:[^:]*:[^:]*:[^:]*:\*+(?:\/\*+)*$/.test(resource);
}

/** Condition keys that tie whoever calls to an account, an organization, a network or a resource. */
const NARROWING = new Set(
  [
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIp",
    "aws:SourceOrgID",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "kms:CallerAccount",
    "s3:DataAccessPointAccount",
  ].map((key) => key.toLowerCase()),
);

/** Whether an `Allow` for everybody is in truth for somebody. */
export function isNarrowed(statement: Statement): boolean {
  return (
    statement.hasUnknownConditions ||
    statement.conditions.some(
      ({ test, variable, values }) =>
        NARROWING.has(variable.toLowerCase()) &&
        !/Not|Null|^ForAllValues|IfExists$/.test(test) &&
        // One of the values is enough to get in.
        values.length > 0 &&
        !values.some((value) => /^\*+$|^0\.0\.0\.0\/0$|^::\/0$/.test(value)),
    )
  );
}
