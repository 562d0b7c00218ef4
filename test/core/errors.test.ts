import { Fn, TerraformStack, TerraformVariable, Token } from "cdktf";
import fc from "fast-check";
import { beforeEach, describe, expect, test, vi } from "vitest";
import * as errors from "../../lib/core/errors";
import { boolean, integer, listOf, matching, oneOf, shortName, text } from "../../lib/core/rules";
import { suiteApp, testApp } from "../support/synth";

const { CaravanError, InvalidPropsError, PropsCheck, show } = errors;

const stack = new TerraformStack(suiteApp(), "prod-infrastructure");
const variable = new TerraformVariable(stack, "v", { type: "string" });
const port = integer(1, 65535);

/** The message of the mistakes that `body` finds, or nothing. */
function messageOf(body: (check: errors.PropsCheck) => void): string {
  const check = new PropsCheck("AwsNetwork", stack, "network");
  body(check);
  try {
    check.done();
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidPropsError);
    return (error as Error).message;
  }
}

describe("the mistakes of one props object", () => {
  test("are reported together, each with its path, value, rule and fix", () => {
    const message = messageOf((check) => {
      check.required("name", "Prod", shortName(12, "prod"));
      check.required("domain", undefined, text);
      check.optional("workers.general.min", 2.5, integer(0, 100, "instances"));
      check.each("zones", ["a", 7], text);
      check.add({ property: "workers.general.max", given: 1, allowed: "not less than min (3)", fix: "raise max to 3" });
    });
    expect(message).toBe(
      [
        'AwsNetwork at "prod-infrastructure/network": 5 mistakes in its props',
        '  name: given "Prod"',
        "    allowed: 1 to 12 lower-case letters, digits and single hyphens, a letter first and no hyphen last",
        '    fix:     use a name such as "prod"',
        "  domain: given nothing",
        "    allowed: a text that is not empty",
        "    fix:     give a text",
        "  workers.general.min: given 2.5",
        "    allowed: a whole number from 0 to 100 instances",
        "    fix:     choose a value between 0 and 100",
        "  zones[1]: given 7",
        "    allowed: a text that is not empty",
        "    fix:     give a text",
        "  workers.general.max: given 1",
        "    allowed: not less than min (3)",
        "    fix:     raise max to 3",
      ].join("\n"),
    );
  });

  test("are counted as people count, and kept for programs", () => {
    const check = new PropsCheck("Stack", testApp(), "prod");
    check.required("port", 0, port);
    expect(() => check.done()).toThrow('Stack at "prod": 1 mistake in its props');
    const [problem] = catchError(() => check.done()).problems;
    expect(problem).toEqual({ property: "port", given: 0, allowed: port.allowed, fix: port.fix });
  });

  test("where there are none, nothing is thrown", () => {
    expect(messageOf((check) => check.required("port", 8200, port))).toBe("");
  });
});

function catchError(body: () => void): errors.InvalidPropsError {
  try {
    body();
  } catch (error) {
    if (error instanceof InvalidPropsError) return error;
  }
  throw new Error("no InvalidPropsError was thrown");
}

describe("PropsCheck", () => {
  let check: errors.PropsCheck;
  beforeEach(() => {
    check = new PropsCheck("AwsNetwork", stack, "network");
  });

  test("says whether a value is known and right", () => {
    expect(check.required("port", 8200, port)).toBe(true);
    expect(check.optional("port", undefined, port)).toBe(false);
    check.done();
    expect(check.required("port", undefined, port)).toBe(false);
    expect(check.optional("port", null, port)).toBe(false);
    expect(catchError(() => check.done()).problems.map(({ given }) => given)).toEqual([undefined, null]);
  });

  test("lets tokens of every kind through, and says that they are not known", () => {
    const tokens: unknown[] = [
      variable.stringValue,
      `arn:aws:s3:::${variable.stringValue}`,
      variable.numberValue,
      variable.listValue,
      variable.value,
      variable.booleanValue,
      Fn.lengthOf(variable.listValue),
      Token.asMap(variable.value, "x"),
    ];
    const rules: errors.Rule[] = [
      text,
      port,
      boolean,
      oneOf(["a"]),
      listOf(1, 3, "zones"),
      matching(/a/, "a", "write a"),
    ];
    for (const token of tokens) {
      for (const rule of rules) {
        expect(check.required("p", token, rule)).toBe(false);
        expect(check.optional("p", token, rule)).toBe(false);
      }
    }
    expect(check.each("zones", variable.listValue, text)).toBe(false);
    expect(check.each("zones", ["a", variable.stringValue], text)).toBe(false);
    check.done();
  });

  test("each() names the wrong elements, and what is no list", () => {
    expect(check.each("zones", ["a", "b"], text)).toBe(true);
    expect(check.each("zones", undefined, text)).toBe(false);
    check.done();
    expect(check.each("zones", "a", text)).toBe(false);
    expect(check.each("ports", [1, 0, 70000], port)).toBe(false);
    expect(catchError(() => check.done()).problems.map(({ property, allowed }) => [property, allowed])).toEqual([
      ["zones", "a list, each: a text that is not empty"],
      ["ports[1]", "a whole number from 1 to 65535"],
      ["ports[2]", "a whole number from 1 to 65535"],
    ]);
  });
});

describe("show", () => {
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;

  test.each<[string, unknown, string]>([
    ["a text with its quotes", 'say "hi"', '"say \\"hi\\""'],
    ["an object", { a: [1, null] }, '{"a":[1,null]}'],
    ["nothing", undefined, "nothing"],
    ["null", null, "null"],
    ["a number that JSON does not know", Number.NaN, "NaN"],
    ["a big number", 10n, "10"],
    ["a function", () => 1, "a function"],
    ["a symbol", Symbol("x"), "Symbol(x)"],
    ["a circle", circular, "[object Object]"],
    ["a bigint in an object", { a: 1n }, "[object Object]"],
    ["a date", new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ["a string token", variable.stringValue, "a Terraform value"],
    ["a number token", variable.numberValue, "a Terraform value"],
    [
      "tokens inside",
      { a: [1, variable.stringValue], n: variable.numberValue, l: variable.listValue },
      '{"a":[1,"a Terraform value"],"n":"a Terraform value","l":"a Terraform value"}',
    ],
    ["a list token", variable.listValue, "a Terraform value"],
  ])("%s", (_, value, shown) => expect(show(value)).toBe(shown));

  test("an object without a prototype that cannot be written as JSON", () => {
    const bare = Object.assign(Object.create(null), { a: 1n });
    expect(show(bare)).toBe("[object Object]");
  });

  test("never throws and stays on a line's length", () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
        (value) => {
          expect(show(value).length).toBeLessThanOrEqual(120);
        },
      ),
    );
    expect(show("x".repeat(500))).toMatch(/^"x{118}…$/);
  });
});

describe("isCaravanError", () => {
  test("knows errors of another copy of the library, which instanceof does not", async () => {
    vi.resetModules();
    const copy = await import("../../lib/core/errors.js");
    const foreign = new copy.InvalidPropsError("AwsNetwork", "prod/network", []);
    expect(foreign).not.toBeInstanceOf(CaravanError);
    expect(CaravanError.isCaravanError(foreign)).toBe(true);
    expect(foreign.name).toBe("InvalidPropsError");
  });

  test("knows its own kinds and no others", () => {
    expect(CaravanError.isCaravanError(new errors.SynthesisError("ids collide"))).toBe(true);
    for (const other of [new Error("x"), { message: "x" }, null, undefined, "x"]) {
      expect(CaravanError.isCaravanError(other)).toBe(false);
    }
  });
});
