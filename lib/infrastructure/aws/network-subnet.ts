import { NetworkAclAssociation } from "@cdktf/provider-aws/lib/network-acl-association";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import { Subnet, type SubnetConfig } from "@cdktf/provider-aws/lib/subnet";
import { Construct } from "constructs";
import { type Transform, transformed } from "../../layer/transform";
import type { Cidr } from "../cidr";
import type { AwsZone } from "./zones";

export interface AwsSubnetProps {
  readonly vpcId: string;
  readonly zone: AwsZone;
  readonly block: Cidr;
  readonly routeTableId: string;
  readonly networkAclId: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly transform?: Transform<SubnetConfig>;
}

/**
 * One subnet with its routes and its ACL. They are joined by resources of their own, so that one more subnet changes
 * neither the route table nor the ACL.
 */
export class AwsSubnet extends Construct {
  readonly subnetId: string;

  constructor(scope: Construct, id: string, props: AwsSubnetProps) {
    super(scope, id);
    const subnet = new Subnet(
      this,
      "Default",
      transformed(props.transform, {
        vpcId: props.vpcId,
        availabilityZone: props.zone.name,
        cidrBlock: props.block.toString(),
        mapPublicIpOnLaunch: false,
        tags: { ...props.tags },
      }),
    );
    this.subnetId = subnet.id;
    new RouteTableAssociation(this, "routes", { subnetId: subnet.id, routeTableId: props.routeTableId });
    new NetworkAclAssociation(this, "acl", { subnetId: subnet.id, networkAclId: props.networkAclId });
  }
}
