import type { ApplicationSecurityGroupConfig } from "@cdktf/provider-azurerm/lib/application-security-group";
import type { NetworkSecurityGroupConfig } from "@cdktf/provider-azurerm/lib/network-security-group";
import type { NetworkSecurityRuleConfig } from "@cdktf/provider-azurerm/lib/network-security-rule";
import type { PropsCheck } from "../../core/errors";
import { boolean, listOf, oneOf } from "../../core/rules";
import type { Transform } from "../../layer/transform";
import { clientMembers, type FirewallClient } from "../firewall";
import { checkServerGroups, defaultServerGroups, type ServerGroups } from "../props";
import { allowedRange } from "../ranges";
import type { IAzureNetwork } from "./network-props";
import { type AzureOutsides, checkOutside } from "./outside";
import type { AzurePlace } from "./place";
import { checkPlace } from "./place-check";

export interface AzureFirewallProps extends AzurePlace {
  readonly network: IAzureNetwork;
  /**
   * Groups of servers by name, with the products they run; each gets an application security group.
   *
   * @default - one group "main" that runs Vault, Consul and Nomad
   */
  readonly servers?: ServerGroups;
  /**
   * Whether there are workers. All groups of workers share an application security group.
   *
   * @default true
   */
  readonly workers?: boolean;
  /**
   * Networks that reach the people's address, from /8 on; never everybody.
   *
   * @default - none: there is no people's address
   */
  readonly peopleRanges?: readonly string[];
  /**
   * Whether the people's address faces the internet: then Azure manages its gateway from there.
   *
   * @default false
   */
  readonly peoplePublic?: boolean;
  /**
   * The block of the subnet of an Application Gateway that somebody else made. It is let in to the nodes; the rest is its owner's.
   *
   * @default - the network's own subnet for one, if there are `peopleRanges`
   */
  readonly peopleSourceRange?: string;
  /**
   * Who else calls the machine address: CI's private runners, or where people's tunnels end. Each gets an application security
   * group to put on its machines. With Azure Bastion in the network, tunnels end there.
   *
   * @default - nobody
   */
  readonly clients?: readonly FirewallClient[];
  /**
   * Networks from which people open tunnels through the network's own Azure Bastion, from /8 on; never everybody.
   *
   * @default - none, which a network with Bastion refuses
   */
  readonly tunnelRanges?: readonly string[];
  /**
   * What nodes reach beside what the network's way out gives: a proxy, mirrors of packages and images. With egress "private"
   * there is no other way to them.
   *
   * @default - nothing
   */
  readonly outside?: AzureOutsides;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    /** Laid on each of the network security groups. */
    readonly securityGroup?: Transform<NetworkSecurityGroupConfig>;
    /** Laid on each of the application security groups. */
    readonly applicationSecurityGroup?: Transform<ApplicationSecurityGroupConfig>;
    /** Laid on each of the rules, told apart by their names. */
    readonly rule?: Transform<NetworkSecurityRuleConfig>;
  };
}

/** Checks the props of a firewall. Throws nothing itself. */
export function checkFirewall(check: PropsCheck, props: AzureFirewallProps): void {
  checkPlace(check, props);
  checkServerGroups(check, "servers", props.servers ?? defaultServerGroups);
  check.optional("workers", props.workers, boolean);
  check.optional("peoplePublic", props.peoplePublic, boolean);
  check.each("clients", props.clients, oneOf(Object.keys(clientMembers)));
  check.each("peopleRanges", props.peopleRanges, allowedRange);
  check.optional("peopleSourceRange", props.peopleSourceRange, allowedRange);
  check.each("tunnelRanges", props.tunnelRanges, allowedRange);
  checkOutside(check, props.outside);
  checkSubnets(check, props);
}

function checkSubnets(check: PropsCheck, props: AzureFirewallProps): void {
  const { network, peopleRanges, peopleSourceRange, tunnelRanges } = props;
  if (peopleRanges !== undefined && peopleSourceRange === undefined && network.gateway === undefined) {
    check.add({
      property: "network.gateway",
      given: undefined,
      allowed: "a subnet for the Application Gateway that people reach",
      fix: "give the network one (gatewaySubnet), or leave out the domain",
    });
  }
  if (network.isOwn && network.bastion !== undefined) {
    check.required("tunnelRanges", tunnelRanges, listOf(1, 50, "networks"));
  }
}
