import { type IResolvable, Token, Tokenization } from "cdktf";

/** A text is literal parts and tokens in turn. */
export type Fragment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "token"; readonly token: IResolvable };

/**
 * The token that a text consists of. A marked text may be of any type in disguise and keeps it; a number token that was
 * made a text by pasting it is one.
 */
export function onlyToken(text: string): { readonly token: IResolvable; readonly isText: boolean } | undefined {
  const [only, ...others] = holdsToken(text) ? fragmentsOf(text) : [];
  if (only?.kind !== "token" || others.length > 0) return undefined;
  return { token: only.token, isText: !Token.isUnresolved(text) };
}

/** A token in any of its disguises: an object, a marked text, number, list or map. A text with more than a marker is none. */
export function tokenOf(value: unknown): IResolvable | undefined {
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

/** Whether Terraform fills in something anywhere in a value, keys included. */
export function containsToken(value: unknown): boolean {
  if (typeof value === "string") return holdsToken(value);
  if (tokenOf(value) !== undefined) return true;
  if (Array.isArray(value)) return value.some(containsToken);
  if (value !== null && typeof value === "object") {
    return Object.entries(value).some(([key, inner]) => holdsToken(key) || containsToken(inner));
  }
  return false;
}

export function holdsToken(text: string): boolean {
  return Token.isUnresolved(text) || numberTokens(text).length > 0;
}

/** A number token that was pasted into a text stands there as -8.1e+298 or so; a digit that follows is not its own. */
const NUMBER_IN_TEXT = /-\d(?:\.\d+)?e\+\d{3}/g;

function numberTokens(text: string): { index: number; length: number; token: IResolvable }[] {
  return [...text.matchAll(NUMBER_IN_TEXT)].flatMap((match) => {
    const token = Tokenization.reverseNumber(Number.parseFloat(match[0]));
    return token === undefined ? [] : [{ index: match.index, length: match[0].length, token }];
  });
}

/** How cdktf and its fork hand out the parts of a marked text; the array has no public getter. */
interface ReversedString {
  readonly fragments: readonly (
    | { readonly type: "literal"; readonly lit: string }
    | { readonly type: "token"; readonly token: IResolvable }
    | { readonly type: "intrinsic"; readonly value: unknown }
  )[];
}

export function fragmentsOf(text: string): Fragment[] {
  const reversed = Tokenization.reverseString(text) as unknown as ReversedString;
  return joined(
    reversed.fragments.flatMap((fragment): Fragment[] =>
      fragment.type === "token"
        ? [{ kind: "token", token: fragment.token }]
        : splitNumbers(String(fragment.type === "literal" ? fragment.lit : fragment.value)),
    ),
  );
}

function splitNumbers(text: string): Fragment[] {
  const fragments: Fragment[] = [];
  let done = 0;
  for (const { index, length, token } of numberTokens(text)) {
    fragments.push({ kind: "literal", text: text.slice(done, index) }, { kind: "token", token });
    done = index + length;
  }
  return [...fragments, { kind: "literal", text: text.slice(done) }];
}

/** Literals that follow each other as one, as an opening may be spread over two. */
function joined(fragments: readonly Fragment[]): Fragment[] {
  const result: Fragment[] = [];
  for (const fragment of fragments) {
    const previous = result.at(-1);
    if (fragment.kind === "literal" && fragment.text === "") continue;
    if (fragment.kind === "literal" && previous?.kind === "literal") {
      result[result.length - 1] = { kind: "literal", text: previous.text + fragment.text };
    } else {
      result.push(fragment);
    }
  }
  return result;
}
