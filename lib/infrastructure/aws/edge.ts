import { Construct } from "constructs";
import type { PropsCheck } from "../../core/errors";
import { oneOf } from "../../core/rules";
import { domainName } from "../../core/values";
import type { Product } from "../../node/products";
import { clientMembers, type FirewallClient } from "../firewall";
import { type AwsAlarmChoice, AwsAlarms, type AwsAlarmsProps, type AwsWatchedGroup, checkAlarms } from "./alarms";
import { AwsDns, type AwsDnsChoice, type AwsDnsProps, checkDns } from "./dns";
import type { AwsFirewall } from "./firewall";
import { AwsMachineAddress, type AwsMachineAddressProps } from "./machine-address";
import type { IAwsNetwork } from "./network-props";
import { AwsPeopleAddress, type AwsPeopleAddressProps } from "./people-address";
import { type AwsPeopleChoice, checkPeople, checkPeopleRanges } from "./people-props";
import type { AwsPlace } from "./place";
import { hostedZoneId } from "./rules";
import { type AwsVolume, AwsVolumes, type AwsVolumesProps, checkVolumes } from "./volumes";

/** How an environment is reached and watched, and what it keeps for its jobs. */
export interface AwsEdgeChoice {
  /**
   * The domain below which people find Vault, Consul, Nomad and applications: `"caravan.example.com"`.
   *
   * @default - there is no address for people: machines and tunnels reach the machine address
   */
  readonly domain?: string;
  /**
   * Who answers for the domain.
   *
   * @default - a zone is made, whose name servers somebody enters above by hand: apply, enter them, set `delegated`
   */
  readonly dns?: AwsDnsChoice;
  /**
   * How people reach it, beside the domain.
   *
   * @default - internal, from the network itself, with a certificate of ACM
   */
  readonly people?: AwsPeopleChoice;
  /**
   * Id of a private zone that exists and holds the machine addresses; the network must see it.
   *
   * @default - one is made for `<environment>.<insideDomain>`
   */
  readonly insideZoneId?: string;
  /**
   * Who beside the nodes calls the machine address, from a security group of its own.
   *
   * @default - nobody
   */
  readonly clients?: readonly FirewallClient[];
  /**
   * What is told when something is wrong, and to whom; `false` where others watch.
   *
   * @default - a topic is made
   */
  readonly alarms?: AwsAlarmChoice | false;
  /**
   * Volumes for jobs, by name.
   *
   * @default - none
   */
  readonly volumes?: Readonly<Record<string, AwsVolume>>;
}

export interface AwsEdgeTransform {
  readonly dns?: AwsDnsProps["transform"];
  readonly machine?: AwsMachineAddressProps["transform"];
  readonly people?: AwsPeopleAddressProps["transform"];
  readonly alarms?: AwsAlarmsProps["transform"];
  readonly volumes?: AwsVolumesProps["transform"];
}

export interface AwsEdgeProps extends AwsPlace, Omit<AwsEdgeChoice, "clients"> {
  readonly network: IAwsNetwork;
  readonly firewall: AwsFirewall;
  readonly insideDomain: string;
  readonly kmsKeyArn: string;
  readonly bucketName: string;
  readonly accessLog: { readonly bucketName: string; readonly prefix: string };
  /** The server groups by name, with the products they run. */
  readonly servers: Readonly<Record<string, AwsWatchedGroup & { readonly runs: readonly Product[] }>>;
  /** Names of the worker groups' Auto Scaling groups, by group. */
  readonly workers: Readonly<Record<string, string>>;
  readonly transform?: AwsEdgeTransform;
}

/** Checks how an environment is reached and watched. */
export function checkEdge(check: PropsCheck, props: AwsEdgeChoice, region: string | undefined): void {
  check.optional("domain", props.domain, domainName);
  check.optional("insideZoneId", props.insideZoneId, hostedZoneId);
  check.each("clients", props.clients, oneOf(Object.keys(clientMembers)));
  if (props.dns !== undefined) checkDns(check.under("dns"), props.dns);
  if (props.people !== undefined) {
    checkPeople(check.under("people"), props.people);
    checkPeopleRanges(check.under("people"), props.people);
  }
  if (props.alarms) checkAlarms(check.under("alarms"), props.alarms);
  if (region !== undefined) checkVolumes(check, "volumes", props.volumes ?? {}, region);
  if (props.domain !== undefined) return;
  for (const property of ["dns", "people"] as const) {
    if (props[property] === undefined) continue;
    check.add({
      property: "domain",
      given: undefined,
      allowed: `the domain that ${property} is about`,
      fix: `give the domain, or remove ${property}`,
    });
  }
}

/** The networks from which people come, for the firewall; none where people have no address. */
export function peopleRanges(props: AwsEdgeChoice, network: IAwsNetwork): readonly string[] | undefined {
  if (props.domain === undefined || props.people?.loadBalancer !== undefined) return undefined;
  return props.people?.allowedRanges ?? [network.cidr];
}

/**
 * How an environment is reached and watched: the machine address, people's address with its zone, alarms; and the volumes of
 * its jobs.
 */
export class AwsEdge extends Construct {
  readonly machine: AwsMachineAddress;
  readonly dns?: AwsDns;
  /** There once the domain is delegated. */
  readonly people?: AwsPeopleAddress;
  readonly alarms?: AwsAlarms;
  readonly volumes: AwsVolumes;

  constructor(scope: Construct, id: string, props: AwsEdgeProps) {
    super(scope, id);
    const { environment, accountId, region, network, firewall, servers, kmsKeyArn, transform } = props;
    const place = { environment, accountId, region };
    const running = (product: Product) =>
      Object.values(servers).find(({ runs }) => runs.includes(product))?.autoScalingGroupName ?? "";
    const autoScalingGroups = { vault: running("vault"), consul: running("consul"), nomad: running("nomad") };
    this.machine = new AwsMachineAddress(this, "machine", {
      ...place,
      network,
      securityGroupId: firewall.machineSecurityGroupId,
      insideDomain: props.insideDomain,
      zoneId: props.insideZoneId,
      autoScalingGroups,
      transform: transform?.machine,
    });
    if (props.domain !== undefined) {
      this.dns = new AwsDns(this, "dns", { ...props.dns, domain: props.domain, transform: transform?.dns });
    }
    if (this.dns?.isDelegated && firewall.peopleSecurityGroupId !== undefined) {
      const { allowedRanges: _, ...people } = props.people ?? {};
      this.people = new AwsPeopleAddress(this, "people", {
        ...place,
        ...people,
        domain: this.dns.domain,
        zoneId: this.dns.zoneId,
        network,
        securityGroupId: firewall.peopleSecurityGroupId,
        autoScalingGroups,
        workerAutoScalingGroups: props.workers,
        accessLog: props.accessLog,
        transform: transform?.people,
      });
    }
    this.volumes = new AwsVolumes(this, "volumes", {
      ...place,
      kmsKeyArn,
      volumes: props.volumes ?? {},
      transform: transform?.volumes,
    });
    if (props.alarms === false) return;
    const suffix = this.people?.loadBalancerArnSuffix;
    this.alarms = new AwsAlarms(this, "alarms", {
      ...place,
      ...props.alarms,
      kmsKeyArn,
      machine: this.machine,
      people:
        this.people && suffix ? { loadBalancerArnSuffix: suffix, targetGroups: this.people.targetGroups } : undefined,
      bucketName: props.bucketName,
      groups: servers,
      transform: transform?.alarms,
    });
  }
}
