import { Construct } from "constructs";
import type { PropsCheck } from "../../core/errors";
import { listOf, oneOf } from "../../core/rules";
import { domainName } from "../../core/values";
import type { Product } from "../../node/products";
import { clientMembers, type FirewallClient } from "../firewall";
import { allowedRange } from "../ranges";
import {
  type AzureAlarmChoice,
  AzureAlarms,
  type AzureAlarmsProps,
  type AzureWatchedGroup,
  checkAlarms,
} from "./alarms";
import { AzureDns, type AzureDnsChoice, type AzureDnsProps, checkDns } from "./dns";
import type { AzureFirewallProps } from "./firewall-props";
import { AzureMachineAddress, type AzureMachineAddressProps } from "./machine-address";
import type { AzureNetworkChoice, IAzureNetwork } from "./network-props";
import type { AzureNodeGroupProps } from "./node-group";
import { AzurePeopleAddress, type AzurePeopleAddressProps } from "./people-address";
import { type AzurePeopleChoice, checkPeople, checkPeopleRanges } from "./people-props";
import type { AzurePlace } from "./place";
import type { AzurePrivateLink } from "./private-link";
import { privateZoneId } from "./rules";

/** How an environment is reached and watched. */
export interface AzureEdgeChoice {
  /**
   * The domain below which people find Vault, Consul, Nomad and applications: `"caravan.example.com"`. It needs a certificate,
   * `people.certificate`.
   *
   * @default - there is no address for people: machines and tunnels reach the machine address
   */
  readonly domain?: string;
  /**
   * Who answers for the domain.
   *
   * @default - a zone is made, whose name servers somebody enters above by hand
   */
  readonly dns?: AzureDnsChoice;
  /**
   * How people reach it, beside the domain.
   *
   * @default - none, which a domain refuses
   */
  readonly people?: AzurePeopleChoice;
  /**
   * Id of a private zone that exists and holds the machine addresses; who owns it links it to the network.
   *
   * @default - one is made for `<environment>.<insideDomain>`
   */
  readonly insideZoneId?: string;
  /**
   * Who beside the nodes calls the machine address, from an application security group of its own.
   *
   * @default - nobody
   */
  readonly clients?: readonly FirewallClient[];
  /**
   * Networks from which people open tunnels through Azure Bastion, each from /8 on, never everybody.
   *
   * @default - none, which a network with `bastion` refuses
   */
  readonly tunnelRanges?: readonly string[];
  /**
   * What is told when something is wrong, and to whom; `false` where others watch.
   *
   * @default - an action group is made
   */
  readonly alarms?: AzureAlarmChoice | false;
}

export interface AzureEdgeTransform {
  readonly dns?: AzureDnsProps["transform"];
  readonly machine?: AzureMachineAddressProps["transform"];
  readonly people?: AzurePeopleAddressProps["transform"];
  readonly alarms?: AzureAlarmsProps["transform"];
}

export interface AzureEdgeProps extends AzurePlace, Omit<AzureEdgeChoice, "clients" | "tunnelRanges"> {
  readonly network: IAzureNetwork;
  readonly insideDomain: string;
  /** The server groups by name, with the products they run. */
  readonly servers: Readonly<Record<string, { readonly runs: readonly Product[] }>>;
  /** By which the key vault of the certificate is reached inside the network. @default - the network has a way of its own */
  readonly link?: AzurePrivateLink;
  /** Id of the Log Analytics workspace that is told who called what, and what is written in the cluster's container. */
  readonly logWorkspaceId: string;
  readonly transform?: AzureEdgeTransform;
}

/** The pools that the interfaces of a group's scale set join, as its props take them. */
export type AzureBackendPools = Required<Pick<AzureNodeGroupProps, "backendPoolIds" | "gatewayPoolIds">>;

/** Checks how an environment is reached and watched, beside its network. */
export function checkEdge(check: PropsCheck, props: AzureEdgeChoice, network?: AzureNetworkChoice): void {
  check.optional("domain", props.domain, domainName);
  check.optional("insideZoneId", props.insideZoneId, privateZoneId);
  check.each("clients", props.clients, oneOf(Object.keys(clientMembers)));
  check.each("tunnelRanges", props.tunnelRanges, allowedRange);
  if (network?.bastion === true) check.required("tunnelRanges", props.tunnelRanges, listOf(1, 50, "networks"));
  if (props.dns !== undefined) checkDns(check.under("dns"), props.dns, props.domain);
  if (props.domain !== undefined || props.people !== undefined) {
    checkPeople(check.under("people"), props.people ?? {});
    checkPeopleRanges(check.under("people"), props.people ?? {});
  }
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

/** What the firewall must know of the edge. */
export function edgeFirewall(
  props: AzureEdgeChoice,
  network: IAzureNetwork,
): Pick<AzureFirewallProps, "peopleRanges" | "peoplePublic" | "peopleSourceRange" | "clients" | "tunnelRanges"> {
  const { domain, people, clients, tunnelRanges } = props;
  if (domain === undefined) return { clients, tunnelRanges };
  const given = people?.gateway?.sourceRange;
  return given === undefined
    ? { peopleRanges: people?.allowedRanges ?? [network.cidr], peoplePublic: people?.public, clients, tunnelRanges }
    : { peopleSourceRange: given, clients, tunnelRanges };
}

/**
 * How an environment is reached: the machine address, people's address with its zone; and, once there is something to watch,
 * alarms. Scale sets join its pools as they are made, so it comes before them.
 */
export class AzureEdge extends Construct {
  readonly machine: AzureMachineAddress;
  readonly dns?: AzureDns;
  readonly people?: AzurePeopleAddress;
  /** The pools that each server group joins, by its name. */
  readonly serverPools: Readonly<Record<string, AzureBackendPools>>;
  /** The pools that every group of workers joins. */
  readonly workerPools: AzureBackendPools;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AzureEdgeProps,
  ) {
    super(scope, id);
    const { network, insideDomain, servers, transform } = props;
    this.machine = new AzureMachineAddress(this, "machine", {
      ...this.place(),
      network,
      insideDomain,
      servers,
      zoneId: props.insideZoneId,
      transform: transform?.machine,
    });
    if (props.domain !== undefined) {
      const { domain, dns, resourceGroup, link, logWorkspaceId } = props;
      this.dns = new AzureDns(this, "dns", { ...dns, domain, resourceGroup, transform: transform?.dns });
      const { allowedRanges: _, ...people } = props.people ?? {};
      this.people = new AzurePeopleAddress(this, "people", {
        ...this.place(),
        ...people,
        dns: this.dns,
        network,
        insideDomain,
        link,
        logWorkspaceId,
        transform: transform?.people,
      });
    }
    const behind = this.people?.backendPoolIds;
    this.serverPools = Object.fromEntries(
      Object.entries(servers).map(([group, { runs }]) => [
        group,
        {
          backendPoolIds: [String(this.machine.backendPoolIds[group])],
          gatewayPoolIds: behind === undefined ? [] : runs.map((product) => behind[product]),
        },
      ]),
    );
    this.workerPools = { backendPoolIds: [], gatewayPoolIds: behind === undefined ? [] : [behind.apps] };
  }

  /** Watches the groups of servers and what they write; nothing where others watch. */
  watch(
    groups: Readonly<Record<string, AzureWatchedGroup>>,
    { bucketAccount }: Pick<AzureAlarmsProps, "bucketAccount">,
  ): AzureAlarms | undefined {
    const { alarms, logWorkspaceId, transform } = this.props;
    if (alarms === false) return undefined;
    const gatewayId = this.people?.gatewayId;
    return new AzureAlarms(this, "alarms", {
      ...this.place(),
      ...alarms,
      machine: this.machine,
      people: gatewayId === undefined ? undefined : { gatewayId },
      bucketAccount,
      workspaceId: logWorkspaceId,
      groups,
      transform: transform?.alarms,
    });
  }

  private place(): AzurePlace {
    const { environment, subscriptionId, tenantId, region, resourceGroup } = this.props;
    return { environment, subscriptionId, tenantId, region, resourceGroup };
  }
}
