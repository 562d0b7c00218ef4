import { type IResolvable, type IResolveContext, Token, Tokenization } from "cdktf";

/**
 * The only way text with `${`, `%{`, quotes or JSON reaches Terraform.
 *
 * cdktf passes a literal `${` on as an interpolation, and its own `Fn.jsonencode`, `Fn.rawString` and
 * `Fn.base64encode` write wrong or invalid Terraform for quotes, backslashes, `%{` and null in lists. These functions
 * write what was given, with tokens (references) of every kind anywhere inside:
 *
 * ```ts
 * hcl.text("cost: ${100}");                    // an attribute that holds exactly this text
 * hcl.json({ Resource: bucket.arn });          // jsonencode({...}), or plain JSON text where nothing is unknown
 * hcl.call("base64encode", hcl.json(config));  // any Terraform function
 * ```
 */
export const hcl = {
  /**
   * Literal text for an attribute. Tokens inside stay references; everything else arrives as it is written.
   */
  text(value: string): string {
    return template(value);
  },

  /**
   * A value for attributes of map, list or object type: every text and key inside is taken literally, as `text` does.
   */
  value<T>(value: T): T {
    return escapeDeep(value) as T;
  },

  /**
   * JSON text of a value, for attributes that hold JSON (policies, job specifications, configuration).
   *
   * Keys with the value `undefined` are dropped, as `JSON.stringify` does. Where no token is inside, the text is known at synth
   * and keeps the order of its keys; otherwise Terraform's `jsonencode` makes it, with sorted keys.
   */
  json(value: unknown): string {
    if (!containsToken(value)) return template(JSON.stringify(value));
    return Token.asString(new HclCall("jsonencode", [value]));
  },

  /** A call of a Terraform function, with every argument written as an HCL expression. */
  call(name: string, ...args: unknown[]): IResolvable {
    return new HclCall(name, args);
  },

  /** A call of a Terraform function whose result is a text. */
  callString(name: string, ...args: unknown[]): string {
    return Token.asString(new HclCall(name, args));
  },

  /** The value as an HCL expression, without the surrounding `${}`: `{"a" = aws_vpc.main.id}`. */
  expression(value: unknown): IResolvable {
    return new HclExpression(value);
  },
};

/**
 * `$${` is the template escape for `${`, but not after another `$`: `$$${` is read as one escape too early or too late,
 * depending on what precedes. A run of several `$` and `%` is therefore written as an interpolated text.
 */
const OPENING = /[$%]+(?=\{)/g;

function escapeOpenings(literal: string): string {
  return literal.replace(OPENING, (run) => (run.length === 1 ? run + run : quotedInterpolation(run)));
}

function quotedInterpolation(run: string): string {
  return `\${"${run}"}`;
}

function template(value: string): string {
  if (!holdsToken(value)) return escapeOpenings(value);
  const fragments = fragmentsOf(value);
  // A text that is nothing but one reference keeps its type (a list in disguise, say).
  if (fragments.length === 1) return value;
  return Token.asString(new HclTemplate(fragments));
}

/** Joins literal and expression parts to the inside of a template. */
function joinTemplate(
  fragments: readonly Fragment[],
  literal: (text: string) => string,
  expression: (token: IResolvable) => string,
): string {
  return fragments
    .map((fragment, index) => {
      if (fragment.kind === "token") return `\${${expression(fragment.token)}}`;
      if (fragments[index + 1] === undefined) return literal(fragment.text);
      // A `$` right before a token would turn the token's own `${` into an escape.
      const [, body = "", run = ""] = /^(.*?)([$%]*)$/s.exec(fragment.text) ?? [];
      return literal(body) + (run === "" ? "" : quotedInterpolation(run));
    })
    .join("");
}

function escapeDeep(value: unknown): unknown {
  if (typeof value === "string") return template(value);
  if (value === null || typeof value !== "object" || isToken(value)) return value;
  if (Array.isArray(value)) return value.map(escapeDeep);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [template(key), escapeDeep(inner)]));
}

type Fragment = { kind: "literal"; text: string } | { kind: "token"; token: IResolvable };

/** How cdktf and its fork hand out the parts of a marked text; the array has no public getter. */
interface ReversedString {
  readonly fragments: readonly (
    | { readonly type: "literal"; readonly lit: string }
    | { readonly type: "token"; readonly token: IResolvable }
    | { readonly type: "intrinsic"; readonly value: unknown }
  )[];
}

/** A number token that was pasted into a text stands there as a number with an exponent. */
const NUMBER_IN_TEXT = /-?\d+(?:\.\d+)?e[+-]?\d+/gi;

function holdsToken(value: string): boolean {
  return Token.isUnresolved(value) || numberTokens(value).length > 0;
}

function numberTokens(value: string): { index: number; length: number; token: IResolvable }[] {
  return [...value.matchAll(NUMBER_IN_TEXT)].flatMap((match) => {
    const token = Tokenization.reverseNumber(Number.parseFloat(match[0]));
    return token === undefined ? [] : [{ index: match.index, length: match[0].length, token }];
  });
}

function fragmentsOf(value: string): Fragment[] {
  const reversed = Tokenization.reverseString(value) as unknown as ReversedString;
  const fragments: Fragment[] = [];
  const addLiteral = (text: string) => {
    if (text === "") return;
    const previous = fragments.at(-1);
    if (previous?.kind === "literal") previous.text += text;
    else fragments.push({ kind: "literal", text });
  };
  for (const fragment of reversed.fragments) {
    if (fragment.type === "token") {
      fragments.push({ kind: "token", token: fragment.token });
      continue;
    }
    const literal = String(fragment.type === "literal" ? fragment.lit : fragment.value);
    let done = 0;
    for (const { index, length, token } of numberTokens(literal)) {
      addLiteral(literal.slice(done, index));
      fragments.push({ kind: "token", token });
      done = index + length;
    }
    addLiteral(literal.slice(done));
  }
  return fragments;
}

/** A token in any of its disguises: an object, a marked text, number, list or map. */
function isToken(value: unknown): boolean {
  return tokenOf(value) !== undefined;
}

function tokenOf(value: unknown): IResolvable | undefined {
  if (value === null || value === undefined) return undefined;
  if (Tokenization.isResolvable(value)) return value;
  if (typeof value === "number") return Tokenization.reverseNumber(value);
  if (Array.isArray(value)) {
    if (value.length !== 1) return undefined;
    return typeof value[0] === "number"
      ? Tokenization.reverseNumberList(value as number[])
      : typeof value[0] === "string"
        ? Tokenization.reverseList(value as string[])
        : undefined;
  }
  if (typeof value === "object") return Tokenization.reverseMap(value as Record<string, unknown>);
  return undefined;
}

function containsToken(value: unknown): boolean {
  if (typeof value === "string") return holdsToken(value);
  if (isToken(value)) return true;
  if (Array.isArray(value)) return value.some(containsToken);
  if (value !== null && typeof value === "object") {
    return Object.entries(value).some(([key, inner]) => holdsToken(key) || containsToken(inner));
  }
  return false;
}

/** Literal text around references, for an attribute; in JSON syntax only the openings are special. */
class HclTemplate implements IResolvable {
  readonly creationStack: string[] = [];

  constructor(private readonly fragments: readonly Fragment[]) {}

  resolve(context: IResolveContext): string {
    const literal = context.suppressBraces ? quote : escapeOpenings;
    const text = inExpression(context, () =>
      joinTemplate(this.fragments, literal, (token) => encodeResolved(context.resolve(token), context)),
    );
    return context.suppressBraces ? `"${text}"` : text;
  }

  toString(): string {
    return Token.asString(this);
  }

  toJSON(): string {
    return "<hcl template>";
  }
}

class HclExpression implements IResolvable {
  readonly creationStack: string[] = [];

  constructor(private readonly value: unknown) {}

  resolve(context: IResolveContext): string {
    return inExpression(context, () => encode(this.value, context));
  }

  toString(): string {
    return Token.asString(this);
  }

  toJSON(): string {
    return "<hcl expression>";
  }
}

class HclCall implements IResolvable {
  readonly creationStack: string[] = [];

  constructor(
    private readonly name: string,
    private readonly args: readonly unknown[],
  ) {}

  resolve(context: IResolveContext): string {
    const outermost = !context.suppressBraces;
    const call = inExpression(
      context,
      () => `${this.name}(${this.args.map((argument) => encode(argument, context)).join(", ")})`,
    );
    return outermost ? `\${${call}}` : call;
  }

  toString(): string {
    return Token.asString(this);
  }

  toJSON(): string {
    return `<hcl call of ${this.name}>`;
  }
}

function inExpression<T>(context: IResolveContext, body: () => T): T {
  const before = context.suppressBraces;
  context.suppressBraces = true;
  try {
    return body();
  } finally {
    context.suppressBraces = before;
  }
}

/** Writes a value as an HCL expression. `context.suppressBraces` is set, so that tokens resolve to bare expressions. */
function encode(value: unknown, context: IResolveContext): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "boolean") return String(value);
  if (typeof value === "string") return encodeString(value, context);
  const token = tokenOf(value);
  if (token !== undefined) return encodeResolved(context.resolve(token), context);
  if (typeof value === "number") return encodeNumber(value);
  if (Array.isArray(value)) return `[${value.map((element) => encode(element, context)).join(", ")}]`;
  if (typeof value === "object") return encodeObject(value as Record<string, unknown>, context);
  throw new Error(`hcl: a ${typeof value} has no Terraform expression`);
}

/** What a token resolved to: an expression if it is a text, otherwise a value that may hold literals and tokens again. */
function encodeResolved(resolved: unknown, context: IResolveContext): string {
  if (typeof resolved === "string") return resolved;
  return encode(resolved, context);
}

function encodeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`hcl: ${value} has no Terraform expression`);
  return Object.is(value, -0) ? "0" : String(value);
}

function encodeObject(value: Record<string, unknown>, context: IResolveContext): string {
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return `{${entries
    .map(([key, inner]) => {
      const encodedKey = encodeString(key, context);
      // A key that is an expression needs parentheses, or HCL takes it for a name.
      return `${encodedKey.startsWith('"') ? encodedKey : `(${encodedKey})`} = ${encode(inner, context)}`;
    })
    .join(", ")}}`;
}

function encodeString(value: string, context: IResolveContext): string {
  if (!holdsToken(value)) return `"${quote(value)}"`;
  const fragments = fragmentsOf(value);
  const [only] = fragments;
  if (fragments.length === 1 && only?.kind === "token") return encodeResolved(context.resolve(only.token), context);
  return `"${joinTemplate(fragments, quote, (token) => encodeResolved(context.resolve(token), context))}"`;
}

const ESCAPES: Record<string, string> = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The inside of an HCL quoted text. */
function quote(literal: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to be escaped
  const escaped = literal.replace(/[\\"\u0000-\u001f\u007f]/g, (character) => {
    return ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return escapeOpenings(escaped);
}
