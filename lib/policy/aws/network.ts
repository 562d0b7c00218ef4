import { isAnywhere } from "../ports";
import type { PolicyRule } from "../rule";
import type { SynthesizedBlock } from "../synthesized-stack";
import { isEverybody, isEverything, policyOf } from "./policy-document";

const flowLog: PolicyRule = {
  id: "aws-vpc-flow-log",
  severity: "MEDIUM",
  title: "A VPC has a flow log",
  why: "Without it nobody can say afterwards who talked to whom.",
  fix: "add an aws_flow_log with the VPC's id",
  references: { trivy: ["AWS-0178"], checkov: ["CKV2_AWS_11"], cis: ["AWS v5.0 3.7"] },
  resourceTypes: ["aws_vpc"],
  *check(vpc, stack) {
    if (stack.pointingAt(vpc, "aws_flow_log", "vpc_id").length === 0) yield { attribute: "aws_flow_log" };
  },
};

const defaultVpc: PolicyRule = {
  id: "aws-default-vpc",
  severity: "HIGH",
  title: "The account's default VPC is not used",
  why: "Its subnets are public, and everything in them gets a public address.",
  fix: "use a VPC of your own",
  references: { trivy: ["AWS-0101"], checkov: ["CKV_AWS_148"] },
  resourceTypes: ["aws_default_vpc", "aws_default_subnet"],
  *check(resource) {
    yield { attribute: resource.type, given: "in use" };
  },
};

const subnetPublicIp: PolicyRule = {
  id: "aws-subnet-public-ip",
  severity: "HIGH",
  title: "A subnet gives no public addresses by itself",
  why: "A machine is then on the internet because of where it stands, not because somebody wanted it.",
  fix: "remove map_public_ip_on_launch; what must be public gets an address of its own",
  references: { trivy: ["AWS-0164"], checkov: ["CKV_AWS_130"] },
  resourceTypes: ["aws_subnet"],
  *check(subnet) {
    for (const attribute of ["map_public_ip_on_launch", "map_customer_owned_ip_on_launch"]) {
      if (subnet.boolean(attribute) === true) yield { attribute, given: true };
    }
  },
};

/** A way out of the VPC for machines without a public address. */
const WAYS_OUT = ["nat_gateway_id", "egress_only_gateway_id"];

const egressAnywhere: PolicyRule = {
  id: "aws-egress-anywhere",
  severity: "CRITICAL",
  title: "No private subnet has a default route to the internet",
  why: "What breaks into a machine takes data out, and fetches its next stage, through exactly this route.",
  fix: 'remove the route and use VPC endpoints (egress: "private")',
  references: { url: "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html" },
  resourceTypes: ["aws_route", "aws_route_table", "aws_default_route_table"],
  *check(resource) {
    const routes: SynthesizedBlock[] = resource.type === "aws_route" ? [resource] : resource.blocks("route");
    for (const route of routes) {
      const out = WAYS_OUT.find((attribute) => route.has(attribute));
      if (out === undefined) continue;
      for (const attribute of [
        "destination_cidr_block",
        "destination_ipv6_cidr_block",
        "cidr_block",
        "ipv6_cidr_block",
      ]) {
        const cidr = route.text(attribute);
        if (isAnywhere(cidr)) yield { attribute: route.at(attribute), given: `${String(cidr)} by ${out}` };
      }
    }
  },
};

const endpointPolicy: PolicyRule = {
  id: "aws-vpc-endpoint-policy",
  severity: "LOW",
  title: "A VPC endpoint has a policy that does not allow everything",
  why: "AWS's default lets a stolen key of any account carry data out through the endpoint.",
  fix: "set policy, or add an aws_vpc_endpoint_policy, and name account, organization or resources in it",
  references: { url: "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html" },
  resourceTypes: ["aws_vpc_endpoint"],
  *check(endpoint, stack) {
    const type = endpoint.text("vpc_endpoint_type") ?? "Gateway";
    if (type !== "Gateway" && type !== "Interface") return;
    const separate = stack.pointingAt(endpoint, "aws_vpc_endpoint_policy", "vpc_endpoint_id");
    const documents = [endpoint, ...separate].map((resource) => policyOf(resource, "policy", stack));
    if (documents.every((document) => document === undefined)) yield { attribute: "policy" };
    for (const statement of documents.flatMap((document) => document?.statements ?? [])) {
      const { allows, actions, resources, principals, conditions, hasUnknownConditions } = statement;
      const open = principals.some(isEverybody) && actions.includes("*") && resources.some(isEverything);
      if (allows && open && conditions.length === 0 && !hasUnknownConditions) {
        yield { attribute: statement.path, given: "* for everybody on everything" };
      }
    }
  },
};

export const networkRules: readonly PolicyRule[] = [
  flowLog,
  defaultVpc,
  subnetPublicIp,
  egressAnywhere,
  endpointPolicy,
];
