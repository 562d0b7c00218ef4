import type { Construct } from "constructs";
import { isOnCloud } from "../../infrastructure/contract";
import type { ApplicationSupportStackProps } from "../application-support-props";
import { scalingTarget, type WorkerGroupScaling } from "./scaling-policy";

type Given = Pick<ApplicationSupportStackProps, "infrastructure" | "autoscaling">;

/** Names of the groups of workers that are scaled. */
export function scaledNames({ infrastructure: { static: known }, autoscaling }: Given): readonly string[] {
  if (autoscaling === false) return [];
  if (autoscaling?.workers !== undefined) return Object.keys(autoscaling.workers);
  if (known.cloud === "existing") return [];
  const groups = Object.entries(known.workerGroups);
  return groups.filter(([, { system, min = 0, max = 0 }]) => !system && max > min).map(([name]) => name);
}

/** How each group of workers is scaled, with its machines and bounds from the infrastructure where that knows them. */
export function scaledWorkers(scope: Construct, props: Given): Readonly<Record<string, WorkerGroupScaling>> {
  const { infrastructure, autoscaling } = props;
  const given = (autoscaling === false ? undefined : autoscaling?.workers) ?? {};
  return Object.fromEntries(
    scaledNames(props).flatMap((name): [string, WorkerGroupScaling][] => {
      const own = given[name] ?? {};
      if (!isOnCloud(infrastructure)) {
        const { nodePool = infrastructure.static.workerGroups?.[name]?.nodePool ?? name, target } = own;
        return target === undefined ? [] : [[name, { ...own, nodePool, target }]];
      }
      const { nodePool = name, min, max } = infrastructure.static.workerGroups[name] ?? {};
      const machineGroup = infrastructure.applied(scope).workerMachineGroups.get(name);
      const target = scalingTarget(infrastructure.static.access.cloud, machineGroup);
      return [[name, { min, max, nodePool, target, ...own }]];
    }),
  );
}
