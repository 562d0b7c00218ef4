import type { PolicyRule } from "../../lib/policy";

/** A toy rule over a type that no real rule looks at. */
export const colourRule: PolicyRule = {
  id: "thing-colour",
  severity: "HIGH",
  title: "a thing is green",
  why: "Red things break.",
  fix: 'set colour to "green"',
  references: { trivy: ["AWS-9999"], checkov: ["CKV_AWS_9999"], cis: ["AWS v6.0 9.9"] },
  resourceTypes: ["toy_thing"],
  *check(thing) {
    if (thing.text("colour") !== "green") yield { attribute: "colour", given: thing.value("colour") };
  },
};

export const sizeRule: PolicyRule = {
  id: "thing-size",
  severity: "CRITICAL",
  title: "a thing has a size",
  why: "Things without a size fill the room.",
  fix: "set size",
  references: { url: "https://example.com/size" },
  resourceTypes: ["toy_thing"],
  *check(thing) {
    if (!thing.has("size")) yield { attribute: "size" };
  },
};

export const toyRules = [colourRule, sizeRule];

export const TODAY = "2026-11-24";
