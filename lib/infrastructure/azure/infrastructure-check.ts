import type { PropsCheck } from "../../core/errors";
import { azureResourceGroup, uuid } from "../../node/check/cloud-rules";
import { checkKnown } from "../../node/check/rules";
import { checkClusterSettings, checkSoftwareInside } from "../cluster-settings";
import { checkGroups } from "../group-check";
import { defaultServerGroups, instanceTypesOf } from "../props";
import { checkEdge } from "./edge";
import { checkImageOf } from "./image";
import type { AzureInfrastructureStackProps, AzureServerSettings, AzureWorkerSettings } from "./infrastructure-props";
import { checkInstanceTypes, defaultInstanceType } from "./instance-type";
import { checkNetworkChoice } from "./network-plan";
import { checkGivenIdentity } from "./node-identity";
import { checkOutside } from "./outside";
import { checkRegistries } from "./registry";
import { applicationSecurityGroupId, clientRange, region } from "./rules";
import { checkVolumes } from "./volumes";
import { checkSpot } from "./worker-group";

export interface AzureGroupSettingsByName {
  readonly servers: Readonly<Record<string, AzureServerSettings>>;
  readonly workers: Readonly<Record<string, AzureWorkerSettings>>;
}

export function groupsOf({
  servers = defaultServerGroups,
  workers = {},
}: Pick<AzureInfrastructureStackProps, "servers" | "workers">): AzureGroupSettingsByName {
  return { servers, workers };
}

/** Checks the props of the infrastructure's stack, but for those of every layer. */
export function checkInfrastructure(check: PropsCheck, props: AzureInfrastructureStackProps): void {
  check.required("subscriptionId", props.subscriptionId, uuid);
  check.required("tenantId", props.tenantId, uuid);
  check.required("region", props.region, region);
  check.optional("resourceGroup", props.resourceGroup, azureResourceGroup);
  check.each("clientRanges", props.clientRanges, clientRange);
  checkGroupSettings(check, props);
  checkClusterSettings(check, props);
  checkEdge(check, props, props.network);
  checkOutside(check, props.outside);
  checkVolumes(check, "volumes", props.volumes ?? {});
  checkNetworkChoice(check.under("network"), props.network ?? {});
  if (props.network?.egress === "private") checkWithoutInternet(check, props);
  for (const property of ["plannerIdentity", "deployerIdentity"] as const) {
    const given = props[property];
    if (given !== undefined) checkGivenIdentity(check.under(property), given);
  }
}

function checkGroupSettings(check: PropsCheck, props: AzureInfrastructureStackProps): void {
  const { servers, workers } = groupsOf(props);
  checkGroups(check, servers, workers);
  for (const [property, groups] of Object.entries({ servers, workers })) {
    for (const [name, group] of Object.entries<AzureServerSettings | AzureWorkerSettings>(groups)) {
      const at = `${property}.${name}`;
      if (group.identity !== undefined) checkGivenIdentity(check.under(`${at}.identity`), group.identity);
      check.each(`${at}.applicationSecurityGroupIds`, group.applicationSecurityGroupIds, applicationSecurityGroupId);
      const types = instanceTypesOf(group, defaultInstanceType);
      checkImageOf(check, `${at}.`, group, props.images, checkInstanceTypes(check, `${at}.instanceType`, types));
    }
  }
  for (const [name, group] of Object.entries(workers)) {
    const inGroup = check.under(`workers.${name}`);
    checkSpot(inGroup, group);
    checkKnown(inGroup, "registryIds", group.registryIds);
    checkRegistries(inGroup, "registryIds", group.registryIds ?? []);
  }
}

/** Without a way to the internet, programs and images must come from somewhere inside. */
function checkWithoutInternet(check: PropsCheck, props: AzureInfrastructureStackProps): void {
  const { proxy, outside, workers = {} } = props;
  if (proxy !== undefined && outside === undefined) {
    check.add({
      property: "outside",
      given: undefined,
      allowed: 'with egress "private": the way to the proxy, which no firewall lets nodes reach else',
      fix: `say where it is: outside: { proxy: { range: "10.9.0.10/32", port: ${Number(new URL(proxy.url).port) || 3128} } }`,
    });
  }
  checkSoftwareInside(check, props, Object.keys(workers).length > 0);
}
