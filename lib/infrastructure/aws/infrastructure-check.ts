import type { PropsCheck } from "../../core/errors";
import { shortName } from "../../core/rules";
import { checkCluster } from "../../node/check/check-cluster";
import { checkExtensions } from "../../node/check/check-extensions";
import { checkWorkerSettings } from "../../node/check/check-node";
import { checkKnown, label } from "../../node/check/rules";
import { checkServerGroups, checkWorkerGroups, defaultServerGroups, instanceTypesOf, serverCount } from "../props";
import { checkEdge } from "./edge";
import type { AwsInfrastructureStackProps, AwsServerSettings, AwsWorkerSettings } from "./infrastructure-props";
import { checkInstanceTypes, defaultInstanceType } from "./instance-type";
import { checkSecurityGroups } from "./launch-template";
import { checkNetworkChoice } from "./network-check";
import { checkImageOf } from "./node-group";
import { checkGivenRole } from "./node-role";
import { checkOutside } from "./outside";
import { checkRepositories } from "./registry-policy";
import { accountId, kmsKeyArn, policyArn, region, roleArn } from "./rules";
import { checkRunners } from "./runner-group";

export interface AwsGroupSettingsByName {
  readonly servers: Readonly<Record<string, AwsServerSettings>>;
  readonly workers: Readonly<Record<string, AwsWorkerSettings>>;
}

export function groupsOf({
  servers = defaultServerGroups,
  workers = {},
}: Pick<AwsInfrastructureStackProps, "servers" | "workers">): AwsGroupSettingsByName {
  return { servers, workers };
}

/** Checks the props of the infrastructure's stack, but for those of every layer. */
export function checkInfrastructure(check: PropsCheck, props: AwsInfrastructureStackProps): void {
  const known = check.required("region", props.region, region);
  check.required("accountId", props.accountId, accountId);
  checkGroups(check, props);
  checkSettings(check, props);
  checkEdge(check, props, known ? props.region : undefined);
  checkOutside(check, props.outside);
  if (props.runners !== undefined) checkRunners(check.under("runners"), props.runners, props.images);
  if (known) checkNetworkChoice(check.under("network"), props.network ?? {}, props.region);
  if (props.network?.egress === "private") checkWithoutInternet(check, props);
  for (const property of ["plannerRoleArn", "deployerRoleArn", "autoScalingRoleArn"] as const) {
    check.optional(property, props[property], roleArn);
  }
  for (const property of ["sealKeyArn", "keyringKeyArn", "dataKeyArn"] as const) {
    check.optional(property, props[property], kmsKeyArn);
  }
  check.optional("permissionsBoundaryArn", props.permissionsBoundaryArn, policyArn);
}

function checkGroups(check: PropsCheck, props: AwsInfrastructureStackProps): void {
  const { servers, workers } = groupsOf(props);
  checkServerGroups(check, "servers", servers);
  checkWorkerGroups(check, "workers", workers, servers);
  for (const [property, groups] of Object.entries({ servers, workers })) {
    for (const [name, group] of Object.entries<AwsServerSettings | AwsWorkerSettings>(groups)) {
      const at = `${property}.${name}`;
      if (group.role !== undefined) checkGivenRole(check.under(`${at}.role`), group.role);
      checkSecurityGroups(check.under(at), group.securityGroupIds ?? [], 0, 4);
      const types = instanceTypesOf(group, defaultInstanceType);
      checkImageOf(check, `${at}.`, group, props.images, checkInstanceTypes(check, `${at}.instanceType`, types));
      checkExtensions(check, `${at}.extend`, group.extend ?? {}, "system" in group && group.system === true);
    }
  }
  for (const [name, group] of Object.entries(workers)) {
    const inGroup = check.under(`workers.${name}`);
    for (const property of [
      "runs",
      "nodePool",
      "labels",
      "hostVolumes",
      "system",
      "rawExec",
      "repositories",
    ] as const) {
      checkKnown(inGroup, property, group[property]);
    }
    checkRepositories(inGroup, "repositories", group.repositories ?? []);
    checkWorkerSettings(inGroup, { ...group, servers: clusterServers(servers) });
  }
}

/** What `node` knows of server groups. */
export function clusterServers(servers: AwsGroupSettingsByName["servers"]) {
  return Object.fromEntries(
    Object.entries(servers).map(([name, group]) => [name, { runs: group.runs, count: serverCount(group) }]),
  );
}

/** Checks what all nodes have in common. */
function checkSettings(check: PropsCheck, props: AwsInfrastructureStackProps): void {
  const {
    insideDomain = DEFAULT_DOMAIN,
    versions,
    software,
    proxy,
    caBundle,
    telemetry,
    snapshotsKept,
    extend,
  } = props;
  check.optional("nomadRegion", props.nomadRegion, label);
  check.optional("datacenter", props.datacenter, label);
  checkExtensions(check, "extend", extend ?? {}, false);
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

/** The private domain that the names of the machine addresses end with. */
export const DEFAULT_DOMAIN = "caravan.internal";

/** Without a way to the internet, programs and images must come from somewhere inside. */
function checkWithoutInternet(check: PropsCheck, props: AwsInfrastructureStackProps): void {
  const { software, proxy, workers = {} } = props;
  // Which endpoints a network has that exists, its owner knows.
  const { network = {} } = props;
  const ecr = "vpcId" in network || ["ecr.api", "ecr.dkr"].every((one) => network.interfaceEndpoints?.includes(one));
  if (proxy === undefined && !ecr) {
    for (const [name, { repositories = [] }] of Object.entries(workers)) {
      if (repositories.length === 0) continue;
      check.add({
        property: `workers.${name}.repositories`,
        given: repositories,
        allowed: 'with egress "private": repositories of ECR where nodes reach it, by its endpoints or a proxy',
        fix: 'write network: { interfaceEndpoints: ["ecr.api", "ecr.dkr"] }, or give a proxy',
      });
    }
  }
  if (proxy !== undefined) {
    const groups = Object.values(groupsOf(props)).flatMap((all) =>
      Object.values<AwsServerSettings | AwsWorkerSettings>(all),
    );
    const ownWay = groups.every(({ securityGroupIds = [] }) => securityGroupIds.length > 0);
    if (props.outside === undefined && !ownWay) {
      check.add({
        property: "outside",
        given: undefined,
        allowed: 'with egress "private": the way to the proxy, which no firewall lets nodes reach else',
        fix: `say where it is: outside: { proxy: { range: "10.9.0.10/32", port: ${Number(new URL(proxy.url).port) || 3128} } }`,
      });
    }
    return;
  }
  const inside = software?.from === "baked" || (software?.hashicorp !== undefined && software.docker !== undefined);
  if (!inside) {
    check.add({
      property: "software",
      given: software,
      allowed: 'with egress "private": programs in the image, or mirrors of both package repositories',
      fix: 'write { from: "baked" }, or give hashicorp and docker, or a proxy, or use egress "nat"',
    });
  }
  if (Object.keys(workers).length > 0 && software?.registry === undefined) {
    check.add({
      property: "software.registry",
      given: undefined,
      allowed: 'with egress "private" and workers: a registry inside that mirrors docker.io',
      fix: 'give it: software: { ..., registry: "registry.example.com" }, or a proxy',
    });
  }
}
