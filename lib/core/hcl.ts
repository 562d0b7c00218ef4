import { type IResolvable, type IResolveContext, Token } from "cdktf";
import { CaravanError } from "./errors";
import { encode, encodeFragments, escapeOpenings, HclToken, inExpression, joinTemplate } from "./hcl-encode";
import { containsToken, type Fragment, fragmentsOf, holdsToken, onlyToken, tokenOf } from "./hcl-tokens";

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
 *
 * Their results can be put into each other and into texts, and are escaped for the place where they end up; what needs
 * escaping is therefore a marked text, like a reference. Give them to `hcl.call`, not to cdktf's `Fn`, which escapes plain
 * text wrongly. The default of a `TerraformVariable` is no template: it takes its text as it is.
 *
 * What Terraform itself cannot hold: a text arrives in Unicode's form NFC (`"e\u0301"` as `"é"`); half of a surrogate
 * pair is refused here, as Terraform would replace it. Terraform's `jsonencode` sorts keys and writes `<`, `>` and `&` as
 * `\u003c` and so on: the same JSON, other bytes.
 *
 * @throws CaravanError for a value that is neither JSON nor a token: a function, NaN, a bigint.
 */
export const hcl = {
  /**
   * Literal text for an attribute. Tokens inside stay references; everything else arrives as it is written.
   */
  text(value: string): string {
    return template(checkedText(value, ""));
  },

  /**
   * A value for attributes of map, list or object type: every text and key inside is taken literally, as `text` does.
   */
  value<T>(value: T): T {
    return templates(plain(value)) as T;
  },

  /**
   * JSON text of a value, for attributes that hold JSON (policies, job specifications, configuration).
   *
   * Keys with the value `undefined` are dropped, as `JSON.stringify` does. Where no token is inside, the JSON text is made at
   * synth and keeps the order of its keys; otherwise Terraform's `jsonencode` makes it, with sorted keys.
   */
  json(value: unknown): string {
    const json = plain(value);
    return containsToken(json) ? hcl.callString("jsonencode", json) : template(JSON.stringify(json ?? null));
  },

  /** A call of a Terraform function, with every argument written as an HCL expression. */
  call(name: string, ...args: unknown[]): IResolvable {
    return new HclCall(
      name,
      args.map((argument) => plain(argument)),
    );
  },

  /** A call of a Terraform function whose result is a text. */
  callString(name: string, ...args: unknown[]): string {
    return Token.asString(hcl.call(name, ...args));
  },

  /**
   * The value as one HCL expression: `${{"a" = aws_vpc.main.id}}` as an attribute, without the `${}` within another
   * expression, such as a text that writes `"${...}"` around it.
   */
  expression(value: unknown): IResolvable {
    return new HclExpression(plain(value));
  },
};

function template(value: string): string {
  const only = onlyToken(value);
  if (only !== undefined) return only.isText ? hcl.callString("tostring", only.token) : value;
  // Without openings a text is the same as a template and in an expression; with them it must know where it stands.
  if (!holdsToken(value) && escapeOpenings(value) === value) return value;
  return Token.asString(new HclTemplate(fragmentsOf(value)));
}

function templates(value: unknown): unknown {
  if (typeof value === "string") return template(value);
  if (value === null || typeof value !== "object" || tokenOf(value) !== undefined) return value;
  if (Array.isArray(value)) return value.map(templates);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [templateKey(key), templates(inner)]));
}

/** cdktf refuses a key that resolves to a number, which Terraform takes. */
function templateKey(key: string): string {
  return holdsToken(key) ? Token.asString(new HclTemplate(fragmentsOf(key))) : template(key);
}

/** The value as `JSON.stringify` sees it, but with its tokens, and without its silent losses. */
function plain(value: unknown, path = ""): unknown {
  if (typeof value === "string") return checkedText(value, path);
  if (value === null || value === undefined || typeof value === "boolean" || tokenOf(value) !== undefined) return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((inner, index) => plain(inner, `${path}[${index}]`) ?? null);
  if (typeof value !== "object") {
    throw new CaravanError(`hcl: ${typeof value === "number" ? value : `a ${typeof value}`}${at(path)} has no JSON`);
  }
  if ("toJSON" in value && typeof value.toJSON === "function") return plain(value.toJSON(), path);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [checkedText(key, path), plain(inner, `${path}.${key}`)]),
  );
}

function checkedText(value: string, path: string): string {
  if (/\p{Surrogate}/u.test(value)) {
    throw new CaravanError(
      `hcl: ${JSON.stringify(value)}${at(path)} holds half of a surrogate pair, which is no character`,
    );
  }
  return value;
}

function at(path: string): string {
  return path === "" ? "" : ` at ${path.replace(/^\./, "")}`;
}

/** Literal text around references, for an attribute; in JSON syntax only the openings are special. */
class HclTemplate extends HclToken {
  constructor(private readonly fragments: readonly Fragment[]) {
    super();
  }

  resolve(context: IResolveContext): string {
    return context.suppressBraces
      ? encodeFragments(this.fragments, context)
      : inExpression(context, () => joinTemplate(this.fragments, escapeOpenings, context));
  }
}

class HclExpression extends HclToken {
  constructor(private readonly value: unknown) {
    super();
  }

  resolve(context: IResolveContext): string {
    return inBraces(
      context,
      inExpression(context, () => encode(this.value, context)),
    );
  }
}

class HclCall extends HclToken {
  constructor(
    private readonly name: string,
    private readonly args: readonly unknown[],
  ) {
    super();
  }

  resolve(context: IResolveContext): string {
    const args = inExpression(context, () => this.args.map((argument) => encode(argument, context)));
    return inBraces(context, `${this.name}(${args.join(", ")})`);
  }
}

function inBraces(context: IResolveContext, expression: string): string {
  return context.suppressBraces ? expression : `\${${expression}}`;
}
