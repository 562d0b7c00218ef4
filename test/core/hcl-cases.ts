import {
  conditional,
  DataResource,
  Fn,
  Lazy,
  Op,
  propertyAccess,
  TerraformLocal,
  TerraformStack,
  TerraformVariable,
  Token,
} from "cdktf";
import fc from "fast-check";
import { hcl } from "../../lib/core/hcl";
import { suiteApp } from "../support/synth";

/** What a text can hold that some notation on the way takes for its own. */
export const AWKWARD = 'say "hi" \\d C:\\temp ${x} %{y} $${z} $ % { } \n\r\t é 😀 #{a} <&>';
export const texts = [
  ...'$ $$ ${ $${ $$${ $$$${ %{ %%{ %%%{ $%{ %${ $%$${ ${} {$ }{ ${${ $}{ {} $$ % %% \\ \\\\ \\n " "" \' `'.split(" "),
  "",
  " ",
  "\n",
  "\r\n",
  "\t\r\n\\t",
  "\u0000\u0001\u001b\u007f\u0085\u2028\ufeff",
  "${var.text}",
  "%{ if true }a%{ endif }",
  '${"quoted"}',
  "${jsonencode({})}",
  "~${~ x ~}",
  "<<EOF\nx\nEOF\n",
  "1e21 -1.5e+300 1E5 --e- e.e .1e1",
  "😀👩‍👩‍👧🏳️‍🌈",
  "e\u0301 \u212b \ufb01",
  "a".repeat(5000),
  AWKWARD,
];
export const hardText = fc.string({
  unit: fc.constantFrom("$", "%", "{", "}", '"', "\\", "\n", "a", "~", "u", "0"),
  maxLength: 12,
});
export const anyText = fc.string({ unit: "binary", maxLength: 12 });
export const stack = new TerraformStack(suiteApp(), "encoder");
const variable = (id: string, type: string, value: unknown) =>
  new TerraformVariable(stack, id, { type, default: value });
export const textVariable = variable("text", "string", AWKWARD);
const emptyVariable = variable("empty", "string", "");
const numberVariable = variable("number", "number", -12.5);
export const listVariable = variable("list", "list(string)", [AWKWARD, "", "b"]);
export const mapVariable = variable("map", "map(string)", { q: AWKWARD, a: "b" });
export const flag = variable("flag", "bool", true);
const deep = { a: [1, null, { "${k}": AWKWARD }], e: {}, l: [], n: -0.5, t: true };
const local = new TerraformLocal(stack, "deep", hcl.value(deep));
const textLocal = new TerraformLocal(stack, "text_local", hcl.text(AWKWARD));
const data = new DataResource(stack, "data", { input: hcl.value({ [AWKWARD]: AWKWARD, key: "made at apply" }) });

/** Tokens of every kind, with what they are once applied. */
export const tokens: { name: string; token: unknown; value: unknown }[] = [
  { name: "string variable", token: textVariable.stringValue, value: AWKWARD },
  { name: "empty string variable", token: emptyVariable.stringValue, value: "" },
  { name: "number variable", token: numberVariable.numberValue, value: -12.5 },
  { name: "list variable", token: listVariable.listValue, value: [AWKWARD, "", "b"] },
  { name: "bool variable", token: flag.booleanValue, value: true },
  { name: "map variable", token: mapVariable.value, value: { q: AWKWARD, a: "b" } },
  { name: "local", token: local.expression, value: deep },
  { name: "text local", token: textLocal.asString, value: AWKWARD },
  { name: "resource attribute", token: data.output.lookup("key"), value: "made at apply" },
  { name: "resource attribute of map type", token: data.output, value: { [AWKWARD]: AWKWARD, key: "made at apply" } },
  { name: "Fn text", token: Fn.upper(textVariable.stringValue), value: AWKWARD.toUpperCase() },
  { name: "Fn number", token: Fn.lengthOf(listVariable.listValue), value: 3 },
  { name: "Fn list", token: Fn.sort(listVariable.listValue), value: ["", "b", AWKWARD] },
  { name: "nested Fn", token: Fn.join("-", Fn.reverse(Fn.split(",", "a,b"))), value: "b-a" },
  { name: "Fn map", token: Fn.merge([mapVariable.value, { z: "1" }]), value: { q: AWKWARD, a: "b", z: "1" } },
  { name: "Fn.rawString", token: Fn.rawString('say "hi" ${x}'), value: 'say "hi" ${x}' },
  { name: "operator", token: Op.add(numberVariable.numberValue, 1), value: -11.5 },
  { name: "conditional", token: conditional(flag.booleanValue, "yes", "no"), value: "yes" },
  { name: "property access", token: propertyAccess(local.expression, ["a", 0]), value: 1 },
  { name: "Token.asList", token: Token.asList(local.expression), value: deep },
  { name: "Token.asString of a number", token: Token.asString(numberVariable.value), value: -12.5 },
  { name: "Token.asStringMap", token: Token.asStringMap(mapVariable.value), value: { q: AWKWARD, a: "b" } },
  { name: "Token.asNumber", token: Token.asNumber(numberVariable.value), value: -12.5 },
  {
    name: "Token.asAny of a structure",
    token: Token.asAny({ t: textVariable.stringValue, l: ["a", numberVariable.numberValue], q: '"\\' }),
    value: { t: AWKWARD, l: ["a", -12.5], q: '"\\' },
  },
  { name: "Lazy literal", token: Lazy.stringValue({ produce: () => 'say "hi" \\d' }), value: 'say "hi" \\d' },
  {
    name: "Lazy of text and reference",
    token: Lazy.stringValue({ produce: () => `"${textVariable.stringValue}" \\` }),
    value: `"${AWKWARD}" \\`,
  },
  { name: "Lazy list", token: Lazy.listValue({ produce: () => ["a", emptyVariable.stringValue] }), value: ["a", ""] },
  { name: "Lazy number", token: Lazy.numberValue({ produce: () => 7 }), value: 7 },
  {
    name: "Lazy structure",
    token: Lazy.anyValue({ produce: () => ({ r: numberVariable.numberValue, l: "var.x", n: null }) }),
    value: { r: -12.5, l: "var.x", n: null },
  },
  { name: "hcl.call", token: hcl.call("concat", ["${a}"], listVariable.listValue), value: ["${a}", AWKWARD, "", "b"] },
  { name: "hcl.text", token: hcl.text(`\${${textVariable.stringValue}$`), value: `\${${AWKWARD}$` },
  { name: "hcl.text without a reference", token: hcl.text(AWKWARD), value: AWKWARD },
  { name: "hcl.expression", token: hcl.expression({ a: [textVariable.stringValue] }), value: { a: [AWKWARD] } },
];
/** As an attribute cdktf's rawString writes backslashes of its own, which no one else can mend. */
export const attributeTokens = tokens.filter(({ name }) => name !== "Fn.rawString");
const scalars = attributeTokens.filter(
  ({ token, value }) => typeof value !== "object" && ["string", "number"].includes(typeof token),
);
const scalar = fc.constantFrom(...scalars);

/** A value in its two forms: as it goes in, with tokens, and as it has to come out. */
export interface Pair {
  readonly given: unknown;
  readonly expected: unknown;
}

const both = (value: unknown): Pair => ({ given: value, expected: value });

/** Literal text and references in turn. */
export const mixedText: fc.Arbitrary<Pair> = fc
  .array(
    fc.oneof(
      hardText.filter((text) => text !== "").map(both),
      scalar.map(({ token, value }) => ({ given: token, expected: value })),
    ),
    { minLength: 2, maxLength: 4 },
  )
  .map((parts) => ({
    given: parts.map(({ given }) => given).join(""),
    expected: parts.map(({ expected }) => expected).join(""),
  }));

const numbers = fc
  .oneof(
    fc.constantFrom(0, -1, 1e21, 1e-7, -1.5e300, Number.MAX_SAFE_INTEGER, 2 ** 63, 5e-324, 0.1, 123456789.123456),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  )
  .filter((n) => !Token.isUnresolved(n) && !Object.is(n, -0));
const plainLeaf = fc.oneof(hardText, anyText, numbers, fc.boolean(), fc.constant(null)).map(both);
const tokenLeaf = fc.constantFrom(...attributeTokens).map(({ token, value }) => ({ given: token, expected: value }));

function documents(leaf: fc.Arbitrary<Pair>, key: fc.Arbitrary<Pair>): fc.Arbitrary<Pair> {
  return fc.letrec<{ value: Pair; list: Pair; object: Pair }>((tie) => ({
    value: fc.oneof({ maxDepth: 5, depthSize: "small" }, leaf, tie("list"), tie("object")),
    list: fc.array(tie("value"), { maxLength: 4 }).map((inner) => ({
      given: inner.map(({ given }) => given),
      expected: inner.map(({ expected }) => expected),
    })),
    object: fc
      .uniqueArray(fc.tuple(key, tie("value")), {
        maxLength: 4,
        selector: ([{ expected }]) => String(expected).normalize("NFC"),
      })
      .map((entries) => ({
        given: Object.fromEntries(entries.map(([k, v]) => [k.given, v.given])),
        expected: Object.fromEntries(entries.map(([k, v]) => [k.expected, v.expected])),
      })),
  })).object;
}

const plainKey = fc.oneof(hardText, anyText).map(both);

/** Documents without a token. */
export const literalDocument = documents(plainLeaf, plainKey);

/** Documents with tokens anywhere, in keys too. */
export const mixedDocument = documents(fc.oneof(plainLeaf, tokenLeaf, mixedText), fc.oneof(plainKey, mixedText));
