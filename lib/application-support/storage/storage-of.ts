import type { ApplicationSupportStackProps } from "../application-support-props";
import type { CsiKind } from "../contract";
import { type CsiCloud, type CsiPlugin, csiPlugins } from "./csi-plugins";

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
