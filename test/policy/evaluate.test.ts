import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluate, type PolicyRule, passes, type Waiver } from "../../lib/policy";
import { TODAY, toyRules } from "./examples";

const stack = {
  provider: { toy: [{}] },
  resource: {
    toy_thing: {
      red: { "//": { metadata: { path: "prod/red" } }, colour: "red" },
      green: { colour: "green", size: 1 },
    },
    toy_other: { it: {} },
  },
};

function run(waivers: Waiver[] = [], terraform: unknown = stack) {
  return evaluate({ stack: "prod", terraform, waivers, rules: toyRules, today: TODAY });
}

const colour = { rule: "thing-colour", resource: "toy_thing.red", reason: "it is a stop sign" };
const size = { rule: "thing-size", resource: "toy_thing.red", reason: "measured on site" };

describe("findings", () => {
  it("says what is wrong where, worst first", () => {
    const outcome = run();
    expect(outcome.findings).toEqual([
      {
        rule: "thing-size",
        severity: "CRITICAL",
        title: "a thing has a size",
        why: "Things without a size fill the room.",
        resource: "toy_thing.red",
        constructPath: "prod/red",
        attribute: "size",
        given: "nothing",
        fix: "set size",
      },
      {
        rule: "thing-colour",
        severity: "HIGH",
        title: "a thing is green",
        why: "Red things break.",
        resource: "toy_thing.red",
        constructPath: "prod/red",
        attribute: "colour",
        given: '"red"',
        fix: 'set colour to "green"',
      },
    ]);
    expect(passes(outcome)).toBe(false);
  });

  it("counts what was looked at", () => {
    const { rulesChecked, resourcesChecked, resources } = run();
    expect({ rulesChecked, resourcesChecked, resources }).toEqual({
      rulesChecked: 2,
      resourcesChecked: 2,
      resources: 4,
    });
    expect(run([], { resource: { toy_other: { it: {} } } }).rulesChecked).toBe(0);
  });

  it("names the rule and the resource where a rule itself fails", () => {
    const broken: PolicyRule = {
      ...toyRules[0],
      id: "broken",
      check: () => {
        throw new Error("no such thing");
      },
    } as PolicyRule;
    expect(() => evaluate({ stack: "prod", terraform: stack, rules: [broken] })).toThrow(
      "policy rule broken failed on toy_thing.red: Error: no such thing",
    );
  });
});

describe("waivers", () => {
  it("cover all findings of one rule on one resource, to the end of their last day", () => {
    const outcome = run([
      { ...colour, until: TODAY },
      { ...size, prop: "measure" },
    ]);
    expect(outcome.findings).toEqual([]);
    expect(outcome.waived.map(({ rule, waiver }) => [rule, waiver.reason])).toEqual([
      ["thing-size", "measured on site"],
      ["thing-colour", "it is a stop sign"],
    ]);
    expect(passes(outcome)).toBe(true);
  });

  const until = "2027-03-31";
  const at = (path: string) => ({ constructPath: path });
  it.each<[string, Waiver[], string, string]>([
    [
      "expired",
      [{ ...colour, until: "2026-11-23" }],
      "expired",
      "waiver of thing-colour on toy_thing.red: it ended on 2026-11-23. Fix the resource, or say again why and until when",
    ],
    [
      "unused",
      [{ ...colour, resource: "toy_thing.green", until, ...at("prod/green") }],
      "unused",
      'waiver of thing-colour on toy_thing.green (made at "prod/green"): the rule holds there, nothing needs the waiver. Remove it',
    ],
    [
      "of a resource that is not there",
      [{ ...colour, resource: "toy_thing.rad", until }],
      "unused",
      "waiver of thing-colour on toy_thing.rad: the stack has no such resource. Did you mean toy_thing.red or toy_thing.green?",
    ],
    [
      "of an unknown rule",
      [{ ...colour, rule: "thing-color", until }],
      "unknown-rule",
      "waiver of thing-color on toy_thing.red: there is no such rule. Did you mean thing-colour?",
    ],
    [
      "by a scanner's id",
      [{ ...colour, rule: "AVD-AWS-9999", until }],
      "unknown-rule",
      "waiver of AVD-AWS-9999 on toy_thing.red: there is no such rule. Did you mean thing-colour?",
    ],
    [
      "without a reason",
      [{ ...colour, reason: " ", until }],
      "no-reason",
      "waiver of thing-colour on toy_thing.red: its reason is empty. Say why the rule need not hold here",
    ],
    [
      "with a date that is none",
      [{ ...colour, until: "2027-02-30" }],
      "bad-date",
      'waiver of thing-colour on toy_thing.red: until is "2027-02-30". Give a day such as "2027-03-31"',
    ],
    [
      "by choice without its prop",
      [{ ...colour, prop: "" }],
      "no-prop",
      "waiver of thing-colour on toy_thing.red: name the prop whose value breaks the rule",
    ],
    [
      "of what a prop waives already",
      [
        { ...colour, until },
        { ...colour, prop: "paint" },
      ],
      "unused",
      'waiver of thing-colour on toy_thing.red: the prop "paint" already brings one. Remove it',
    ],
  ])("fail when %s", (_what, waivers, kind, message) => {
    const outcome = run(waivers);
    expect(outcome.waiverProblems.map((problem) => [problem.kind, problem.message])).toEqual([[kind, message]]);
    expect(passes(outcome)).toBe(false);
  });

  it("that do not stand cover nothing", () => {
    expect(run([{ ...colour, until: "2026-11-23" }]).findings.map(({ rule }) => rule)).toContain("thing-colour");
  });

  it("that are sound take their own findings away and no other, in any order", () => {
    const things = fc.dictionary(
      fc.constantFrom("a", "b", "c", "d"),
      fc.record({ colour: fc.constantFrom("red", "green") }),
    );
    fc.assert(
      fc.property(things, fc.infiniteStream(fc.boolean()), fc.infiniteStream(fc.nat()), (toy_thing, chosen, orders) => {
        const terraform = { resource: { toy_thing } };
        const all = run([], terraform).findings;
        const waivers = all
          .filter(() => chosen.next().value)
          .map(({ rule, resource }) => ({ rule, resource, reason: "so it is", until: "2027-03-31" }))
          .map((waiver) => ({ waiver, order: orders.next().value }))
          .sort((a, b) => a.order - b.order)
          .map(({ waiver }) => waiver);
        const outcome = run(waivers, terraform);
        expect(outcome.waiverProblems).toEqual([]);
        expect(outcome.waived.length).toBe(waivers.length);
        const isWaived = (of: { rule: string; resource: string }) =>
          waivers.some(({ rule, resource }) => rule === of.rule && resource === of.resource);
        expect(outcome.findings).toEqual(all.filter((finding) => !isWaived(finding)));
        expect(outcome.waived.map(({ waiver, ...finding }) => finding)).toEqual(all.filter(isWaived));
      }),
    );
  });

  it("take today's date where none is given", () => {
    const outcome = evaluate({
      stack: "prod",
      terraform: stack,
      rules: toyRules,
      waivers: [{ ...colour, until: "2020-01-01" }],
    });
    expect(outcome.waiverProblems.map(({ kind }) => kind)).toEqual(["expired"]);
  });
});
