import { describe, expect, it } from "vitest";
import { evaluate, type PolicyRule } from "../../lib/policy";

/** Terraform JSON of a stack. */
type Terraform = { resource?: object; data?: object; provider?: object; locals?: object };

export interface RuleExamples {
  /** By what is wrong: the stack, and what the rule must say, each as `"<address> <attribute>: <given>"`. */
  readonly breaks: Record<string, readonly [Terraform, ...string[]]>;
  /** By why it is right: the stack. */
  readonly holds: Record<string, Terraform>;
}

/** Runs each rule alone over its examples. Every rule of the list must have some of both kinds. */
export function testRules(rules: readonly PolicyRule[], examples: Record<string, RuleExamples>): void {
  it("has examples of every rule", () => {
    expect(Object.keys(examples).sort()).toEqual(rules.map((rule) => rule.id).sort());
  });
  for (const rule of rules) {
    const { breaks = {}, holds = {} } = examples[rule.id] ?? {};
    describe(rule.id, () => {
      it("has an example that breaks it and one that does not", () => {
        expect([Object.keys(breaks).length > 0, Object.keys(holds).length > 0]).toEqual([true, true]);
      });
      it.each(Object.entries(breaks))("is broken by %s", (_what, [terraform, ...said]) => {
        expect(findings(rule, terraform)).toEqual([...said].sort());
      });
      it.each(Object.entries(holds))("is not broken by %s", (_what, terraform) => {
        expect(findings(rule, terraform)).toEqual([]);
      });
    });
  }
}

function findings(rule: PolicyRule, terraform: Terraform): string[] {
  const outcome = evaluate({ stack: "example", terraform, rules: [rule] });
  return outcome.findings.map(({ resource, attribute, given }) => `${resource} ${attribute}: ${given}`).sort();
}

/** A document as `hcl.json` writes it where nothing in it is unknown. */
export function policy(...statements: object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/** A statement of an identity's policy. */
export function allow(actions: string | string[], resources: string | string[], rest: object = {}): object {
  return { Effect: "Allow", Action: actions, Resource: resources, ...rest };
}
