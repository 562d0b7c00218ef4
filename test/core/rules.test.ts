import { expect, test } from "vitest";
import type { Rule } from "../../lib/core/errors";
import { boolean, integer, listOf, matching, oneOf, shortName, text } from "../../lib/core/rules";

test.each<[string, Rule, unknown[], unknown[]]>([
  ["text", text, ["a", " "], ["", 1, null, ["a"]]],
  ["matching, as a whole", matching(/a|b/, "a or b", "write a"), ["a", "b"], ["ab", "xa", "", 1]],
  ["matching, ignoring case", matching(/a/i, "a", "write a"), ["A"], ["AA"]],
  ["oneOf", oneOf(["nat", "private", 1]), ["nat", "private", 1], ["NAT", "1", undefined]],
  ["integer", integer(1, 3), [1, 2, 3], [0, 4, 1.5, "1", Number.NaN, 2n]],
  ["boolean", boolean, [true, false], ["true", 0, null]],
  ["listOf", listOf(1, 3, "zones"), [["a"], ["a", "b", "c"]], [[], ["a", "b", "c", "d"], "a", { length: 1 }]],
  [
    "shortName",
    shortName(8, "prod"),
    ["prod", "p", "a-1", "eightchr"],
    ["Prod", "1a", "a-", "a--b", "ninechars", "", "a_b", "é"],
  ],
])("%s", (_, rule, right, wrong) => {
  for (const value of right) expect({ value, accepted: rule.accepts(value) }).toEqual({ value, accepted: true });
  for (const value of wrong) expect({ value, accepted: rule.accepts(value) }).toEqual({ value, accepted: false });
});

test("what is allowed is said in the words of the rule", () => {
  expect(oneOf(["nat", "private"])).toMatchObject({ allowed: '"nat", "private"', fix: "use one of them" });
  expect(oneOf([3]).fix).toBe("use it");
  expect(integer(1, 5, "servers").allowed).toBe("a whole number from 1 to 5 servers");
  expect(listOf(2, 2, "zones")).toMatchObject({ allowed: "a list of 2 zones", fix: "give 2 zones" });
});
