import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { App, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { expect, it } from "vitest";
import { waive, waiveAddress, waiveByChoice, waiversOf } from "../../lib/policy";

const dated = { rule: "aws-vpc-flow-log", reason: "a sandbox", until: "2027-03-31" };

it("finds each waiver with the address that its resource has in the end", () => {
  const stack = new TerraformStack(new App(), "prod");
  const provider = new AwsProvider(stack, "aws", { alias: "frankfurt" });
  const network = new Construct(stack, "network");
  const vpc = new Vpc(network, "vpc");
  waive(vpc, dated);
  waiveByChoice(vpc, { rule: "aws-egress-anywhere", reason: "nodes pull images", prop: "egress" });
  waive(new DataAwsCallerIdentity(stack, "caller"), dated);
  waive(provider, dated);
  waiveAddress(stack, "aws_subnet.old", dated);
  vpc.overrideLogicalId("main");
  expect(waiversOf(stack)).toEqual([
    { ...dated, resource: "aws_subnet.old", constructPath: "prod" },
    { ...dated, resource: "provider.aws.frankfurt", constructPath: "prod/aws" },
    { ...dated, resource: "aws_vpc.main", constructPath: "prod/network/vpc" },
    {
      rule: "aws-egress-anywhere",
      reason: "nodes pull images",
      prop: "egress",
      resource: "aws_vpc.main",
      constructPath: "prod/network/vpc",
    },
    { ...dated, resource: "data.aws_caller_identity.caller", constructPath: "prod/caller" },
  ]);
});

it("leaves the waivers of a stack below to that stack", () => {
  const outer = new TerraformStack(new App(), "outer");
  const inner = new TerraformStack(outer, "inner");
  waiveAddress(inner, "aws_vpc.main", dated);
  expect(waiversOf(outer)).toEqual([]);
  expect(waiversOf(inner)).toHaveLength(1);
});

it("leaves the synthesized JSON as it is", () => {
  const synthesized = (waived: boolean) => {
    const stack = new TerraformStack(new App(), "prod");
    const vpc = new Vpc(stack, "vpc");
    if (waived) waive(vpc, dated);
    return stack.toTerraform();
  };
  expect(synthesized(true)).toEqual(synthesized(false));
});
