import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { conditional, Fn } from "cdktf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hcl } from "../../lib/core/hcl";
import { decodeHcl } from "../../lib/core/hcl-decode";
import { testScope } from "../support/temporary";
import { Terraform } from "../support/terraform";
import { describeWith, findTool } from "../support/tools";
import {
  AWKWARD,
  anyText,
  attributeTokens,
  flag,
  hardText,
  listVariable,
  literalDocument,
  mapVariable,
  mixedDocument,
  mixedText,
  stack,
  texts,
  textVariable,
  tokens,
} from "./hcl-cases";
import { resolved } from "./resolved";

/** What goes into Terraform and what has to come out of it. */
interface Case {
  readonly name: string;
  readonly value: unknown;
  readonly expected: unknown;
  readonly read?: (output: unknown) => unknown;
}

const parsed = (output: unknown) => JSON.parse(String(output));
const decoded = (output: unknown) => Buffer.from(String(output), "base64").toString("utf8");
const parsedDecoded = (output: unknown) => parsed(decoded(output));

/** The same every time, so that a failure can be looked at. */
const sample = <T>(arbitrary: fc.Arbitrary<T>, count: number) => fc.sample(arbitrary, { numRuns: count, seed: 3 });

const text = textVariable.stringValue;
const base64 = (value: unknown) => hcl.callString("base64encode", value);

/** Each of these is written wrong by cdktf's own functions. */
const cdktfGetsWrong: Case[] = [
  { name: "literal openings in an attribute", value: hcl.text("a ${X} %{x}"), expected: "a ${X} %{x}" },
  { name: "quotes in an attribute", value: hcl.text('say "hi"'), expected: 'say "hi"' },
  { name: "%{http_code}", value: hcl.text("curl -w %{http_code}"), expected: "curl -w %{http_code}" },
  { name: "backslashes in base64encode", value: base64("C:\\temp"), expected: "C:\\temp", read: decoded },
  { name: "quotes in base64encode", value: base64('x "y"'), expected: 'x "y"', read: decoded },
  { name: "a pattern in base64encode", value: base64("a\\d+"), expected: "a\\d+", read: decoded },
  { name: "a pattern in replace", value: hcl.call("replace", "a1b22", "/\\d+/", "-"), expected: "a-b-" },
  {
    name: "quotes in JSON",
    value: hcl.json({ 'k"': 'v "q"', t: text }),
    expected: { 'k"': 'v "q"', t: AWKWARD },
    read: parsed,
  },
  { name: "a quote in join", value: hcl.call("join", '", "', ["a", text]), expected: `a", "${AWKWARD}` },
  {
    name: "a quote in a conditional",
    value: conditional(flag.booleanValue, hcl.expression('v "q"'), "n"),
    expected: 'v "q"',
  },
  {
    name: "openings in JSON",
    value: hcl.json({ a: "\\d %{x} ${y}", t: text }),
    expected: { a: "\\d %{x} ${y}", t: AWKWARD },
    read: parsed,
  },
  { name: "null in a list", value: hcl.json([1, null, text]), expected: [1, null, AWKWARD], read: parsed },
  {
    name: "${X} beside a token",
    value: hcl.call("upper", `\${X} ${text}`),
    expected: `\${X} ${AWKWARD}`.toUpperCase(),
  },
  {
    name: "an expression with a quoted text in JSON",
    value: hcl.json({ a: Fn.lookup(mapVariable.value, "a", "none") }),
    expected: { a: "b" },
    read: parsed,
  },
  {
    name: "a list token in JSON",
    value: hcl.json({ a: listVariable.listValue }),
    expected: { a: [AWKWARD, "", "b"] },
    read: parsed,
  },
];

/** A document as deep as none is, with a reference at its end. */
const nested = (end: unknown) =>
  Array.from({ length: 60 }).reduce<unknown>((inner, _, depth) => (depth % 2 ? [inner, "${"] : { '"${': inner }), end);

const cases: Case[] = [
  { name: "a deep document", value: hcl.json(nested(text)), expected: nested(AWKWARD), read: parsed },
  { name: "a deep value", value: hcl.value(nested(text)), expected: nested(AWKWARD) },
  ...cdktfGetsWrong,
  ...[...texts, ...sample(hardText, 150), ...sample(anyText, 100)].flatMap((text) => [
    { name: `text ${JSON.stringify(text)}`, value: hcl.text(text), expected: text },
    { name: `base64encode of ${JSON.stringify(text)}`, value: base64(hcl.text(text)), expected: text, read: decoded },
  ]),
  ...sample(mixedText, 150).map(({ given, expected }) => ({
    name: "text with references",
    value: hcl.text(String(given)),
    expected,
  })),
  ...attributeTokens.map(({ name, token, value }) => ({
    name: `${name} in hcl.value`,
    value: hcl.value({ k: token }),
    expected: { k: value },
  })),
  ...tokens.flatMap(({ name, token, value }) => [
    { name: `${name} in hcl.json`, value: hcl.json([token]), expected: [value], read: parsed },
    { name: `${name} in hcl.call`, value: hcl.call("jsonencode", token), expected: value, read: parsed },
  ]),
  ...sample(literalDocument, 60).flatMap(({ given, expected }) => [
    { name: "hcl.value", value: hcl.value(given), expected },
    { name: "hcl.json", value: hcl.json(given), expected, read: parsed },
    { name: "hcl.json in base64encode", value: base64(hcl.json(given)), expected, read: parsedDecoded },
  ]),
  ...sample(mixedDocument, 80).flatMap(({ given, expected }) => [
    { name: "hcl.value with references", value: hcl.value(given), expected },
    { name: "hcl.json with references", value: hcl.json(given), expected, read: parsed },
    { name: "hcl.json in base64encode", value: base64(hcl.json(given)), expected, read: parsedDecoded },
    {
      name: "hcl.json in cdktf's base64encode",
      value: Fn.base64encode(hcl.json([text, given])),
      expected: [AWKWARD, expected],
      read: parsedDecoded,
    },
    {
      name: "hcl.json in hcl.json",
      value: hcl.json({ "%{": hcl.json(given), t: text }),
      expected,
      read: (output: unknown) => parsed(parsed(output)["%{"]),
    },
    {
      name: "hcl.json in a text",
      value: hcl.text(`$${hcl.json(given)}{"`),
      expected,
      read: (output: unknown) => parsed(String(output).slice(1, -2)),
    },
  ]),
];

/** Outputs are put in by hand, as cdktf's own cannot hold null. */
function configuration(values: Record<string, unknown>): string {
  const output = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
  return JSON.stringify({ ...resolved(stack, stack.toTerraform()), output: resolved(stack, output) });
}

/** Terraform holds texts in NFC. */
function normalized(value: unknown): unknown {
  if (typeof value === "string") return value.normalize("NFC");
  if (Array.isArray(value)) return value.map(normalized);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.normalize("NFC"), normalized(inner)]));
}

describe.each(["terraform", "tofu"])("%s", (name) => {
  describeWith(`values that ${name} applied`, { [name]: findTool(name) }, (found) => {
    async function applied(json: string): Promise<Record<string, unknown>> {
      const cwd = testScope().directory("hcl");
      writeFileSync(join(cwd, "cdk.tf.json"), json);
      const terraform = new Terraform({ program: String(found[name]), cwd });
      await terraform.init();
      await terraform.apply();
      return terraform.output();
    }

    test(`${cases.length} texts and documents come out as they went in`, async () => {
      const outputs = await applied(
        configuration(Object.fromEntries(cases.map(({ value }, index) => [`o${index}`, value]))),
      );
      for (const [index, { name, expected, read = (output: unknown) => output }] of cases.entries()) {
        expect({ name, value: read(outputs[`o${index}`]) }).toEqual({ name, value: normalized(expected) });
      }
    });

    test("what decodeHcl reads is what Terraform evaluates", async () => {
      const documents = sample(literalDocument, 50).map(({ given }) => resolved(stack, hcl.json(given)));
      const called = sample(literalDocument, 50).map(({ given }) => resolved(stack, hcl.call("jsonencode", given)));
      const all = [...documents, ...called];
      const outputs = await applied(
        configuration(Object.fromEntries(all.map((source, index) => [`o${index}`, source]))),
      );
      for (const [index, source] of all.entries()) {
        expect({ source, value: parsed(outputs[`o${index}`]) }).toEqual({
          source,
          value: normalized(decodeHcl(source)),
        });
      }
    });
  });
});
