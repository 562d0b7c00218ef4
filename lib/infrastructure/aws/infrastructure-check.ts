import type { PropsCheck } from "../../core/errors";
import { checkKnown } from "../../node/check/rules";
import { checkClusterSettings, checkSoftwareInside } from "../cluster-settings";
import { checkGroups } from "../group-check";
import { defaultServerGroups, instanceTypesOf } from "../props";
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
  checkGroupSettings(check, props);
  checkClusterSettings(check, props);
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

function checkGroupSettings(check: PropsCheck, props: AwsInfrastructureStackProps): void {
  const { servers, workers } = groupsOf(props);
  checkGroups(check, servers, workers);
  for (const [property, groups] of Object.entries({ servers, workers })) {
    for (const [name, group] of Object.entries<AwsServerSettings | AwsWorkerSettings>(groups)) {
      const at = `${property}.${name}`;
      if (group.role !== undefined) checkGivenRole(check.under(`${at}.role`), group.role);
      checkSecurityGroups(check.under(at), group.securityGroupIds ?? [], 0, 4);
      const types = instanceTypesOf(group, defaultInstanceType);
      checkImageOf(check, `${at}.`, group, props.images, checkInstanceTypes(check, `${at}.instanceType`, types));
    }
  }
  for (const [name, group] of Object.entries(workers)) {
    const inGroup = check.under(`workers.${name}`);
    checkKnown(inGroup, "repositories", group.repositories);
    checkRepositories(inGroup, "repositories", group.repositories ?? []);
  }
}

/** Without a way to the internet, programs and images must come from somewhere inside. */
function checkWithoutInternet(check: PropsCheck, props: AwsInfrastructureStackProps): void {
  const { proxy, workers = {} } = props;
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
  }
  checkSoftwareInside(check, props, Object.keys(workers).length > 0);
}
