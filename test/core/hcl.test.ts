import { conditional, Fn, Lazy, Op, TerraformStack, TerraformVariable, Token } from "cdktf";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { hcl } from "../../lib/core/hcl";
import { decodeHcl, templateParts } from "../../lib/core/hcl-decode";
import { suiteApp } from "../support/synth";
import { anyText, stack as caseStack, hardText, mixedText } from "./hcl-cases";
import { resolved } from "./resolved";

const stack = new TerraformStack(suiteApp(), "stack");
const text = new TerraformVariable(stack, "text", { type: "string" });
const number = new TerraformVariable(stack, "number", { type: "number" });
const list = new TerraformVariable(stack, "list", { type: "list(string)" });
const rendered = (value: unknown) => resolved(stack, value);

describe("text", () => {
  test("literal openings are escaped, references stay", () => {
    expect(rendered(hcl.text("a ${X} %{if} $${Y}"))).toBe('a $${X} %%{if} ${"$$"}{Y}');
    expect(rendered(hcl.text(`\${ $${text.stringValue}`))).toBe('$${ ${"$"}${var.text}');
    expect(rendered(hcl.text("quotes \" and \\ are JSON's matter"))).toBe("quotes \" and \\ are JSON's matter");
  });

  test("is one literal to a reader of templates, whatever it holds", () => {
    fc.assert(
      fc.property(fc.oneof(hardText, anyText), (value) => {
        expect(templateParts(rendered(hcl.text(value)))).toEqual([{ literal: value }]);
      }),
      { numRuns: 1000 },
    );
  });

  test("keeps its literals around references", () => {
    fc.assert(
      fc.property(mixedText, ({ given }) => {
        const parts = templateParts(resolved(caseStack, hcl.text(String(given)))) ?? [];
        const literals = parts.map((part) => ("literal" in part ? part.literal : "")).join("");
        expect(literals).toBe(String(given).replace(/\$\{TfToken\[[^\]]*\]\}|-\d(\.\d+)?e\+\d{3}/g, ""));
      }),
    );
  });

  test("that is one reference keeps the reference's type; a pasted number is a text", () => {
    expect(rendered(hcl.text(Token.asString(list.value)))).toBe("${var.list}");
    expect(rendered(hcl.text(`${number.numberValue}`))).toBe("${tostring(var.number)}");
    expect(rendered(hcl.json({ port: `${number.numberValue}`, n: number.numberValue }))).toBe(
      '${jsonencode({"port" = tostring(var.number), "n" = var.number})}',
    );
    expect(rendered(hcl.text(`${number.numberValue}0`))).toBe("${var.number}0");
  });

  test("is escaped once, wherever it is put", () => {
    expect(rendered(hcl.callString("upper", hcl.text("${x}")))).toBe('${upper("$${x}")}');
    expect(rendered(hcl.callString("base64encode", hcl.json({ a: "${x}" })))).toBe(
      '${base64encode("{\\"a\\":\\"$${x}\\"}")}',
    );
    expect(rendered(`before ${hcl.text("${x}")} after`)).toBe("before $${x} after");
  });
});

test("long texts take linear time", () => {
  const started = performance.now();
  const long = "$%".repeat(100_000);
  expect(hcl.text(long)).toBe(long);
  expect(rendered(hcl.text(`${long}x${text.stringValue}`))).toBe(`${long}x\${var.text}`);
  expect(performance.now() - started).toBeLessThan(1000);
});

describe("json", () => {
  test("without a token is known at synth, in the order of its keys; with one it is Terraform's own", () => {
    expect(hcl.json({ b: 'say "hi"', a: undefined, c: [undefined] })).toBe('{"b":"say \\"hi\\"","c":[null]}');
    expect(rendered(hcl.json({ "k${": 'q"\\', list: list.listValue, nothing: [1, null] }))).toBe(
      '${jsonencode({"k$${" = "q\\"\\\\", "list" = var.list, "nothing" = [1, null]})}',
    );
    const key = Token.asString(conditional(Op.eq("a", text.stringValue), "b", "c"));
    expect(rendered(hcl.json({ [key]: 1 }))).toBe('${jsonencode({(("a" == var.text) ? "b" : "c") = 1})}');
    expect(rendered(hcl.json({ [text.stringValue]: { [`a-${text.stringValue}`]: true } }))).toBe(
      '${jsonencode({(var.text) = {"a-${var.text}" = true}})}',
    );
  });

  test("takes what toJSON says, as JSON.stringify does, beside tokens too", () => {
    const at = new Date(0);
    expect(hcl.json({ at })).toBe('{"at":"1970-01-01T00:00:00.000Z"}');
    expect(rendered(hcl.json({ at, t: text.stringValue }))).toContain('"at" = "1970-01-01T00:00:00.000Z"');
  });

  test("a value that resolves late may mix literal text and references", () => {
    const late = Lazy.anyValue({ produce: () => ({ literal: 'var.x "', mixed: `<${text.stringValue}>` }) });
    expect(rendered(hcl.json(late))).toBe('${jsonencode({"literal" = "var.x \\"", "mixed" = "<${var.text}>"})}');
  });
});

describe("value", () => {
  test("takes every text and key literally and leaves what is no text", () => {
    const value = hcl.value({ "${k}": ["%{v}", 1, true, null], n: number.numberValue, [`${number.numberValue}`]: {} });
    expect(rendered(value)).toEqual({ "$${k}": ["%%{v}", 1, true, null], n: "${var.number}", "${var.number}": {} });
  });
});

describe("expression", () => {
  test("has braces as an attribute and none within an expression", () => {
    const expression = hcl.expression({ a: [text.stringValue, "${b}"] });
    expect(rendered(expression)).toBe('${{"a" = [var.text, "$${b}"]}}');
    expect(rendered(hcl.call("keys", expression))).toBe('${keys({"a" = [var.text, "$${b}"]})}');
    expect(rendered(`\${length(${expression}) > 0}`)).toBe('${length({"a" = [var.text, "$${b}"]}) > 0}');
    expect(rendered(Fn.keys(expression))).toBe('${keys({"a" = [var.text, "$${b}"]})}');
  });

  test("of a literal reads back as itself", () => {
    const numbers = fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter((n) => !Token.isUnresolved(n) && n !== 0);
    fc.assert(
      fc.property(fc.oneof(hardText, anyText, numbers, fc.boolean(), fc.constant(null)), (value) => {
        expect(decodeHcl(rendered(hcl.call("jsonencode", value)))).toEqual(value);
      }),
      { numRuns: 1000 },
    );
  });
});

test("what is neither JSON nor a token is refused, with its place", () => {
  expect(() => hcl.json({ a: [1, { b: () => 1 }] })).toThrow("hcl: a function at a[1].b has no JSON");
  expect(() => hcl.json({ a: Number.NaN, t: text.stringValue })).toThrow("hcl: NaN at a has no JSON");
  expect(() => hcl.call("f", 1n)).toThrow("hcl: a bigint has no JSON");
  expect(() => hcl.value({ a: Number.POSITIVE_INFINITY })).toThrow("Infinity at a");
  expect(() => hcl.text("half \ud83d")).toThrow('"half \\ud83d" holds half of a surrogate pair');
  expect(() => hcl.json({ "\udc00": 1 })).toThrow("surrogate");
  expect(() => rendered(hcl.json([Lazy.stringValue({ produce: () => "${unclosed" })]))).toThrow(
    "no Terraform template",
  );
});

test("nothing is printed while resolving, inside cdktf's functions either", () => {
  const printed = (["log", "warn", "error"] as const).map((method) => vi.spyOn(console, method));
  rendered(Fn.base64encode(hcl.json({ a: "${x}", t: text.stringValue })));
  rendered(Fn.upper(hcl.text(`\${x} ${text.stringValue}`)));
  for (const spy of printed) {
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  }
});
