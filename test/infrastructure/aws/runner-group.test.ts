import { App } from "cdktf";
import { type AwsGitHubRunners, AwsInfrastructureStack, type AwsRunners } from "cdktf-caravan/aws";
import { Template } from "cdktf-caravan/testing";
import { describe, expect, test } from "vitest";
import { LocalState } from "../../../lib";
import { addressOf, identityPolicies } from "./documents";
import { refusal } from "./edge-stack";
import { decide } from "./iam-evaluator";

const SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:runners-AbCdEf";
const KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const gitHub: AwsGitHubRunners = {
  repository: "acme/platform",
  appId: "Iv23liAbCdEf",
  installationId: "4711",
  signingKeyArn: KEY,
};
const runners: AwsRunners = { userData: "#!/bin/sh\necho ${runner} %{if}\n", secretArns: [SECRET], max: 4 };

function stackOf(change: Partial<AwsRunners> = {}, egress: "nat" | "private" = "nat"): Template {
  return Template.of(
    new AwsInfrastructureStack(new App(), "prod-infrastructure", {
      environment: { name: "prod", state: new LocalState() },
      region: "eu-central-1",
      accountId: "123456789012",
      images: { x86_64: "ami-0123456789abcdef0" },
      network: { egress },
      software: { from: "baked" },
      runners: { ...runners, ...change },
    }),
  );
}

describe("runners of CI", () => {
  const template = stackOf();

  test("are a group of their own in private subnets, started from what the user says", () => {
    const group = template.resource(addressOf(template, "aws_autoscaling_group", "runners"));
    expect(group).toMatchObject({ name: "caravan-prod-runner-ci", min_size: 1, max_size: 4, health_check_type: "EC2" });
    const recipe = template.resource(addressOf(template, "aws_launch_template", "runners_launch-template"));
    expect(Buffer.from(String(recipe["user_data"]), "base64").toString()).toBe(runners.userData);
    expect(recipe).toMatchObject({
      metadata_options: { http_tokens: "required", http_put_response_hop_limit: 1 },
      network_interfaces: [
        {
          associate_public_ip_address: "false",
          security_groups: [`\${${addressOf(template, "aws_security_group", "firewall_runners")}.id}`],
        },
      ],
    });
  });

  test("may sign in to their forge, and are nobody else to AWS", () => {
    const policies = identityPolicies(template, addressOf(template, "aws_iam_role", "runners_role"));
    const ask = (action: string, resource = "*", context = {}) => decide(policies, { action, resource, context });
    expect(ask("secretsmanager:GetSecretValue", SECRET)).toBe("allow");
    expect(ask("secretsmanager:GetSecretValue", `${SECRET}2`)).toBe("no");
    expect(ask("ssmmessages:OpenDataChannel", "*", { "aws:RequestedRegion": "eu-central-1" })).toBe("allow");
    for (const action of ["ec2:DescribeInstances", "sts:AssumeRole", "s3:GetObject", "iam:GetRole"]) {
      expect(ask(action, "*", { "aws:RequestedRegion": "eu-central-1" }), action).toBe("no");
    }
    const quiet = stackOf({ secretArns: undefined });
    quiet.hasNoResource("aws_iam_role_policy", { name: "registration" });
  });

  test.each([
    ["nat", ["0.0.0.0/0"]],
    ["private", [expect.stringContaining("endpoints_security-group"), expect.stringContaining("prefix_list_id")]],
  ] as const)("reach the machine address and the forge, with egress %s; nothing reaches them", (egress, ways) => {
    const from = stackOf({}, egress);
    const own = `\${${addressOf(from, "aws_security_group", "firewall_runners")}.id}`;
    const rules = (direction: string) =>
      from
        .resources(`aws_vpc_security_group_${direction}_rule`)
        .map(({ arguments: rule }) => rule)
        .filter((rule) => rule["security_group_id"] === own);
    expect(rules("ingress")).toEqual([]);
    const outside = rules("egress").filter((rule) => rule["from_port"] === 443);
    expect(
      outside.map((rule) => rule["cidr_ipv4"] ?? rule["referenced_security_group_id"] ?? rule["prefix_list_id"]),
    ).toEqual(ways);
    expect(
      rules("egress")
        .map((rule) => Number(rule["from_port"]))
        .filter((port) => port !== 443)
        .sort(),
    ).toEqual([4646, 8200, 8501]);
  });

  test("of GitHub register as an App whose key only signs, and tell pipelines their labels", () => {
    const own = stackOf({ userData: undefined, secretArns: undefined, gitHub });
    const policies = identityPolicies(own, addressOf(own, "aws_iam_role", "runners_role"));
    const sign = (algorithm: string, resource = KEY) =>
      decide(policies, { action: "kms:Sign", resource, context: { "kms:SigningAlgorithm": algorithm } });
    expect(sign("RSASSA_PKCS1_V1_5_SHA_256")).toBe("allow");
    expect(sign("RSASSA_PSS_SHA_256")).toBe("no");
    expect(sign("RSASSA_PKCS1_V1_5_SHA_256", `${KEY}0`)).toBe("no");
    expect(decide(policies, { action: "kms:GetPublicKey", resource: KEY, context: {} })).toBe("no");
    const recipe = own.resource(addressOf(own, "aws_launch_template", "runners_launch-template"));
    const script = Buffer.from(String(recipe["user_data"]), "base64").toString();
    expect(script.split("\n").slice(0, 9)).toEqual([
      "#!/usr/bin/env bash",
      "API='https://api.github.com'",
      "REPOSITORY='acme/platform'",
      "APP='Iv23liAbCdEf'",
      "INSTALLATION='4711'",
      `KEY='${KEY}'`,
      "REGION='eu-central-1'",
      `LABELS='["self-hosted","caravan-prod"]'`,
      "GROUP='1'",
    ]);
    expect(own.json["output"]).toMatchObject({ runner_labels: { value: ["self-hosted", "caravan-prod"] } });
    const named = stackOf({ userData: undefined, gitHub: { ...gitHub, labels: ["inside"] } });
    expect(named.json["output"]).toMatchObject({ runner_labels: { value: ["inside"] } });
    expect(template.json["output"]).not.toHaveProperty("runner_labels");
  });

  test.each<[string, object, string, string]>([
    ["two ways to start", { gitHub }, "runners.userData: given", "leave one of the two away"],
    [
      "what names no repository or App",
      { userData: undefined, gitHub: { ...gitHub, repository: "platform", labels: ["a b"] } },
      'runners.gitHub.repository: given "platform"',
      'runners.gitHub.labels[0]: given "a b"',
    ],
    ["nothing to start from", { userData: "" }, "runners.userData: given", "fetch the rest"],
    ["more than user data holds", { userData: "x".repeat(16_385) }, "runners.userData: given", "16384 bytes"],
    ["more at least than at most", { min: 5 }, "runners.min: given 5", "at most max"],
    ["a secret's name", { secretArns: ["runners"] }, 'runners.secretArns[0]: given "runners"', "six letters"],
    ["a malformed instance type", { instanceType: "m7i" }, "runners.instanceType", "m7i"],
    ["no image for the processor", { instanceType: "m7g.large" }, "images.arm64: given nothing", "look up an image"],
  ])("refuse %s", (_, change, given, said) => {
    const message = refusal(() => stackOf(change));
    expect(message).toContain(given);
    expect(message).toContain(said);
  });
});
