import type { PropsCheck } from "../core/errors";
import { shortName } from "../core/rules";
import type { Environment } from "../layer/environment";
import { checkCluster } from "../node/check/check-cluster";
import { checkExtensions } from "../node/check/check-extensions";
import { checkKnown, label } from "../node/check/rules";
import type { NodeCloud } from "../node/cloud/clouds";
import { merged } from "../node/configuration/block";
import type { NodeExtensions } from "../node/extensions";
import type { ClusterProps } from "../node/node-props";
import { mapped } from "./by-name";
import type { InfrastructureAccess } from "./contract";
import { type ClusterSettings, defaultServerGroups, type ServerGroups, serverCount, type WorkerGroups } from "./props";

/** The private domain that the names of the machine addresses end with. */
export const DEFAULT_INSIDE_DOMAIN = "caravan.internal";

interface InEnvironment {
  readonly environment: Pick<Environment, "name">;
}

/** What `node` knows of server groups. */
export function clusterServers(servers: ServerGroups): ClusterProps["servers"] {
  return mapped(servers, (group) => ({ runs: group.runs, count: serverCount(group) }));
}

/** What all nodes have in common, as `node` wants it. */
export function clusterOf(
  props: ClusterSettings & InEnvironment,
  where: {
    readonly cloud: NodeCloud;
    readonly servers: ServerGroups;
    readonly discovery?: ClusterProps["discovery"];
  },
): ClusterProps {
  const { versions, software, proxy, caBundle, telemetry, snapshotsKept, extend } = props;
  return {
    environment: props.environment.name,
    cloud: where.cloud,
    datacenter: props.datacenter ?? where.cloud.region,
    region: props.nomadRegion ?? "global",
    insideDomain: props.insideDomain ?? DEFAULT_INSIDE_DOMAIN,
    servers: clusterServers(where.servers),
    discovery: where.discovery ?? "cloud",
    ...{ versions, software, proxy, caBundle, telemetry, snapshotsKept, extend },
  };
}

/** The cluster as the nodes of a group see it, with what is added for the group alone. */
export function clusterWith(cluster: ClusterProps, extend: NodeExtensions | undefined): ClusterProps {
  return extend === undefined ? cluster : { ...cluster, extend: merged(cluster.extend, extend) as NodeExtensions };
}

/** What was handed over is made of these, and nothing else of the cluster. */
export function accessOf(
  { environment, cloud, datacenter, region, insideDomain, discovery, servers }: ClusterProps,
  workers: WorkerGroups,
): InfrastructureAccess {
  const groups = mapped(workers, ({ nodePool, runs }) => ({
    ...(nodePool === undefined ? {} : { nodePool }),
    ...(runs === undefined ? {} : { runs }),
  }));
  return { environment, cloud, datacenter, region, insideDomain, discovery, servers, workers: groups };
}

/** Checks what all nodes have in common. */
export function checkClusterSettings(check: PropsCheck, props: ClusterSettings & Partial<InEnvironment>): void {
  const { insideDomain = DEFAULT_INSIDE_DOMAIN, versions, software, proxy, caBundle, telemetry, snapshotsKept } = props;
  check.optional("nomadRegion", props.nomadRegion, label);
  check.optional("datacenter", props.datacenter, label);
  checkExtensions(check, "extend", props.extend ?? {}, false);
  // What stands elsewhere in our props is checked there.
  const name = props.environment?.name;
  const elsewhere = {
    environment: shortName(16, "prod").accepts(name) ? name : "prod",
    cloud: { name: "aws", region: "eu-central-1" },
    region: "global",
    datacenter: "eu-central-1",
    servers: clusterServers(defaultServerGroups),
  } as const;
  const settings = { insideDomain, versions, software, proxy, caBundle, telemetry, snapshotsKept };
  for (const [property, value] of Object.entries(settings)) checkKnown(check, property, value);
  checkCluster(check, { ...elsewhere, ...settings });
}

/** Without a way to the internet, programs and images must come from somewhere inside. */
export function checkSoftwareInside(
  check: PropsCheck,
  { software, proxy }: ClusterSettings,
  hasWorkers: boolean,
): void {
  if (proxy !== undefined) return;
  const inside = software?.from === "baked" || (software?.hashicorp !== undefined && software.docker !== undefined);
  if (!inside) {
    check.add({
      property: "software",
      given: software,
      allowed: 'with egress "private": programs in the image, or mirrors of both package repositories',
      fix: 'write { from: "baked" }, or give hashicorp and docker, or a proxy, or use egress "nat"',
    });
  }
  if (hasWorkers && software?.registry === undefined) {
    check.add({
      property: "software.registry",
      given: undefined,
      allowed: 'with egress "private" and workers: a registry inside that mirrors docker.io',
      fix: 'give it: software: { ..., registry: "registry.example.com" }, or a proxy',
    });
  }
}
