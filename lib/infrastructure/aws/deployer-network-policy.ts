import { ENVIRONMENT_TAG } from "./names";
import { type AwsPlace, regionalArn } from "./place";
import type { PolicyStatement } from "./policy-document";
import { ownTag } from "./read-policy";

/**
 * What the deployer does with networks. What it makes bears the environment's tag from the first moment, and it changes
 * only what bears it.
 *
 * Actions, resources and keys: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
export function networkStatements(place: AwsPlace): PolicyStatement[] {
  const of = (...types: readonly string[]) => types.map((type) => regionalArn(place, "ec2", `${type}/*`));
  const tagging = { StringEquals: { [`aws:RequestTag/${ENVIRONMENT_TAG}`]: place.environment } };
  return [
    {
      sid: "Make",
      actions: [
        "ec2:AllocateAddress",
        "ec2:CreateFlowLogs",
        "ec2:CreateInternetGateway",
        "ec2:CreateNatGateway",
        "ec2:CreateNetworkAcl",
        "ec2:CreateRouteTable",
        "ec2:CreateSecurityGroup",
        "ec2:CreateSubnet",
        "ec2:CreateVpc",
        "ec2:CreateVpcEndpoint",
      ],
      resources: of(
        "elastic-ip",
        "internet-gateway",
        "natgateway",
        "network-acl",
        "route-table",
        "security-group",
        "subnet",
        "vpc",
        "vpc-endpoint",
        "vpc-flow-log",
      ),
      conditions: tagging,
    },
    {
      sid: "MakeRules",
      actions: ["ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress"],
      resources: of("security-group-rule"),
      conditions: tagging,
    },
    {
      // The VPC may be one that somebody else made, without our tag.
      sid: "MakeInVpc",
      actions: [
        "ec2:CreateFlowLogs",
        "ec2:CreateNetworkAcl",
        "ec2:CreateRouteTable",
        "ec2:CreateSecurityGroup",
        "ec2:CreateSubnet",
        "ec2:CreateVpcEndpoint",
      ],
      resources: of("vpc"),
    },
    {
      sid: "MakeInSubnets",
      actions: ["ec2:CreateNatGateway", "ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint"],
      resources: of("elastic-ip", "route-table", "security-group", "subnet"),
    },
    {
      sid: "TagWhatIsMade",
      actions: ["ec2:CreateTags"],
      resources: of("*"),
      conditions: { ...tagging, Null: { "ec2:CreateAction": false } },
    },
    {
      sid: "ChangeOwn",
      actions: [
        "ec2:AssociateRouteTable",
        "ec2:AttachInternetGateway",
        "ec2:AuthorizeSecurityGroupEgress",
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:CreateNetworkAclEntry",
        "ec2:CreateRoute",
        "ec2:CreateTags",
        "ec2:DeleteFlowLogs",
        "ec2:DeleteInternetGateway",
        "ec2:DeleteNatGateway",
        "ec2:DeleteNetworkAcl",
        "ec2:DeleteNetworkAclEntry",
        "ec2:DeleteRoute",
        "ec2:DeleteRouteTable",
        "ec2:DeleteSecurityGroup",
        "ec2:DeleteSubnet",
        "ec2:DeleteTags",
        "ec2:DeleteVpc",
        "ec2:DeleteVpcEndpoints",
        "ec2:DetachInternetGateway",
        "ec2:DisassociateAddress",
        "ec2:DisassociateRouteTable",
        "ec2:ModifySecurityGroupRules",
        "ec2:ModifySubnetAttribute",
        "ec2:ModifyVpcAttribute",
        "ec2:ModifyVpcEndpoint",
        "ec2:ReleaseAddress",
        "ec2:ReplaceNetworkAclAssociation",
        "ec2:ReplaceNetworkAclEntry",
        "ec2:ReplaceRoute",
        "ec2:ReplaceRouteTableAssociation",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:RevokeSecurityGroupIngress",
        "ec2:UpdateSecurityGroupRuleDescriptionsEgress",
        "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
      ],
      resources: of("*"),
      conditions: { StringEquals: ownTag(place) },
    },
    {
      // AWS makes a VPC's default security group, network ACL and route table, untagged; they are closed and tagged.
      sid: "CloseDefaults",
      actions: [
        "ec2:DeleteNetworkAclEntry",
        "ec2:DeleteRoute",
        "ec2:ReplaceNetworkAclAssociation",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:RevokeSecurityGroupIngress",
      ],
      resources: of("network-acl", "route-table", "security-group"),
      conditions: { Null: { [`aws:ResourceTag/${ENVIRONMENT_TAG}`]: true } },
    },
    {
      sid: "TagDefaults",
      actions: ["ec2:CreateTags"],
      resources: of("network-acl", "route-table", "security-group"),
      conditions: { ...tagging, Null: { [`aws:ResourceTag/${ENVIRONMENT_TAG}`]: true } },
    },
  ];
}
