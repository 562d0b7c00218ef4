import { expect, it } from "vitest";
import { describeRules, evaluate, failureText, jsonReport, markdownReport, type Waiver } from "../../lib/policy";
import { TODAY, toyRules } from "./examples";

function run(things: object, waivers: Waiver[] = []) {
  return evaluate({
    stack: "prod",
    terraform: { resource: { toy_thing: things } },
    waivers,
    rules: toyRules,
    today: TODAY,
  });
}

const mixed = run(
  {
    a: { "//": { metadata: { path: "prod/a" } }, colour: "red|blue" },
    b: { size: 1 },
    c: { colour: "green" },
  },
  [
    { rule: "thing-colour", resource: "toy_thing.b", reason: "painted\nby hand | later", until: "2027-03-31" },
    { rule: "thing-size", resource: "toy_thing.c", reason: "endless", prop: "length" },
    { rule: "thing-colour", resource: "toy_thing.c", reason: "no longer", until: "2027-03-31" },
  ],
);

it("writes Markdown for a pull request", () => {
  expect(markdownReport(mixed)).toBe(`## Policy of \`prod\`: fails

2 rules on 3 of 3 resources · 2 findings (1 CRITICAL, 1 HIGH) · 2 waived · 1 waiver not sound.

### Findings

| severity | rule | resource | given | fix |
| --- | --- | --- | --- | --- |
| CRITICAL | \`thing-size\` | \`toy_thing.a\` | \`size\`: nothing | set size |
| HIGH | \`thing-colour\` | \`toy_thing.a\` | \`colour\`: "red\\|blue" | set colour to "green" |

### Waivers that do not stand

- waiver of thing-colour on toy\\_thing.c: the rule holds there, nothing needs the waiver. Remove it

### Waived

| severity | rule | resource | reason | until |
| --- | --- | --- | --- | --- |
| CRITICAL | \`thing-size\` | \`toy_thing.c\` | endless | chosen by \`length\` |
| HIGH | \`thing-colour\` | \`toy_thing.b\` | painted by hand \\| later | 2027-03-31 |
`);
});

it("writes Markdown for a stack that passes", () => {
  expect(markdownReport(run({ a: { colour: "green", size: 1 } }))).toBe(`## Policy of \`prod\`: passes

2 rules on 1 of 1 resource · 0 findings · 0 waived.
`);
});

it("writes JSON, the same for the same stack", () => {
  const report = JSON.parse(jsonReport(mixed));
  expect(report).toMatchObject({ stack: "prod", passes: false, rulesChecked: 2, resourcesChecked: 3, resources: 3 });
  expect(report.findings.map((finding: { rule: string }) => finding.rule)).toEqual(["thing-size", "thing-colour"]);
  expect(report.waived[0].waiver).toEqual({
    rule: "thing-size",
    resource: "toy_thing.c",
    reason: "endless",
    prop: "length",
  });
  const reordered = run({ c: { colour: "green" }, a: { colour: "red" }, b: { size: 1 } });
  const ordered = run({ a: { colour: "red" }, b: { size: 1 }, c: { colour: "green" } });
  expect(jsonReport(reordered)).toBe(jsonReport(ordered));
});

it("says in an error all that is needed to go on", () => {
  expect(failureText(mixed)).toBe(`policy of stack "prod": 2 findings, 1 waiver not sound
  CRITICAL thing-size: a thing has a size
    resource: toy_thing.a (construct "prod/a")
    given:    size is nothing
    why:      Things without a size fill the room.
    fix:      set size
  HIGH thing-colour: a thing is green
    resource: toy_thing.a (construct "prod/a")
    given:    colour is "red|blue"
    why:      Red things break.
    fix:      set colour to "green"
  waiver of thing-colour on toy_thing.c: the rule holds there, nothing needs the waiver. Remove it
  If it is right as it is: waive(resource, { rule, reason, until })`);
  expect(failureText(run({ a: { colour: "green", size: 1 } }))).toBeUndefined();
});

it("describes the rules as a table", () => {
  expect(
    describeRules(toyRules),
  ).toBe(`| rule           | severity | what must hold, and why                                  | also known as                            |
| -------------- | -------- | -------------------------------------------------------- | ---------------------------------------- |
| \`thing-colour\` | HIGH     | a thing is green. Red things break.                      | AWS-9999, CKV_AWS_9999, CIS AWS v6.0 9.9 |
| \`thing-size\`   | CRITICAL | a thing has a size. Things without a size fill the room. | [page](https://example.com/size)         |`);
});
