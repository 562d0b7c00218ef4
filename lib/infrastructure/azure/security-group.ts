import {
  NetworkSecurityGroup,
  type NetworkSecurityGroupConfig,
} from "@cdktf/provider-azurerm/lib/network-security-group";
import { NetworkSecurityRule, type NetworkSecurityRuleConfig } from "@cdktf/provider-azurerm/lib/network-security-rule";
import { SubnetNetworkSecurityGroupAssociation } from "@cdktf/provider-azurerm/lib/subnet-network-security-group-association";
import { Construct } from "constructs";
import type { Traffic } from "../../core/traffic";
import { type Transform, transformed } from "../../layer/transform";
import { networkResourceName } from "./names";
import type { AzurePlace } from "./place";
import { priorities } from "./priorities";

/** One side of a rule: application security groups, or addresses by a block or a service tag. */
export type AzureSide =
  | { readonly groups: readonly string[]; readonly prefixes?: undefined }
  | { readonly prefixes: readonly string[]; readonly groups?: undefined };

/** What a rule lets through. */
export type AzureOpen = Pick<Traffic, "protocol" | "fromPort" | "toPort" | "purpose">;

export interface AzureSecurityRule {
  /** The rule's name, and the id of its construct. */
  readonly name: string;
  readonly direction: "Inbound" | "Outbound";
  readonly priority: number;
  readonly from: AzureSide;
  readonly to: AzureSide;
  readonly open: AzureOpen;
}

export interface AzureSecurityGroupProps extends Pick<AzurePlace, "environment" | "region" | "resourceGroup"> {
  /** The parts of its name: `["subnet", "nodes"]`. */
  readonly name: readonly string[];
  /** The subnet that it closes. @default - none: it stands on interfaces */
  readonly subnetId?: string;
  /** Whether what is not let out is refused. @default true */
  readonly deniesOutbound?: boolean;
  readonly transform?: {
    readonly securityGroup?: Transform<NetworkSecurityGroupConfig>;
    readonly rule?: Transform<NetworkSecurityRuleConfig>;
  };
}

/**
 * A network security group that lets through what its rules say, and refuses all else, both ways: by Azure's own last rules
 * everything in the network may come in and everything may go out.
 */
export class AzureSecurityGroup extends Construct {
  readonly securityGroupId: string;

  private readonly group: NetworkSecurityGroup;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AzureSecurityGroupProps,
  ) {
    super(scope, id);
    this.group = new NetworkSecurityGroup(
      this,
      "Default",
      transformed(props.transform?.securityGroup, {
        name: networkResourceName(props.environment, ...props.name),
        resourceGroupName: props.resourceGroup,
        location: props.region,
      }),
    );
    this.securityGroupId = this.group.id;
    this.deny("Inbound");
    if (props.deniesOutbound !== false) this.deny("Outbound");
    if (props.subnetId === undefined) return;
    new SubnetNetworkSecurityGroupAssociation(this, "subnet", {
      subnetId: props.subnetId,
      networkSecurityGroupId: this.group.id,
    });
  }

  /** Adds a rule that lets something through. */
  allow({ name, direction, priority, from, to, open }: AzureSecurityRule): NetworkSecurityRule {
    const { protocol, fromPort, toPort, purpose } = open;
    return this.add(name, {
      description: purpose,
      access: "Allow",
      direction,
      priority,
      protocol: protocol === "tcp" ? "Tcp" : "Udp",
      destinationPortRange: fromPort === toPort ? String(fromPort) : `${fromPort}-${toPort}`,
      ...source(from),
      ...destination(to),
    });
  }

  private deny(direction: "Inbound" | "Outbound"): void {
    this.add(`deny-${direction.toLowerCase()}`, {
      description: "All else",
      access: "Deny",
      direction,
      priority: priorities.deny,
      protocol: "*",
      sourceAddressPrefix: "*",
      destinationAddressPrefix: "*",
      destinationPortRange: "*",
    });
  }

  private add(
    name: string,
    rule: Omit<
      NetworkSecurityRuleConfig,
      "name" | "resourceGroupName" | "networkSecurityGroupName" | "sourcePortRange"
    >,
  ): NetworkSecurityRule {
    return new NetworkSecurityRule(
      this,
      name,
      transformed(this.props.transform?.rule, {
        name,
        resourceGroupName: this.props.resourceGroup,
        networkSecurityGroupName: this.group.name,
        sourcePortRange: "*",
        ...rule,
      }),
    );
  }
}

/** Azure has an argument for one prefix and another for several. */
function source(side: AzureSide): Partial<NetworkSecurityRuleConfig> {
  if (side.groups !== undefined) return { sourceApplicationSecurityGroupIds: [...side.groups] };
  const [prefix, ...others] = side.prefixes;
  return others.length === 0 ? { sourceAddressPrefix: prefix } : { sourceAddressPrefixes: [...side.prefixes] };
}

function destination(side: AzureSide): Partial<NetworkSecurityRuleConfig> {
  if (side.groups !== undefined) return { destinationApplicationSecurityGroupIds: [...side.groups] };
  const [prefix, ...others] = side.prefixes;
  return others.length === 0
    ? { destinationAddressPrefix: prefix }
    : { destinationAddressPrefixes: [...side.prefixes] };
}
