import type { PropsCheck } from "../core/errors";
import { checkExtensions } from "../node/check/check-extensions";
import { checkWorkerSettings } from "../node/check/check-node";
import { checkKnown } from "../node/check/rules";
import { clusterServers } from "./cluster-settings";
import { checkServerGroups, checkWorkerGroups, type ServerGroups, type WorkerGroups } from "./props";

/** Checks what groups of servers and workers are told alike on every cloud, as the properties `servers` and `workers`. */
export function checkGroups(check: PropsCheck, servers: ServerGroups, workers: WorkerGroups): void {
  checkServerGroups(check, "servers", servers);
  checkWorkerGroups(check, "workers", workers, servers);
  for (const [name, { extend }] of Object.entries(servers)) {
    checkExtensions(check, `servers.${name}.extend`, extend ?? {}, false);
  }
  for (const [name, group] of Object.entries(workers)) {
    const inGroup = check.under(`workers.${name}`);
    checkExtensions(check, `workers.${name}.extend`, group.extend ?? {}, group.system === true);
    for (const property of ["runs", "nodePool", "labels", "hostVolumes", "system", "rawExec"] as const) {
      checkKnown(inGroup, property, group[property]);
    }
    checkWorkerSettings(inGroup, { ...group, servers: clusterServers(servers) });
  }
}
