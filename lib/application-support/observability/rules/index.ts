import type { InfrastructureContract } from "../../../infrastructure/contract";
import { type Product, products } from "../../../node/products";
import { consulRules } from "./consul";
import { nodeRules } from "./node";
import { nomadRules } from "./nomad";
import { certificateRules, meshRules, watcherRules } from "./others";
import type { AlertGroup } from "./rule";
import { vaultRules } from "./vault";

export { type AlertGroup, type AlertRule, ruleFile } from "./rule";

/** How many servers each product should have; a product that is not named is not watched for missing peers. */
export type ServerCounts = Partial<Readonly<Record<Product, number>>>;

/** The rules of this library. */
export function alertGroups(counts: ServerCounts = {}): readonly AlertGroup[] {
  return [
    vaultRules(counts.vault),
    consulRules(counts.consul),
    nomadRules(counts.nomad),
    certificateRules,
    nodeRules,
    meshRules,
    watcherRules,
  ];
}

/** How many servers an infrastructure of this library has of each product. */
export function serverCounts({ static: known }: InfrastructureContract): ServerCounts {
  if (known.cloud === "existing") return {};
  const groups = Object.values(known.access.servers);
  const counts = products.map(
    (product) => [product, groups.find(({ runs }) => runs.includes(product))?.count] as const,
  );
  return Object.fromEntries(counts.filter(([, count]) => count !== undefined));
}
