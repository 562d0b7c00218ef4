import { networkRules } from "../../../lib/policy/aws/network";
import { networkAclRules } from "../../../lib/policy/aws/network-acls";
import { securityGroupRules } from "../../../lib/policy/aws/security-groups";
import { allow, policy, testRules } from "../rule-examples";

const vpc = { aws_vpc: { v: { cidr_block: "10.0.0.0/16" } } };
const VPC = "${aws_vpc.v.id}";
const one = (type: string, attributes: object) => ({ resource: { [type]: { it: attributes } } });

const everything = { Effect: "Allow", Principal: "*", Action: "*", Resource: "*" };

testRules(networkRules, {
  "aws-vpc-flow-log": {
    breaks: {
      "a VPC alone": [{ resource: vpc }, "aws_vpc.v aws_flow_log: nothing"],
      "a flow log of a subnet": [
        { resource: { ...vpc, aws_flow_log: { f: { subnet_id: "${aws_subnet.s.id}" } } } },
        "aws_vpc.v aws_flow_log: nothing",
      ],
    },
    holds: { "a VPC with its log": { resource: { ...vpc, aws_flow_log: { f: { vpc_id: VPC } } } } },
  },
  "aws-default-vpc": {
    breaks: { "the default VPC": [one("aws_default_vpc", {}), 'aws_default_vpc.it aws_default_vpc: "in use"'] },
    holds: { "another VPC": { resource: vpc } },
  },
  "aws-subnet-public-ip": {
    breaks: {
      "public addresses": [
        one("aws_subnet", { map_public_ip_on_launch: true }),
        "aws_subnet.it map_public_ip_on_launch: true",
      ],
    },
    holds: { "a subnet": one("aws_subnet", {}), "said so": one("aws_subnet", { map_public_ip_on_launch: false }) },
  },
  "aws-egress-anywhere": {
    breaks: {
      "a route": [
        one("aws_route", { destination_cidr_block: "0.0.0.0/0", nat_gateway_id: "${aws_nat_gateway.n.id}" }),
        'aws_route.it destination_cidr_block: "0.0.0.0/0 by nat_gateway_id"',
      ],
      "a route of IPv6": [
        one("aws_route", { destination_ipv6_cidr_block: "::/0", egress_only_gateway_id: "eigw-1" }),
        'aws_route.it destination_ipv6_cidr_block: "::/0 by egress_only_gateway_id"',
      ],
      "a route in its table": [
        one("aws_route_table", {
          route: [{ cidr_block: "10.1.0.0/16" }, { cidr_block: "0.0.0.0/0", nat_gateway_id: "n" }],
        }),
        'aws_route_table.it route[1].cidr_block: "0.0.0.0/0 by nat_gateway_id"',
      ],
    },
    holds: {
      "the route of a public subnet": one("aws_route", {
        destination_cidr_block: "0.0.0.0/0",
        gateway_id: "${aws_internet_gateway.i.id}",
      }),
      "a route to some addresses": one("aws_route", { destination_cidr_block: "192.0.2.0/24", nat_gateway_id: "n" }),
    },
  },
  "aws-vpc-endpoint-policy": {
    breaks: {
      "AWS's own policy": [one("aws_vpc_endpoint", { service_name: "s3" }), "aws_vpc_endpoint.it policy: nothing"],
      "a policy that allows everything": [
        one("aws_vpc_endpoint", { vpc_endpoint_type: "Interface", policy: policy(everything) }),
        'aws_vpc_endpoint.it policy.Statement[0]: "* for everybody on everything"',
      ],
    },
    holds: {
      "a policy for the account": one("aws_vpc_endpoint", {
        policy: policy({ ...everything, Condition: { StringEquals: { "aws:PrincipalAccount": "123456789012" } } }),
      }),
      "a policy beside it": {
        resource: {
          aws_vpc_endpoint: { e: { vpc_endpoint_type: "Interface" } },
          aws_vpc_endpoint_policy: {
            p: {
              vpc_endpoint_id: "${aws_vpc_endpoint.e.id}",
              policy: policy(allow("s3:GetObject", "arn:aws:s3:::b/*")),
            },
          },
        },
      },
      "an endpoint that knows no policy": one("aws_vpc_endpoint", { vpc_endpoint_type: "GatewayLoadBalancer" }),
    },
  },
});

const inline = (direction: string, rule: object) =>
  one("aws_security_group", { description: "for x", [direction]: [{ description: "for y", ...rule }] });

testRules(securityGroupRules, {
  "aws-ingress-admin-ports": {
    breaks: {
      "SSH in a group": [
        inline("ingress", { protocol: "tcp", from_port: 22, to_port: 22, cidr_blocks: ["10.0.0.0/8", "0.0.0.0/0"] }),
        'aws_security_group.it ingress.cidr_blocks: "0.0.0.0/0 to 22"',
      ],
      "a range over IPv6": [
        one("aws_security_group_rule", {
          type: "ingress",
          protocol: "tcp",
          from_port: 3000,
          to_port: 4000,
          ipv6_cidr_blocks: ["::/0"],
        }),
        'aws_security_group_rule.it ipv6_cidr_blocks: "::/0 to 3389"',
      ],
      "every protocol": [
        one("aws_vpc_security_group_ingress_rule", { ip_protocol: "-1", cidr_ipv4: "0.0.0.0/0" }),
        'aws_vpc_security_group_ingress_rule.it cidr_ipv4: "0.0.0.0/0 to 22, 23, 2375, 2376, 3389, 5985, 5986"',
      ],
    },
    holds: {
      "HTTPS for everybody": one("aws_vpc_security_group_ingress_rule", {
        ip_protocol: "tcp",
        from_port: 443,
        to_port: 443,
        cidr_ipv4: "0.0.0.0/0",
      }),
      "SSH for one network": inline("ingress", {
        protocol: "tcp",
        from_port: 22,
        to_port: 22,
        cidr_blocks: ["10.0.0.0/8"],
      }),
      "a network known to Terraform only": inline("ingress", {
        protocol: "tcp",
        from_port: 22,
        to_port: 22,
        cidr_blocks: ["${aws_vpc.v.cidr_block}"],
      }),
      ping: inline("ingress", { protocol: "icmp", from_port: 8, to_port: 0, cidr_blocks: ["0.0.0.0/0"] }),
      "SSH outwards": one("aws_security_group_rule", {
        type: "egress",
        protocol: "tcp",
        from_port: 22,
        to_port: 22,
        cidr_blocks: ["0.0.0.0/0"],
      }),
    },
  },
  "aws-security-group-egress-anywhere": {
    breaks: {
      "a group": [
        inline("egress", { protocol: "-1", from_port: 0, to_port: 0, cidr_blocks: ["0.0.0.0/0"] }),
        'aws_security_group.it egress.cidr_blocks: "0.0.0.0/0"',
      ],
      "a rule": [
        one("aws_security_group_rule", { type: "egress", cidr_blocks: ["0.0.0.0/0"], ipv6_cidr_blocks: ["::/0"] }),
        'aws_security_group_rule.it cidr_blocks: "0.0.0.0/0"',
        'aws_security_group_rule.it ipv6_cidr_blocks: "::/0"',
      ],
      "a rule of the newer kind": [
        one("aws_vpc_security_group_egress_rule", { ip_protocol: "tcp", cidr_ipv4: "0.0.0.0/0" }),
        'aws_vpc_security_group_egress_rule.it cidr_ipv4: "0.0.0.0/0"',
      ],
    },
    holds: {
      "the VPC": inline("egress", { protocol: "tcp", cidr_blocks: ["10.0.0.0/16"] }),
      "a prefix list": one("aws_vpc_security_group_egress_rule", { ip_protocol: "tcp", prefix_list_id: "pl-1" }),
      "a rule inwards": one("aws_security_group_rule", { type: "ingress", cidr_blocks: ["0.0.0.0/0"] }),
    },
  },
  "aws-security-group-description": {
    breaks: {
      "a group without": [one("aws_security_group", {}), "aws_security_group.it description: nothing"],
      "Terraform's own words": [
        one("aws_security_group", { description: "Managed by Terraform" }),
        'aws_security_group.it description: "Managed by Terraform"',
      ],
      "a rule in a group": [
        one("aws_security_group", { description: "for x", ingress: [{ description: "y" }, {}] }),
        "aws_security_group.it ingress[1].description: nothing",
      ],
      "a rule": [
        one("aws_vpc_security_group_egress_rule", {}),
        "aws_vpc_security_group_egress_rule.it description: nothing",
      ],
    },
    holds: { descriptions: inline("ingress", {}) },
  },
  "aws-default-security-group": {
    breaks: {
      "a VPC alone": [{ resource: vpc }, "aws_vpc.v aws_default_security_group: nothing"],
      "a group with rules": [
        { resource: { ...vpc, aws_default_security_group: { d: { vpc_id: VPC, egress: [{}] } } } },
        'aws_default_security_group.d egress: "1 rules"',
      ],
    },
    holds: { "an empty group": { resource: { ...vpc, aws_default_security_group: { d: { vpc_id: VPC } } } } },
  },
});

const entry = (attributes: object) =>
  one("aws_network_acl_rule", { rule_action: "allow", protocol: "tcp", cidr_block: "0.0.0.0/0", ...attributes });

testRules(networkAclRules, {
  "aws-network-acl-all-ports": {
    breaks: {
      "an entry of its own": [entry({ protocol: "-1", egress: true }), 'aws_network_acl_rule.it protocol: "-1"'],
      "an entry inside": [
        one("aws_network_acl", { ingress: [{ action: "allow", protocol: "all" }] }),
        'aws_network_acl.it ingress.protocol: "all"',
      ],
    },
    holds: {
      "one port": entry({ from_port: 443, to_port: 443 }),
      "a denial": entry({ rule_action: "deny", protocol: "-1" }),
    },
  },
  "aws-network-acl-admin-ports": {
    breaks: {
      "a range": [
        entry({ from_port: 1024, to_port: 65535 }),
        'aws_network_acl_rule.it cidr_block: "0.0.0.0/0 to 2375, 2376, 3389, 5985, 5986"',
      ],
      "an entry inside, over IPv6": [
        one("aws_network_acl", {
          ingress: { action: "allow", protocol: "6", from_port: "22", to_port: "22", ipv6_cidr_block: "::/0" },
        }),
        'aws_network_acl.it ingress.ipv6_cidr_block: "::/0 to 22"',
      ],
    },
    holds: {
      "another port": entry({ from_port: 443, to_port: 443 }),
      "a network": entry({ from_port: 22, to_port: 22, cidr_block: "10.0.0.0/8" }),
      outwards: entry({ from_port: 22, to_port: 22, egress: true }),
      "a denial": entry({ rule_action: "deny", from_port: 22, to_port: 22 }),
    },
  },
  "aws-default-network-acl": {
    breaks: {
      "a VPC alone": [{ resource: vpc }, "aws_vpc.v aws_default_network_acl: nothing"],
      "an ACL that allows": [
        one("aws_default_network_acl", { ingress: [{ action: "deny" }, { action: "allow" }] }),
        'aws_default_network_acl.it ingress[1]: "allow"',
      ],
    },
    holds: {
      "a closed ACL": {
        resource: {
          ...vpc,
          aws_default_network_acl: { d: { default_network_acl_id: "${aws_vpc.v.default_network_acl_id}" } },
        },
      },
    },
  },
});
