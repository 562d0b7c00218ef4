import { endsWithin, ONE_DAY, secondsOf } from "./lifetimes";
import type { PolicyRule } from "./rule";

/** What holds alike for the binding rules and auth methods of Consul and Nomad. */
export function signInRules(product: "consul" | "nomad", url: string): PolicyRule[] {
  const name = product === "consul" ? "Consul" : "Nomad";
  return [
    {
      id: `${product}-binding-selector`,
      severity: "HIGH",
      title: `A binding rule of ${name} says who it is for`,
      why: "Without a selector everybody whom the method lets in gets what the rule gives.",
      fix: 'set selector, such as value.grant=="operator"',
      references: { url },
      resourceTypes: [`${product}_acl_binding_rule`],
      *check(rule) {
        const selector = rule.text("selector");
        if (selector === undefined || selector === "") yield { attribute: "selector", given: selector };
      },
    },
    {
      id: `${product}-token-lifetime`,
      severity: "MEDIUM",
      title: `Who signs in to ${name} gets a token that ends within a day`,
      why: "A token that nothing ends is good until somebody finds it in a list.",
      fix: "set max_token_ttl to 24h or less",
      references: { url },
      resourceTypes: [`${product}_acl_auth_method`],
      *check(method) {
        if (endsWithin(secondsOf(method.text("max_token_ttl")), ONE_DAY)) return;
        yield { attribute: "max_token_ttl", given: method.value("max_token_ttl") };
      },
    },
  ];
}
