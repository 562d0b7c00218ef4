import type { ApplicationSupportStackProps } from "../application-support-props";
import type { CsiKind } from "../contract";
import { type CsiCloud, type CsiPlugin, csiPlugins } from "./csi-plugins";

/**
 * How many of each controller there are: a second one takes over while a node drains, where the pool is sure to have two nodes.
 * Terraform waits until as many are healthy as a job asks for.
 */
export function controllersOf(
  { infrastructure, storage }: Pick<ApplicationSupportStackProps, "infrastructure" | "storage">,
  pool: string,
): number {
  if (storage?.controllers !== undefined) return storage.controllers;
  const groups = Object.values<{ readonly nodePool: string; readonly min?: number }>(
    infrastructure.static.workerGroups ?? {},
  ).filter(({ nodePool, min }) => nodePool === pool && min !== undefined);
  return groups.length > 0 && groups.reduce((sum, { min = 0 }) => sum + min, 0) < 2 ? 1 : 2;
}

/** The plugins that run, and the pools whose nodes mount volumes; no pools where there is nothing to run. */
export function storageOf({
  infrastructure,
  environment,
  storage = {},
}: Pick<ApplicationSupportStackProps, "infrastructure" | "environment" | "storage">): {
  readonly cloud?: CsiCloud;
  readonly plugins: Readonly<Partial<Record<CsiKind, CsiPlugin>>>;
  readonly nodePools: readonly string[];
} {
  const known = infrastructure.static;
  const cloud = storage.cloud ?? (known.cloud === "existing" ? undefined : known.cloud);
  const groups = Object.values<{ readonly nodePool: string; readonly csi?: boolean }>(known.workerGroups ?? {});
  const ofGroups = groups.filter(({ csi }) => csi === true).map(({ nodePool }) => nodePool);
  const nodePools = [...new Set(storage.nodePools ?? ofGroups)].sort();
  if (cloud === undefined || nodePools.length === 0) return { plugins: {}, nodePools: [] };
  const all = csiPlugins(cloud, environment.name);
  const kinds = storage.kinds ?? (["block"] as const);
  const plugins = Object.fromEntries(kinds.map((kind) => [kind, { ...all[kind], ...storage.plugins?.[kind] }]));
  return { cloud, plugins, nodePools };
}
