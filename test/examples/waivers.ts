import type { LayerStack } from "../../lib";
import { isChoice } from "../../lib/policy";

/** What a synthesized stack was allowed, `"rule prop address"`, without the hash that ends an address. */
export function waivers({ policyOutcome }: LayerStack): string[] {
  const lines = policyOutcome?.waived.map(({ rule, resource, waiver }) => {
    return `${rule} ${isChoice(waiver) ? waiver.prop : "?"} ${resource.replace(/_[0-9A-F]{8}$/, "")}`;
  });
  return [...new Set(lines)].sort();
}
