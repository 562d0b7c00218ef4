import { describe, expect, it } from "vitest";
import { evaluate, type PolicyRule } from "../../lib/policy";

/** Terraform JSON of a stack. */
type Terraform = { resource?: object; data?: object; provider?: object; locals?: object };

export interface RuleExamples {
  /** By what is wrong: the stack, and what the rule must say, each as `"<address> <attribute>: <given>"`. */
  readonly breaks: Record<string, readonly [Terraform, ...string[]]>;
  /** By why it is right: the stack. */
  readonly holds: Record<string, Terraform>;
  /** What the rule is not for, as far as all is known. */
  readonly exempts?: Record<string, Terraform>;
}

/** Runs each rule alone over its examples. Every rule of the list must have some of both kinds. */
export function testRules(rules: readonly PolicyRule[], examples: Record<string, RuleExamples>): void {
  it("has examples of every rule", () => {
    expect(Object.keys(examples).sort()).toEqual(rules.map((rule) => rule.id).sort());
  });
  for (const rule of rules) {
    const { breaks = {}, holds = {}, exempts = {} } = examples[rule.id] ?? {};
    describe(rule.id, () => {
      it("has an example that breaks it and one that does not", () => {
        expect([Object.keys(breaks).length > 0, Object.keys(holds).length > 0]).toEqual([true, true]);
      });
      it.each(Object.entries(breaks))("is broken by %s", (_what, [terraform, ...said]) => {
        expect(findings(rule, terraform)).toEqual([...said].sort());
      });
      it.each(Object.entries({ ...holds, ...exempts }))("is not broken by %s", (_what, terraform) => {
        expect(findings(rule, terraform)).toEqual([]);
      });
      it("is not broken by a value that only Terraform knows", () => {
        for (const terraform of Object.values(holds)) {
          for (const unknown of withUnknown(terraform))
            expect([unknown, findings(rule, unknown)]).toEqual([unknown, []]);
        }
      });
    });
  }
}

/** Attributes that point at the resource which another one configures: unknown, they point at none. */
const POINTERS = [
  "bucket",
  "target_bucket",
  "vpc_id",
  "key_id",
  "default_network_acl_id",
  "vpc_endpoint_id",
  "resource_arn",
  "storage_account_id",
  "target_resource_id",
  "private_service_connection",
  "private_connection_resource_id",
  "subnet_id",
  "network_security_group_name",
  "networks",
  "network",
  "network_url",
  "log_bucket",
];

/** The stack as often as it has attributes and blocks, each time with another of them known to Terraform only. */
function withUnknown(terraform: Terraform): Terraform[] {
  const variants: Terraform[] = [];
  const copy = structuredClone(terraform);
  const visit = (value: unknown, depth: number) => {
    if (value === null || typeof value !== "object") return;
    const parent = value as Record<string, unknown>;
    for (const [key, inner] of Object.entries(parent)) {
      // Above are section, type and name.
      if (depth >= 3 && !POINTERS.includes(key)) {
        parent[key] = "${var.unknown}";
        variants.push(structuredClone(copy));
        parent[key] = inner;
      }
      visit(inner, depth + 1);
    }
  };
  visit({ resource: copy.resource, data: copy.data }, 0);
  return variants;
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
