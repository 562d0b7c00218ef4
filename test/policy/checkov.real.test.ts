import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { EbsVolume } from "@cdktf/provider-aws/lib/ebs-volume";
import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { expect, test } from "vitest";
import { production } from "../../examples/aws/production";
import { hcl } from "../../lib/core/hcl";
import { stackDirectory, synthesize, testApp } from "../support/synth";
import { describeWith, findTool } from "../support/tools";
import { checkovFindings, planFile } from "./checkov";

const needs = { checkov: findTool("checkov"), terraform: findTool("terraform") };

/** The rows of the table of what Checkov finds: `"CKV_AWS_144 2 aws_s3_bucket"`. */
function explained(): string[] {
  const page = readFileSync(resolve(__dirname, "../../docs/policy.md"), "utf8");
  const [, section = ""] = page.split("## What Checkov still finds");
  const rows = section.matchAll(/^\| `(CKV\w+)`[^|]*\| (\d+) `(\w+)` +\| (\S[^|]*)\|$/gm);
  return [...rows].map(([, check, number, type]) => `${check} ${number} ${type}`).sort();
}

/** Findings as the table counts them. */
function counted(findings: readonly string[]): string[] {
  const numbers = new Map<string, number>();
  for (const finding of findings) {
    const [check = "", address = ""] = finding.split(" ");
    const key = `${check} ${address.split(".")[0]}`;
    numbers.set(key, (numbers.get(key) ?? 0) + 1);
  }
  return [...numbers].map(([key, number]) => key.replace(" ", ` ${number} `)).sort();
}

describeWith("Checkov, as a second opinion", needs, (found) => {
  test("finds what is broken on purpose, in nested blocks and documents too", async () => {
    const cwd = synthesize((stack) => {
      new AwsProvider(stack, "aws", { region: "eu-central-1" });
      new VpcSecurityGroupIngressRule(stack, "open", {
        securityGroupId: "sg-0123456789abcdef0",
        ...{ ipProtocol: "tcp", fromPort: 22, toPort: 22, cidrIpv4: "0.0.0.0/0" },
      });
      new LaunchTemplate(stack, "node", {
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "optional" },
        networkInterfaces: [{ deviceIndex: 0, associatePublicIpAddress: "true" }],
      });
      new EbsVolume(stack, "disk", { availabilityZone: "eu-central-1a", size: 10, encrypted: false });
      new KmsKey(stack, "key", { customerMasterKeySpec: "SYMMETRIC_DEFAULT", enableKeyRotation: false });
      new LbListener(stack, "plain", {
        loadBalancerArn:
          "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/edge/0123456789abcdef",
        port: 80,
        protocol: "HTTP",
        defaultAction: [{ type: "fixed-response", fixedResponse: { contentType: "text/plain", statusCode: "200" } }],
      });
      new IamPolicy(stack, "all", {
        policy: hcl.json({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] }),
      });
      new S3Bucket(stack, "bucket", { bucket: "acme-broken" });
    });
    const findings = await checkovFindings(found.checkov, await planFile(found.terraform, cwd));
    expect(findings).toEqual(
      expect.arrayContaining([
        "CKV_AWS_24 aws_vpc_security_group_ingress_rule.open",
        "CKV_AWS_79 aws_launch_template.node",
        "CKV_AWS_88 aws_launch_template.node",
        "CKV_AWS_3 aws_ebs_volume.disk",
        "CKV_AWS_7 aws_kms_key.key",
        "CKV_AWS_2 aws_lb_listener.plain",
        "CKV_AWS_62 aws_iam_policy.all",
        "CKV2_AWS_6 aws_s3_bucket.bucket",
        "CKV_AWS_21 aws_s3_bucket.bucket",
      ]),
    );
  });

  test("finds nothing in production but what docs/policy.md explains, and all of that", async () => {
    const app = testApp();
    production(app);
    const findings: string[] = [];
    for (const id of ["prod-state", "prod-infrastructure"]) {
      const plan = await planFile(found.terraform, stackDirectory(app, id));
      // The waivers that the synth has handed over.
      findings.push(...(await checkovFindings(found.checkov, plan, join(dirname(plan), ".checkov.yaml"))));
    }
    expect(counted(findings)).toEqual(explained());
  });
});
