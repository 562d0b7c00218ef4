import { Fn, TerraformStack, TerraformVariable } from "cdktf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hcl } from "../../lib/core/hcl";
import { decodeHcl } from "../../lib/core/hcl-decode";
import { suiteApp } from "../support/synth";
import { resolved } from "./resolved";

const stack = new TerraformStack(suiteApp(), "stack");
const text = new TerraformVariable(stack, "text", { type: "string" }).stringValue;
const list = new TerraformVariable(stack, "list", { type: "list(string)" }).listValue;
const number = new TerraformVariable(stack, "number", { type: "number" }).numberValue;
const map = new TerraformVariable(stack, "map", { type: "map(string)" }).value;
const decoded = (value: unknown) => decodeHcl(resolved(stack, value));

/** What has to come out: every token as the text of its expression. */
function expected(value: unknown): unknown {
  if (value === text || value === list || value === number) {
    return resolved(stack, value);
  }
  if (typeof value === "string") return value.replaceAll(text, "${var.text}");
  if (Array.isArray(value)) return value.map(expected);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [expected(key), expected(inner)]));
  }
  return value;
}

const awkward = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom("$", "%", "{", "}", '"', "\\", "\n", "a", "~", "[", "(") }),
  fc.string({ unit: "binary" }),
);

function documents(leaf: fc.Arbitrary<unknown>, key: fc.Arbitrary<string>) {
  return fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4, depthSize: "small" }, leaf, tie("list"), tie("object")),
    list: fc.array(tie("value"), { maxLength: 4 }),
    object: fc.dictionary(key, tie("value"), { maxKeys: 4 }),
  }))["value"];
}

const numbers = fc
  .oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((n) => (Object.is(n, -0) ? 0 : n))
  // cdktf marks its number tokens by magnitude.
  .filter((n) => Math.abs(n) < 1e300);

describe("documents of hcl.json", () => {
  test("without tokens come back as they were", () => {
    const leaf = fc.oneof(awkward, numbers, fc.boolean(), fc.constant(null));
    fc.assert(fc.property(documents(leaf, awkward), (value) => void expect(decoded(hcl.json(value))).toEqual(value)));
  });

  test("with tokens come back with ${expression} in their places", () => {
    const token = fc.constantFrom<unknown>(text, list, number);
    const mixed = fc.tuple(awkward, awkward).map(([before, after]) => before + text + after);
    const leaf = fc.oneof(token, mixed, awkward, numbers, fc.boolean(), fc.constant(null));
    const document = documents(leaf, fc.oneof(awkward, mixed)).map((value) => ({ value, always: text }));
    fc.assert(
      fc.property(document, (value) => void expect(decoded(hcl.json(value))).toEqual(expected(value))),
      { numRuns: 300 },
    );
  });

  test("in documents are read by asking again", () => {
    const inner = hcl.json({ Resource: text, quote: '"' });
    const outer = decoded(hcl.json({ policy: inner })) as { policy: string };
    expect(outer.policy).toBe('${jsonencode({"Resource" = var.text, "quote" = "\\""})}');
    expect(decodeHcl(outer.policy)).toEqual({ Resource: "${var.text}", quote: '"' });
  });
});

describe("documents of cdktf", () => {
  test("Fn.jsonencode", () => {
    const value = { Action: ["s3:*"], Resource: `${text}/*`, n: 3, ok: true, l: list };
    expect(decoded(Fn.jsonencode(value))).toEqual({
      Action: ["s3:*"],
      Resource: "${var.text}/*",
      n: 3,
      ok: true,
      l: "${var.list}",
    });
    expect(decoded(Fn.jsonencode([Fn.merge([map, { a: "b" }]), 1]))).toEqual(['${merge(var.map, {"a" = "b"})}', 1]);
  });

  test("JSON.stringify around tokens", () => {
    expect(decodeHcl('{"a":"x ${var.m["k"]}","n":${var.n},"l":[${var.a}, "$${b}"]}')).toEqual({
      a: 'x ${var.m["k"]}',
      n: "${var.n}",
      l: ["${var.a}", "${b}"],
    });
  });
});

test.each<[string, unknown]>([
  [
    "${jsonencode({a = 1, b: -2.5e3, (var.k) = var.v, 1 = null,})}",
    { a: 1, b: -2500, "${var.k}": "${var.v}", 1: null },
  ],
  ["${ jsonencode({\n  a = [\n    1,\n    2,\n  ]\n  b = true\n}) }", { a: [1, 2], b: true }],
  [
    '${jsonencode({a = true ? "x" : "}", b = [for x in var.l : x], c = {for k, v in var.m : k => v}})}',
    {
      a: '${true ? "x" : "}"}',
      b: "${[for x in var.l : x]}",
      c: "${{for k, v in var.m : k => v}}",
    },
  ],
  [
    '${jsonencode({a = "x".y, b = {c = 1}.c, d = -var.n, e = true_name, for = 1})}',
    {
      a: '${"x".y}',
      b: "${{c = 1}.c}",
      d: "${-var.n}",
      e: "${true_name}",
      for: 1,
    },
  ],
  [
    '${jsonencode({"__proto__" = "\\u00e9\\U0001F600", "" = "%{ if var.x }a%{ endif }"})}',
    JSON.parse('{"__proto__":"é😀","":"%{ if var.x }a%{ endif }"}'),
  ],
  ["${jsonencode(var.document)}", "${var.document}"],
  ["null", null],
])("%s", (source, value) => expect(decodeHcl(source)).toEqual(value));

test.each([
  ["a plain text"],
  [""],
  ["${var.x}"],
  ["arn:aws:s3:::${var.x}"],
  ["${base64encode(jsonencode({a = 1}))}"],
  ["${jsonencode({a = 1})} and more"],
  ["${jsonencode({a = 1)}"],
  ['${jsonencode({a = "1})}'],
  ["${jsonencode({a 1})}"],
  ["${jsonencode([1 2])}extra"],
  ['${jsonencode("\\q")}'],
  ['${jsonencode("\\U00110000")}'],
  ["${jsonencode("],
  ['{"a": ${var.x'],
])("no document: %s", (source) => expect(decodeHcl(source)).toBeUndefined());

test("never throws, and takes linear time for deep and long texts", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom("${jsonencode(", "{", "}", "[", "]", '"', "a", "=", ",", "$", "%", "\\", "(", ")", "1", " "),
      ),
      (pieces) => {
        decodeHcl(pieces.join(""));
        decodeHcl(`\${jsonencode(${pieces.join("")})}`);
      },
    ),
  );
  const deep = 100_000;
  const started = performance.now();
  expect(decodeHcl(`\${jsonencode(${"[".repeat(deep)}${"]".repeat(deep)})}`)).toBeUndefined();
  expect(decodeHcl(`\${jsonencode(${"{a=".repeat(400)}1${"}.x".repeat(400)})}`)).toBe(
    `\${${"{a=".repeat(400)}1${"}.x".repeat(400)}}`,
  );
  expect(decodeHcl(`\${jsonencode("${'${"'.repeat(deep)}`)).toBeUndefined();
  expect(decodeHcl(`\${jsonencode(["${"$".repeat(deep)}", ${"a+".repeat(deep)}b])}`)).toHaveLength(2);
  expect(performance.now() - started).toBeLessThan(2000);
});
