import { Construct } from "constructs";
import type { PropsCheck } from "../../core/errors";
import { boolean } from "../../core/rules";
import { domainName } from "../../core/values";
import type { Product } from "../../node/products";
import { mapped } from "../by-name";
import { checkAlarms, type GcpAlarmChoice, GcpAlarms, type GcpAlarmsProps, type GcpWatchedGroup } from "./alarms";
import { checkDns, GcpDns, type GcpDnsChoice, type GcpDnsProps } from "./dns";
import { checkClients, type GcpClients } from "./firewall";
import { GcpMachineAddress, type GcpMachineAddressProps } from "./machine-address";
import type { IGcpNetwork } from "./network-props";
import { GcpPeopleAddress, type GcpPeopleAddressProps } from "./people-address";
import { checkPeople, type GcpPeopleChoice } from "./people-props";
import type { GcpPlace } from "./place";
import { zoneId } from "./zone-name";

/** How an environment is reached and watched. */
export interface GcpEdgeChoice {
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
  readonly dns?: GcpDnsChoice;
  /**
   * How people reach it, beside the domain.
   *
   * @default - internal, from the network itself, with a certificate of Certificate Manager
   */
  readonly people?: GcpPeopleChoice;
  /**
   * Name of a private zone that exists and holds the machine addresses; the network must see it. With its project where that is
   * another: `"projects/acme-dns/managedZones/internal"`.
   *
   * @default - one is made for `<environment>.<insideDomain>`
   */
  readonly insideZoneId?: string;
  /**
   * Who beside the nodes calls the machine address, by service account:
   * `{ privateRunner: ["runners@acme-ci.iam.gserviceaccount.com"] }`.
   *
   * @default - nobody
   */
  readonly clients?: GcpClients;
  /**
   * Whether people's tunnels end at servers by way of Identity-Aware Proxy, which lets through whom IAM lets.
   *
   * @default true
   */
  readonly tunnels?: boolean;
  /**
   * What is told when something is wrong, and to whom; `false` where others watch.
   *
   * @default - incidents are seen in Cloud Monitoring, and nobody is told
   */
  readonly alarms?: GcpAlarmChoice | false;
}

export interface GcpEdgeTransform {
  readonly dns?: GcpDnsProps["transform"];
  readonly machine?: GcpMachineAddressProps["transform"];
  readonly people?: GcpPeopleAddressProps["transform"];
  readonly alarms?: GcpAlarmsProps["transform"];
}

/** A group of nodes behind the balancers: `GcpServerGroup` and `GcpWorkerGroup` are some. */
export interface GcpReachedGroup {
  readonly instanceGroupName: string;
  readonly instanceGroupUrl: string;
}

export interface GcpEdgeProps extends GcpPlace, Omit<GcpEdgeChoice, "clients" | "tunnels"> {
  readonly network: IGcpNetwork;
  readonly insideDomain: string;
  /** Where nodes say what they do, `GcpNodeLog.logName`. */
  readonly logName: string;
  /** The server groups by name, with the products they run. */
  readonly servers: Readonly<Record<string, GcpReachedGroup & GcpWatchedGroup>>;
  /** The worker groups by name. */
  readonly workers: Readonly<Record<string, GcpReachedGroup>>;
  readonly transform?: GcpEdgeTransform;
}

/** Checks how an environment is reached and watched. */
export function checkEdge(check: PropsCheck, props: GcpEdgeChoice, region: string | undefined): void {
  check.optional("domain", props.domain, domainName);
  check.optional("insideZoneId", props.insideZoneId, zoneId);
  check.optional("tunnels", props.tunnels, boolean);
  checkClients(check, "clients", props.clients ?? {});
  if (props.dns !== undefined) checkDns(check.under("dns"), props.dns);
  if (props.people !== undefined) checkPeople(check.under("people"), props.people, region);
  if (props.alarms) checkAlarms(check.under("alarms"), props.alarms);
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

/** What kind of address people have, for the firewall; nothing where they have none. */
export function peopleKind({ domain, people }: GcpEdgeChoice): "internal" | "public" | undefined {
  if (domain === undefined) return undefined;
  return people?.public === true ? "public" : "internal";
}

/** How an environment is reached and watched: the machine address, people's address with its zone, alarms. */
export class GcpEdge extends Construct {
  readonly machine: GcpMachineAddress;
  readonly dns?: GcpDns;
  /** There once the domain is delegated. */
  readonly people?: GcpPeopleAddress;
  readonly alarms?: GcpAlarms;

  constructor(scope: Construct, id: string, props: GcpEdgeProps) {
    super(scope, id);
    const { environment, project, region, network, servers, transform } = props;
    const place = { environment, project, region };
    const running = (product: Product) =>
      Object.values(servers).find(({ runs }) => runs.includes(product))?.instanceGroupUrl ?? "";
    const instanceGroups = { vault: running("vault"), consul: running("consul"), nomad: running("nomad") };
    this.machine = new GcpMachineAddress(this, "machine", {
      ...place,
      network,
      insideDomain: props.insideDomain,
      zoneId: props.insideZoneId,
      instanceGroups,
      transform: transform?.machine,
    });
    if (props.domain !== undefined) {
      this.dns = new GcpDns(this, "dns", { ...place, ...props.dns, domain: props.domain, transform: transform?.dns });
    }
    if (this.dns?.isDelegated) {
      this.people = new GcpPeopleAddress(this, "people", {
        ...place,
        ...props.people,
        domain: this.dns.domain,
        zoneId: this.dns.zoneId,
        network,
        instanceGroups,
        workerInstanceGroups: mapped(props.workers, ({ instanceGroupUrl }) => instanceGroupUrl),
        transform: transform?.people,
      });
    }
    if (props.alarms === false) return;
    this.alarms = new GcpAlarms(this, "alarms", {
      ...place,
      ...props.alarms,
      logName: props.logName,
      groups: servers,
      transform: transform?.alarms,
    });
  }
}
