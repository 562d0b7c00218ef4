import { type IResolvable, type IResolveContext, Token } from "cdktf";
import { CaravanError } from "./errors";
import { templateParts } from "./hcl-decode";
import { type Fragment, fragmentsOf, holdsToken, onlyToken, tokenOf } from "./hcl-tokens";

const BRAND = Symbol.for("cdktf-caravan/HclToken");

/** A token of ours: knows both of Terraform's notations, template and expression. */
export abstract class HclToken implements IResolvable {
  readonly creationStack: string[] = [];

  constructor() {
    Object.defineProperty(this, BRAND, { value: true });
  }

  abstract resolve(context: IResolveContext): string;

  toString(): string {
    return Token.asString(this);
  }

  toJSON(): string {
    return "<known to Terraform only: use hcl.json, not JSON.stringify>";
  }
}

/** Runs `body` while tokens resolve to bare expressions. */
export function inExpression<T>(context: IResolveContext, body: () => T): T {
  return withBraces(context, false, body);
}

function withBraces<T>(context: IResolveContext, braces: boolean, body: () => T): T {
  const before = context.suppressBraces;
  context.suppressBraces = !braces;
  try {
    return body();
  } finally {
    context.suppressBraces = before;
  }
}

/** Writes a value as an HCL expression. To be called within `inExpression`. */
export function encode(value: unknown, context: IResolveContext): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return encodeString(value, context);
  const token = tokenOf(value);
  if (token !== undefined) return encodeToken(token, context);
  return encodePlain(value, (inner) => encode(inner, context));
}

function encodePlain(value: unknown, encodeInner: (inner: unknown) => string): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return encodeNumber(value);
  if (Array.isArray(value)) return `[${value.map(encodeInner).join(", ")}]`;
  if (typeof value !== "object") throw new CaravanError(`hcl: a ${typeof value} has no Terraform expression`);
  const entries = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .map(([key, inner]) => {
      const encodedKey = encodeInner(key);
      // A key that is an expression needs parentheses, or HCL takes it for a name.
      return `${QUOTED.test(encodedKey) ? encodedKey : `(${encodedKey})`} = ${encodeInner(inner)}`;
    });
  return `{${entries.join(", ")}}`;
}

const QUOTED = /^"(?:[^"\\]|\\.)*"$/s;

function encodeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new CaravanError(`hcl: ${value} has no Terraform expression`);
  return Object.is(value, -0) ? "0" : String(value);
}

function encodeString(value: string, context: IResolveContext): string {
  if (!holdsToken(value)) return quoted(value);
  const only = onlyToken(value);
  if (only === undefined) return encodeFragments(fragmentsOf(value), context);
  const expression = encodeToken(only.token, context);
  return only.isText ? `tostring(${expression})` : expression;
}

/** Literals and tokens as a quoted text. */
export function encodeFragments(fragments: readonly Fragment[], context: IResolveContext): string {
  return `"${joinTemplate(fragments, escapeQuoted, context)}"`;
}

/**
 * A token as an expression. What is an expression by itself says so; anything else (`Lazy`, `Token.asAny`, a computed
 * map) may resolve to literal text as well as to references, which only a template tells apart.
 */
export function encodeToken(token: IResolvable, context: IResolveContext): string {
  if (BRAND in token || "resolveExpressionPart" in token) {
    return String(inExpression(context, () => context.resolve(token)));
  }
  return encodeResolved(withBraces(context, true, () => context.resolve(token)));
}

/** What was resolved holds no tokens any more: its texts are templates. */
function encodeResolved(value: unknown): string {
  return typeof value === "string" ? encodeTemplate(value) : encodePlain(value, encodeResolved);
}

function encodeTemplate(template: string): string {
  const parts = templateParts(template);
  if (parts === undefined) throw new CaravanError(`hcl: ${JSON.stringify(template)} is no Terraform template`);
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && "opaque" in only) {
    const expression = /^\$\{([^~].*[^~]|[^~])\}$/s.exec(only.opaque)?.[1];
    if (expression !== undefined) return expression;
  }
  return `"${joinParts(
    parts.map((part) => ("literal" in part ? { literal: part.literal } : { raw: part.opaque })),
    escapeQuoted,
  )}"`;
}

/** The inside of a template of literals and tokens. */
export function joinTemplate(
  fragments: readonly Fragment[],
  escapeLiteral: (literal: string) => string,
  context: IResolveContext,
): string {
  const parts = fragments.map((fragment) =>
    fragment.kind === "literal" ? { literal: fragment.text } : { raw: `\${${encodeToken(fragment.token, context)}}` },
  );
  return joinParts(parts, escapeLiteral);
}

function joinParts(
  parts: readonly ({ readonly literal: string } | { readonly raw: string })[],
  escapeLiteral: (literal: string) => string,
): string {
  return parts
    .map((part, index) => {
      if ("raw" in part) return part.raw;
      if (index === parts.length - 1) return escapeLiteral(part.literal);
      // A `$` right before an interpolation would turn the interpolation's own `${` into an escape.
      let end = part.literal.length;
      while (end > 0 && "$%".includes(part.literal.charAt(end - 1))) end--;
      return escapeLiteral(part.literal.slice(0, end)) + interpolated(part.literal.slice(end));
    })
    .join("");
}

/**
 * `$${` is the template escape for `${`. What a run of several `$` and `%` before a brace means is nowhere written down, so
 * such a run is written as an interpolated text.
 */
export function escapeOpenings(literal: string): string {
  if (!/[$%]\{/.test(literal)) return literal;
  return literal.replace(/([$%]+)(\{?)/g, (whole, run: string, brace) => {
    if (brace === "") return whole;
    return (run.length === 1 ? run + run : interpolated(run)) + brace;
  });
}

function interpolated(run: string): string {
  return run === "" ? "" : `\${"${run}"}`;
}

function quoted(literal: string): string {
  return `"${escapeQuoted(literal)}"`;
}

const ESCAPES: Record<string, string> = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The inside of an HCL quoted text. */
function escapeQuoted(literal: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to be escaped
  const escaped = literal.replace(/[\\"\u0000-\u001f\u007f]/g, (character) => {
    return ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return escapeOpenings(escaped);
}
