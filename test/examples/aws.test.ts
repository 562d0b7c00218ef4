import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { production } from "../../examples/aws/production";
import { small } from "../../examples/aws/small";
import { privateEnvironment } from "../../examples/aws-private/environment";
import { synthesized, testApp } from "../support/synth";
import { waivers } from "./waivers";

const readme = readFileSync(resolve(__dirname, "../../examples/aws/README.md"), "utf8");

test("production passes the policy, with no other waivers than its own props have brought", () => {
  const app = testApp();
  const { state, infrastructure } = production(app);
  app.synth();
  expect(state.policyOutcome?.waived).toEqual([]);
  const way = (from: string) =>
    [443, 80].map(
      (port) =>
        `aws-security-group-egress-anywhere egress aws_vpc_security_group_egress_rule.firewall_${from}-to-anywhere-tcp-${port}`,
    );
  expect(waivers(infrastructure)).toEqual([
    ...["a", "b", "c"].map((zone) => `aws-egress-anywhere egress aws_route.network_nat-route-${zone}`),
    "aws-instance-hop-limit metadataForContainers aws_launch_template.worker-system_launch-template",
    // The forge, by TLS only.
    ...way("runners").slice(0, 1),
    ...way("server-main"),
    ...way("server-vault"),
    ...way("workers"),
  ]);
});

test("an environment without a way to the internet has nothing to waive", () => {
  const app = testApp();
  const stack = privateEnvironment(app);
  app.synth();
  expect(waivers(stack)).toEqual([]);
});

test("the README counts what the small environment is made of, and what that costs", () => {
  const app = testApp();
  small(app);
  const { resource } = synthesized(app, "dev-infrastructure");
  const state = synthesized(app, "dev-state").resource;
  // biome-ignore lint/suspicious/noExplicitAny: the JSON of any resource
  const all = (of: any, type: string): any[] => Object.values(of[type] ?? {});
  const count = (type: string) => all(resource, type).length;
  const [servers, workers] = all(resource, "aws_autoscaling_group");
  const templates = all(resource, "aws_launch_template");
  const overrides = workers.mixed_instances_policy.launch_template.override;
  expect(templates.map(({ instance_type }) => instance_type)).toEqual(["t4g.medium", "t4g.medium"]);
  expect(overrides[0].instance_type).toBe("t4g.medium");
  expect(all(resource, "aws_lb").map(({ load_balancer_type }) => load_balancer_type)).toEqual(["network"]);
  const counted: Readonly<Record<string, number>> = {
    "server, t4g.medium": servers.desired_capacity,
    "worker, t4g.medium, as if on demand": workers.min_size,
    "NAT gateway": count("aws_nat_gateway"),
    "its public IPv4 address": count("aws_eip"),
    "network load balancer": count("aws_lb"),
    "disks, GiB of gp3": [
      ...templates.flatMap(({ block_device_mappings }) => block_device_mappings).map(({ ebs }) => ebs.volume_size),
      ...all(resource, "aws_ebs_volume").map(({ size }) => size),
    ].reduce((sum, size) => sum + size, 0),
    "KMS keys: seal, keyring, data, state": count("aws_kms_key") + all(state, "aws_kms_key").length,
    secrets: count("aws_secretsmanager_secret"),
    "private zone": count("aws_route53_zone"),
    "machines measured every minute": templates.filter(({ monitoring }) => monitoring.enabled).length,
  };
  // What else costs by the hour or by the piece is not there.
  for (const type of ["aws_cloudwatch_metric_alarm", "aws_s3_bucket_metric"]) {
    expect(count(type), type).toBe(0);
  }
  expect(all(resource, "aws_vpc_endpoint").map(({ vpc_endpoint_type }) => vpc_endpoint_type)).toEqual(["Gateway"]);

  const rows = [...readme.matchAll(/^\| ([^|*]+?) +\| +([\d.]+) \| +([\d.]+) \| +([\d.]+) \|$/gm)];
  const rest = rows.filter(([, what = ""]) => !what.startsWith("estimate: "));
  expect(Object.fromEntries(rest.map(([, what, number]) => [what, Number(number)]))).toEqual(counted);
  for (const [row, , number, each, together] of rows) {
    expect(Number(together), row).toBeCloseTo(Number(number) * Number(each), 2);
  }
  const sum = rows.reduce((total, [, , , , together]) => total + Number(together), 0);
  expect(readme).toContain(`**${sum.toFixed(2)}**`);
  const [, limit] = /Under (\d+) USD a month/.exec(readme) ?? [];
  expect(sum).toBeLessThan(Number(limit));
});
