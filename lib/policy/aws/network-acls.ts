import { adminPortsIn, isAnywhere } from "../ports";
import type { PolicyRule } from "../rule";
import type { SynthesizedBlock, SynthesizedResource } from "../synthesized-stack";
import { UNKNOWN } from "../values";
import { portsOf } from "./ports";

const ACLS = ["aws_network_acl", "aws_default_network_acl", "aws_network_acl_rule"];

interface Entry {
  readonly block: SynthesizedBlock;
  readonly outwards: boolean;
  readonly cidrs: readonly string[];
}

/** The entries of a network ACL that allow something, inline or as resources of their own. */
function allowing(resource: SynthesizedResource): Entry[] {
  if (resource.type === "aws_network_acl_rule") {
    const egress = resource.boolean("egress");
    const outwards = egress === true || egress === UNKNOWN;
    const entry = { block: resource, outwards, cidrs: ["cidr_block", "ipv6_cidr_block"] };
    return resource.text("rule_action") === "allow" ? [entry] : [];
  }
  return ["ingress", "egress"].flatMap((direction) =>
    resource
      .blocks(direction)
      .filter((block) => block.text("action") === "allow")
      .map((block) => ({ block, outwards: direction === "egress", cidrs: ["cidr_block", "ipv6_cidr_block"] })),
  );
}

const allPorts: PolicyRule = {
  id: "aws-network-acl-all-ports",
  severity: "CRITICAL",
  title: "No network ACL allows all protocols and ports",
  why: "An ACL that allows everything is none: it is the second wall behind the security groups.",
  fix: "name protocol and ports",
  references: { trivy: ["AWS-0102"], checkov: ["CKV_AWS_352"] },
  resourceTypes: ACLS,
  *check(resource) {
    for (const { block } of allowing(resource)) {
      const protocol = block.text("protocol");
      if (protocol === "-1" || protocol === "all") yield { attribute: block.at("protocol"), given: protocol };
    }
  },
};

const adminPorts: PolicyRule = {
  id: "aws-network-acl-admin-ports",
  severity: "HIGH",
  title: "No network ACL opens a port of administration to the internet",
  why: "SSH, RDP and their like are tried by robots within minutes, day and night.",
  fix: "name the networks that may connect; of 1024-65535, answers can do with 1024-2374, 2377-3388, 3390-5984, 5987-65535",
  references: { trivy: ["AWS-0105"], checkov: ["CKV_AWS_231", "CKV_AWS_232"], cis: ["AWS v6.0 6.2"] },
  resourceTypes: ACLS,
  *check(resource) {
    for (const { block, outwards, cidrs } of allowing(resource)) {
      const open = adminPortsIn(portsOf(block, "protocol"));
      if (outwards || open.length === 0) continue;
      for (const attribute of cidrs) {
        const cidr = block.text(attribute);
        if (isAnywhere(cidr)) {
          yield { attribute: block.at(attribute), given: `${String(cidr)} to ${open.join(", ")}` };
        }
      }
    }
  },
};

const defaultAcl: PolicyRule = {
  id: "aws-default-network-acl",
  severity: "LOW",
  title: "A VPC's default network ACL is held by Terraform and lets nothing through",
  why: "A subnet that somebody adds without an ACL gets this one, which AWS makes wide open.",
  fix: "add an aws_default_network_acl for the VPC, without ingress and egress",
  references: { url: "https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html" },
  resourceTypes: ["aws_vpc", "aws_default_network_acl"],
  *check(resource, stack) {
    if (resource.type === "aws_vpc") {
      if (stack.pointingAt(resource, "aws_default_network_acl", "default_network_acl_id").length === 0) {
        yield { attribute: "aws_default_network_acl" };
      }
      return;
    }
    for (const { block } of allowing(resource)) {
      yield { attribute: block.path, given: "allow", fix: "remove the entry and give the subnets an ACL of their own" };
    }
  },
};

export const networkAclRules: readonly PolicyRule[] = [allPorts, adminPorts, defaultAcl];
