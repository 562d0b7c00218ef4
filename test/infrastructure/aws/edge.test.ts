import { App } from "cdktf";
import { AwsInfrastructureStack, type AwsInfrastructureStackProps } from "cdktf-caravan/aws";
import { Template } from "cdktf-caravan/testing";
import { describe, expect, test } from "vitest";
import { LocalState } from "../../../lib";
import { waiversOf } from "../../../lib/policy";
import { addressOf } from "./documents";
import { refusal } from "./edge-stack";

const base: AwsInfrastructureStackProps = {
  environment: { name: "prod", state: new LocalState() },
  region: "eu-central-1",
  accountId: "123456789012",
  images: { x86_64: "ami-0123456789abcdef0" },
  workers: { general: {} },
};
const dns = { parentZoneId: "Z0123456789ABC" };

function stackOf(props: Partial<AwsInfrastructureStackProps> = {}) {
  const stack = new AwsInfrastructureStack(new App(), "prod-infrastructure", { ...base, ...props });
  return { stack, template: Template.of(stack) };
}

describe("an environment without a domain", () => {
  const { stack, template } = stackOf();

  test("has a machine address that leads to its groups, and none for people", () => {
    template.resourceCount("aws_lb", 1);
    expect(stack.contract.static.people).toBeUndefined();
    const group = addressOf(template, "aws_autoscaling_group", "server-main");
    expect(
      template.hasResource("aws_autoscaling_attachment", { autoscaling_group_name: `\${${group}.name}` }),
    ).toHaveLength(3);
    template.hasNoResource("aws_security_group", { name: "caravan-prod-people" });
  });

  test("is watched from outside", () => {
    template.hasResource("aws_cloudwatch_metric_alarm", { alarm_name: "caravan-prod-group-main", threshold: 3 });
    template.hasResource("aws_autoscaling_group", { enabled_metrics: ["GroupInServiceInstances"] });
    const { template: quiet } = stackOf({ alarms: false });
    quiet.resourceCount("aws_cloudwatch_metric_alarm", 0);
    quiet.resourceCount("aws_sns_topic", 0);
  });
});

describe("an environment with a domain", () => {
  const { stack, template } = stackOf({
    domain: "caravan.example.com",
    dns,
    volumes: { jenkins: { size: "20GiB", zone: "a" } },
  });

  test("has an address for people, from the network itself, whose hosts are in the contract", () => {
    expect(stack.contract.static.people).toEqual({
      vault: "vault.caravan.example.com",
      consul: "consul.caravan.example.com",
      nomad: "nomad.caravan.example.com",
      apps: "apps.caravan.example.com",
    });
    template.hasResource("aws_vpc_security_group_ingress_rule", { cidr_ipv4: "10.64.0.0/16", from_port: 443 });
    template.hasResource("aws_lb", { load_balancer_type: "application", internal: true });
    const workers = addressOf(template, "aws_autoscaling_group", "worker-general");
    template.hasResource("aws_autoscaling_attachment", { autoscaling_group_name: `\${${workers}.name}` });
    template.hasResource("aws_cloudwatch_metric_alarm", { alarm_name: "caravan-prod-vault-no-leader" });
  });

  test("brings only the waivers of its own choices", () => {
    const edgeRules = (from: typeof stack) =>
      waiversOf(from)
        .map(({ rule }) => rule)
        .filter((rule) => /^aws-lb/.test(rule));
    expect(edgeRules(stack)).toEqual([]);
    const open = stackOf({
      domain: "caravan.example.com",
      dns,
      people: { public: true, allowedRanges: ["203.0.113.0/24"] },
    });
    expect(edgeRules(open.stack)).toEqual(["aws-lb-internal", "aws-lb-waf"]);
  });

  test("moves nothing that an environment without one has", () => {
    const { template: before } = stackOf();
    for (const address of before.addresses) expect(template.addresses).toContain(address);
  });

  test("hands over its volumes", () => {
    const volume = addressOf(template, "aws_ebs_volume", "edge_volumes_jenkins");
    expect(template.output("infrastructure_volume_ids")).toMatchObject({ value: { jenkins: `\${${volume}.id}` } });
  });

  test("that nobody delegates by Terraform is made in two phases, with the records printed", () => {
    const { stack: first, template: phase } = stackOf({ domain: "caravan.example.com" });
    expect(first.edge.people).toBeUndefined();
    expect(first.contract.static.people).toBeUndefined();
    const zone = addressOf(phase, "aws_route53_zone", "edge_dns");
    expect(phase.output("domain_delegation")).toMatchObject({
      value: { name: "caravan.example.com", type: "NS", records: `\${${zone}.name_servers}` },
    });
    const { template: second } = stackOf({ domain: "caravan.example.com", dns: { delegated: true } });
    second.resourceCount("aws_lb", 2);
    for (const address of phase.addresses) expect(second.addresses).toContain(address);
  });
});

describe("wrong props", () => {
  test.each<[Record<string, unknown>, string, string]>([
    [{ domain: "https://caravan.example.com" }, "domain: given", "without a final dot"],
    [{ dns }, "domain: given nothing", "the domain that dns is about"],
    [{ people: { public: true, allowedRanges: ["203.0.113.0/24"] } }, "domain: given nothing", "remove people"],
    [{ domain: "a.example.com", people: { public: true } }, "people.allowedRanges: given nothing", "networks"],
    [
      { domain: "a.example.com", people: { allowedRanges: ["0.0.0.0/0"] } },
      "people.allowedRanges[0]: given",
      "name your networks",
    ],
    [{ domain: "a.example.com", dns: { zoneId: "example.com" } }, 'dns.zoneId: given "example.com"', "copy the id"],
    [{ domain: "a.example.com", people: { idleTimeout: "90m" } }, "people.idleTimeout: given", "up to 4000s"],
    [{ clients: ["ci"] }, 'clients[0]: given "ci"', '"privateRunner", "tunnel"'],
    [{ alarms: { snapshotAge: "2d" } }, 'alarms.snapshotAge: given "2d"', "up to 24h"],
    [{ volumes: { v: { size: "-1GiB", zone: "a" } } }, 'volumes.v.size: given "-1GiB"', "a size such as"],
    [{ volumes: { v: { size: "1GiB", zone: "z9" } } }, 'volumes.v.zone: given "z9"', "availability zone"],
    [{ insideZoneId: "internal" }, 'insideZoneId: given "internal"', "hosted zone"],
  ])("%j", (change, given, said) => {
    const message = refusal(() => stackOf(change as never));
    expect(message).toContain('AwsInfrastructureStack at "prod-infrastructure": 1 mistake in its props');
    expect(message).toContain(given);
    expect(message).toContain(said);
  });

  test("an address for people needs two zones", () => {
    const message = refusal(() => stackOf({ domain: "caravan.example.com", dns, network: { zones: 1 } }));
    expect(message).toContain("network.privateSubnetIds: given");
    expect(message).toContain("give the network another zone");
  });
});
