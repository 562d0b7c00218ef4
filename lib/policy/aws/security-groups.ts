import { adminPortsIn, isAnywhere } from "../ports";
import type { PolicyRule } from "../rule";
import type { SynthesizedBlock, SynthesizedResource } from "../synthesized-stack";
import { UNKNOWN } from "../values";
import { portsOf } from "./ports";

type Direction = "ingress" | "egress";

interface GroupRule {
  readonly block: SynthesizedBlock;
  readonly protocol: string;
  /** Attributes that hold CIDR blocks. */
  readonly cidrs: readonly string[];
}

const LIST_CIDRS = ["cidr_blocks", "ipv6_cidr_blocks"];

/** The rules of a direction that a resource holds, in whichever of the provider's three ways they are written. */
function rulesOf(resource: SynthesizedResource, direction: Direction): GroupRule[] {
  switch (resource.type) {
    case "aws_security_group":
    case "aws_default_security_group":
      return resource.blocks(direction).map((block) => ({ block, protocol: "protocol", cidrs: LIST_CIDRS }));
    case "aws_security_group_rule":
      return resource.text("type") === direction ? [{ block: resource, protocol: "protocol", cidrs: LIST_CIDRS }] : [];
    case `aws_vpc_security_group_${direction}_rule`:
      return [{ block: resource, protocol: "ip_protocol", cidrs: ["cidr_ipv4", "cidr_ipv6"] }];
    default:
      return [];
  }
}

/** The CIDR blocks of a rule that hold every address. */
function anywhere({ block, cidrs }: GroupRule): { attribute: string; cidr: string }[] {
  return cidrs.flatMap((attribute) =>
    block
      .texts(attribute)
      .filter((cidr) => cidr !== UNKNOWN)
      .filter(isAnywhere)
      .map((cidr) => ({ attribute: block.at(attribute), cidr })),
  );
}

const adminIngress: PolicyRule = {
  id: "aws-ingress-admin-ports",
  severity: "HIGH",
  title: "No security group opens a port of administration to the internet",
  why: "SSH, RDP and their like are tried by robots within minutes, day and night.",
  fix: "remove the rule and use Session Manager, or name the networks that may connect",
  references: {
    trivy: ["AWS-0107"],
    checkov: ["CKV_AWS_24", "CKV_AWS_25", "CKV_AWS_277"],
    cis: ["AWS v6.0 6.3", "AWS v6.0 6.4"],
  },
  resourceTypes: [
    "aws_security_group",
    "aws_default_security_group",
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
  ],
  *check(resource) {
    for (const rule of rulesOf(resource, "ingress")) {
      const open = adminPortsIn(portsOf(rule.block, rule.protocol));
      if (open.length === 0) continue;
      for (const { attribute, cidr } of anywhere(rule)) {
        yield { attribute, given: `${cidr} to ${open.join(", ")}` };
      }
    }
  },
};

const egressAnywhere: PolicyRule = {
  id: "aws-security-group-egress-anywhere",
  severity: "CRITICAL",
  title: "No security group lets traffic out to every address",
  why: "What breaks into a machine takes data out, and fetches its next stage, through exactly this rule.",
  fix: "name the VPC's CIDR block, prefix lists or security groups",
  references: { trivy: ["AWS-0104"], checkov: ["CKV_AWS_382"] },
  resourceTypes: [
    "aws_security_group",
    "aws_default_security_group",
    "aws_security_group_rule",
    "aws_vpc_security_group_egress_rule",
  ],
  *check(resource) {
    for (const rule of rulesOf(resource, "egress")) {
      for (const { attribute, cidr } of anywhere(rule)) yield { attribute, given: cidr };
    }
  },
};

const TERRAFORMS_OWN = "Managed by Terraform";

const description: PolicyRule = {
  id: "aws-security-group-description",
  severity: "LOW",
  title: "Security groups and their rules say what they are for",
  why: "A rule that nobody can explain is a rule that nobody dares to remove.",
  fix: "set description",
  references: { trivy: ["AWS-0099", "AWS-0124"], checkov: ["CKV_AWS_23"] },
  resourceTypes: [
    "aws_security_group",
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpc_security_group_egress_rule",
  ],
  *check(resource) {
    const inline = [...resource.blocks("ingress"), ...resource.blocks("egress")];
    for (const block of [resource, ...inline]) {
      const text = block.text("description");
      if (text === undefined || text === "" || text === TERRAFORMS_OWN) {
        yield { attribute: block.at("description"), given: text };
      }
    }
  },
};

const defaultGroup: PolicyRule = {
  id: "aws-default-security-group",
  severity: "MEDIUM",
  title: "A VPC's default security group is held by Terraform and lets nothing through",
  why: "Whatever is started without a group of its own gets this one.",
  fix: "add an aws_default_security_group for the VPC, without ingress and egress",
  references: { trivy: ["AWS-0173"], checkov: ["CKV2_AWS_12"], cis: ["AWS v6.0 6.5"] },
  resourceTypes: ["aws_vpc", "aws_default_security_group"],
  *check(resource, stack) {
    if (resource.type === "aws_vpc") {
      if (stack.pointingAt(resource, "aws_default_security_group", "vpc_id").length === 0) {
        yield { attribute: "aws_default_security_group" };
      }
      return;
    }
    for (const direction of ["ingress", "egress"]) {
      const rules = resource.blocks(direction).filter((block) => !block.isUnknown).length;
      if (rules > 0) yield { attribute: direction, given: `${rules} rules`, fix: `remove ${direction}` };
    }
  },
};

export const securityGroupRules: readonly PolicyRule[] = [adminIngress, egressAnywhere, description, defaultGroup];
