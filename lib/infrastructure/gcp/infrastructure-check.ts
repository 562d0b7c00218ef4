import type { PropsCheck } from "../../core/errors";
import { checkKnown } from "../../node/check/rules";
import { checkClusterSettings, checkSoftwareInside } from "../cluster-settings";
import { checkGroups } from "../group-check";
import { defaultServerGroups, instanceTypesOf } from "../props";
import { checkEdge } from "./edge";
import { checkImageOf } from "./image";
import type { GcpInfrastructureStackProps, GcpServerSettings, GcpWorkerSettings } from "./infrastructure-props";
import { checkInstanceTypes, defaultInstanceType } from "./instance-type";
import { checkGivenKeys } from "./keys";
import { checkNetworkChoice } from "./network-check";
import { checkOutside } from "./outside";
import { checkRepositories } from "./registry";
import { projectId, region, serviceAccount } from "./rules";
import { checkVolumes } from "./volumes";

export interface GcpGroupSettingsByName {
  readonly servers: Readonly<Record<string, GcpServerSettings>>;
  readonly workers: Readonly<Record<string, GcpWorkerSettings>>;
}

export function groupsOf({
  servers = defaultServerGroups,
  workers = {},
}: Pick<GcpInfrastructureStackProps, "servers" | "workers">): GcpGroupSettingsByName {
  return { servers, workers };
}

/** Checks the props of the infrastructure's stack, but for those of every layer. */
export function checkInfrastructure(check: PropsCheck, props: GcpInfrastructureStackProps): void {
  const knownRegion = check.required("region", props.region, region);
  const knownProject = check.required("project", props.project, projectId);
  checkGroupSettings(check, props);
  checkClusterSettings(check, props);
  checkEdge(check, props, knownRegion ? props.region : undefined);
  checkOutside(check, props.outside);
  if (knownRegion) checkVolumes(check, "volumes", props.volumes ?? {}, props.region);
  if (knownRegion) checkNetworkChoice(check.under("network"), props.network ?? {}, props.region);
  if (props.network?.egress === "private") checkWithoutInternet(check, props);
  check.optional("plannerEmail", props.plannerEmail, serviceAccount);
  check.optional("deployerEmail", props.deployerEmail, serviceAccount);
  if (knownRegion && knownProject) {
    checkGivenKeys(check, { environment: "", project: props.project, region: props.region }, props);
  }
}

function checkGroupSettings(check: PropsCheck, props: GcpInfrastructureStackProps): void {
  const { servers, workers } = groupsOf(props);
  checkGroups(check, servers, workers);
  for (const [property, groups] of Object.entries({ servers, workers })) {
    for (const [name, group] of Object.entries<GcpServerSettings | GcpWorkerSettings>(groups)) {
      const at = `${property}.${name}`;
      check.optional(`${at}.account`, group.account, serviceAccount);
      const types = instanceTypesOf(group, defaultInstanceType);
      checkImageOf(check, `${at}.`, group, props.images, checkInstanceTypes(check, `${at}.instanceType`, types));
    }
  }
  for (const [name, { repositories }] of Object.entries(workers)) {
    const inGroup = check.under(`workers.${name}`);
    checkKnown(inGroup, "repositories", repositories);
    checkRepositories(inGroup, "repositories", repositories ?? []);
  }
}

/** Without a way to the internet, programs and images must come from somewhere inside. */
function checkWithoutInternet(check: PropsCheck, props: GcpInfrastructureStackProps): void {
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
