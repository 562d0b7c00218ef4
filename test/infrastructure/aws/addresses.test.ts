import { describe, expect, test } from "vitest";
import { PropsCheck } from "../../../lib/core/errors";
import { AwsDns, type AwsDnsProps } from "../../../lib/infrastructure/aws/dns";
import { AwsMachineAddress, type AwsMachineAddressProps } from "../../../lib/infrastructure/aws/machine-address";
import type { IAwsNetwork } from "../../../lib/infrastructure/aws/network-props";
import { AwsPeopleAddress, type AwsPeopleAddressProps } from "../../../lib/infrastructure/aws/people-address";
import { checkPeopleRanges } from "../../../lib/infrastructure/aws/people-props";
import { machineHost } from "../../../lib/node";
import { waiversOf } from "../../../lib/policy";
import { Template } from "../../../lib/testing";
import { addressOf } from "./documents";
import { edgeStack, place, refusal } from "./edge-stack";

const network: IAwsNetwork = {
  vpcId: "vpc-0a1b2c3d4e5f60718",
  cidr: "10.64.0.0/16",
  egress: "nat",
  privateSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
  publicSubnetIds: ["subnet-0000001a", "subnet-0000001b"],
};
const autoScalingGroups = { vault: "prod-vault", consul: "prod-main", nomad: "prod-main" };

function machineOf(change: Partial<AwsMachineAddressProps> = {}, protection = true) {
  const { stack } = edgeStack(protection);
  const machine = new AwsMachineAddress(stack, "machine", {
    ...place,
    network,
    securityGroupId: "sg-0000000a",
    insideDomain: "caravan.internal",
    autoScalingGroups,
    ...change,
  });
  return { stack, machine, template: Template.of(stack) };
}

function peopleOf(change: Partial<AwsPeopleAddressProps> = {}) {
  const { stack } = edgeStack();
  const people = new AwsPeopleAddress(stack, "people", {
    ...place,
    domain: "caravan.example.com",
    zoneId: "Z0123456789ABC",
    network,
    securityGroupId: "sg-0000000b",
    autoScalingGroups,
    workerAutoScalingGroups: { general: "prod-general" },
    accessLog: { bucketName: "logs", prefix: "people" },
    ...change,
  });
  return { stack, people, template: Template.of(stack) };
}

function dnsOf(change: Partial<AwsDnsProps> = {}) {
  const { stack } = edgeStack();
  const dns = new AwsDns(stack, "dns", { domain: "caravan.example.com", ...change });
  return { dns, template: Template.of(stack) };
}

const waived = (stack: Parameters<typeof waiversOf>[0]) =>
  waiversOf(stack).map(({ rule, ...rest }) => [rule, "prop" in rest ? rest.prop : ""]);

describe("the machine address", () => {
  const { machine, template } = machineOf();

  test("passes TLS through to the servers, without their clients' addresses", () => {
    const listeners = template
      .resources("aws_lb_listener")
      .map(({ arguments: each }) => [each["port"], each["protocol"]]);
    expect(listeners.sort()).toEqual([
      [4646, "TCP"],
      [8200, "TCP"],
      [8501, "TCP"],
    ]);
    const groups = template.resources("aws_lb_target_group").map(({ arguments: each }) => each);
    expect(groups.map((group) => [group["port"], group["protocol"], group["preserve_client_ip"]]).sort()).toEqual([
      [4646, "TCP", "false"],
      [8200, "TCP", "false"],
      [8501, "TCP", "false"],
    ]);
  });

  test("asks each server over TLS whether it can serve", () => {
    const checks = template.resources("aws_lb_target_group").map(({ arguments: each }) => {
      const check = each["health_check"] as Record<string, unknown>;
      return [each["port"], check["protocol"], check["path"], check["matcher"]];
    });
    expect(checks.sort()).toEqual([
      [4646, "HTTPS", "/v1/agent/health?type=server", "200"],
      [8200, "HTTPS", "/v1/sys/health?standbyok=true", "200"],
      [8501, "HTTPS", "/v1/catalog/services", "200"],
    ]);
  });

  test("is internal, in private subnets, with a security group of its own, protected", () => {
    expect(template.resource(addressOf(template, "aws_lb", "machine"))).toMatchObject({
      name: "caravan-prod-machine",
      load_balancer_type: "network",
      internal: true,
      subnets: network.privateSubnetIds,
      security_groups: ["sg-0000000a"],
      enable_cross_zone_load_balancing: true,
      enable_deletion_protection: true,
    });
  });

  test("has the names that stand in the servers' certificates, in a private zone", () => {
    const names = { environment: "prod", insideDomain: "caravan.internal" };
    expect(machine.hosts).toEqual({
      vault: machineHost(names, "vault"),
      consul: machineHost(names, "consul"),
      nomad: machineHost(names, "nomad"),
    });
    expect(template.resource(addressOf(template, "aws_route53_zone", "machine_zone"))).toMatchObject({
      name: "prod.caravan.internal",
      vpc: [{ vpc_id: network.vpcId, vpc_region: "eu-central-1" }],
      lifecycle: { prevent_destroy: true },
    });
    const records = template.resources("aws_route53_record").map(({ arguments: each }) => each["name"]);
    expect(records.sort()).toEqual([
      "consul.prod.caravan.internal",
      "nomad.prod.caravan.internal",
      "vault.prod.caravan.internal",
    ]);
  });

  test("leads to whatever the groups hold", () => {
    const attached = template.resources("aws_autoscaling_attachment").map(({ arguments: each }) => each);
    expect(attached.map((each) => each["autoscaling_group_name"]).sort()).toEqual([
      "prod-main",
      "prod-main",
      "prod-vault",
    ]);
  });

  test("takes a private zone that exists", () => {
    const { machine: inside, template: given } = machineOf({ zoneId: "Z0PRIVATE" });
    given.resourceCount("aws_route53_zone", 0);
    expect(inside.zoneId).toBe("Z0PRIVATE");
  });

  test("is left unprotected by a teardown's first step, which says so", () => {
    const { stack, template: torn } = machineOf({}, false);
    torn.hasResource("aws_lb", { enable_deletion_protection: false });
    expect(waived(stack)).toEqual([["aws-lb-deletion-protection", "deletionProtection"]]);
  });
});

describe("the people's address", () => {
  const { people, template } = peopleOf();

  test("is internal HTTPS with TLS 1.2 or later, a long silence, and a redirect", () => {
    expect(template.resource(addressOf(template, "aws_lb", "people"))).toMatchObject({
      internal: true,
      subnets: network.privateSubnetIds,
      idle_timeout: 3600,
      drop_invalid_header_fields: true,
      access_logs: { bucket: "logs", prefix: "people", enabled: true },
    });
    expect(template.resource(addressOf(template, "aws_lb_listener", "people_listener"))).toMatchObject({
      port: 443,
      protocol: "HTTPS",
      ssl_policy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
      default_action: [{ type: "fixed-response", fixed_response: { content_type: "text/plain", status_code: "404" } }],
    });
    expect(template.resource(addressOf(template, "aws_lb_listener", "people_redirect"))).toMatchObject({
      port: 80,
      default_action: [{ type: "redirect", redirect: { protocol: "HTTPS", port: "443", status_code: "HTTP_301" } }],
    });
  });

  test("leads each host to its servers over TLS, people to the Vault that leads, and apps to the workers' ingress", () => {
    const rules = template.resources("aws_lb_listener_rule").map(({ arguments: rule }) => {
      const [condition] = rule["condition"] as [{ host_header: { values: string[] } }];
      const [action] = rule["action"] as [{ target_group_arn: string }];
      const group = template.resource(action.target_group_arn.replace(/^\$\{(.*)\.arn\}$/, "$1"));
      const check = group["health_check"] as Record<string, unknown>;
      return [rule["priority"], ...condition.host_header.values, group["protocol"], group["port"], check["path"]];
    });
    expect(rules.sort()).toEqual([
      [100, "vault.caravan.example.com", "HTTPS", 8200, "/v1/sys/health"],
      [101, "consul.caravan.example.com", "HTTPS", 8501, "/v1/catalog/services"],
      [102, "nomad.caravan.example.com", "HTTPS", 4646, "/v1/agent/health?type=server"],
      [103, "*.apps.caravan.example.com", "HTTPS", 8443, "/"],
    ]);
    expect(people.hosts.nomad).toBe("nomad.caravan.example.com");
    template.hasResource("aws_autoscaling_attachment", { autoscaling_group_name: "prod-general" });
  });

  test("has a certificate for its hosts, proved by a record a name", () => {
    const names = ["caravan", "consul.caravan", "nomad.caravan", "vault.caravan", "*.apps.caravan"];
    const certificate = template.resource(addressOf(template, "aws_acm_certificate", "people_certificate"));
    const alternatives = certificate["subject_alternative_names"] as string[];
    expect([certificate["domain_name"], ...alternatives].sort()).toEqual(
      names.map((name) => `${name}.example.com`).sort(),
    );
    expect(certificate["lifecycle"]).toMatchObject({ create_before_destroy: true });
    const proofs = template.resources("aws_route53_record").filter(({ arguments: each }) => each["allow_overwrite"]);
    expect(proofs).toHaveLength(5);
  });

  test("takes a certificate, a web ACL and a timeout, and needs no proof then", () => {
    const certificateArn = "arn:aws:acm:eu-central-1:123456789012:certificate/1234abcd-12ab-34cd-56ef-1234567890ab";
    const webAclArn =
      "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/edge/1234abcd-12ab-34cd-56ef-1234567890ab";
    const { stack, template: given } = peopleOf({ certificateArn, webAclArn, public: true, idleTimeout: "10m" });
    given.resourceCount("aws_acm_certificate", 0);
    given.hasResource("aws_lb_listener", { certificate_arn: certificateArn });
    given.hasResource("aws_wafv2_web_acl_association", { web_acl_arn: webAclArn });
    given.hasResource("aws_lb", { idle_timeout: 600, internal: false, subnets: network.publicSubnetIds });
    expect(waived(stack)).toEqual([["aws-lb-internal", "public"]]);
  });

  test("facing the internet without a web ACL says so twice", () => {
    expect(waived(peopleOf({ public: true }).stack)).toEqual([
      ["aws-lb-internal", "public"],
      ["aws-lb-waf", "webAclArn"],
    ]);
  });

  test("goes behind a load balancer that exists, which is left as it is but for four rules", () => {
    const loadBalancer = {
      listenerArn:
        "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/edge/50dc6c495c0c9188/f2f7dc8efc522ab2",
      securityGroupId: "sg-0000000c",
      dnsName: "edge-123.eu-central-1.elb.amazonaws.com",
      hostedZoneId: "Z215JYRZR1TBD5",
      firstPriority: 500,
    };
    const { template: given } = peopleOf({ loadBalancer });
    for (const type of ["aws_lb", "aws_lb_listener", "aws_acm_certificate"]) given.resourceCount(type, 0);
    given.resourceCount("aws_lb_listener_rule", 4);
    given.hasResource("aws_lb_listener_rule", { listener_arn: loadBalancer.listenerArn, priority: 503 });
    given.hasResource("aws_route53_record", {
      name: "vault.caravan.example.com",
      alias: { name: loadBalancer.dnsName, zone_id: loadBalancer.hostedZoneId },
    });
  });
});

describe("the public zone", () => {
  test("is made and delegated from the zone above", () => {
    const { dns, template } = dnsOf({ parentZoneId: "Z0PARENT" });
    const zone = addressOf(template, "aws_route53_zone", "dns");
    expect(template.resource(zone)).toMatchObject({
      name: "caravan.example.com",
      force_destroy: false,
      lifecycle: { prevent_destroy: true },
    });
    template.hasResource("aws_route53_record", {
      zone_id: "Z0PARENT",
      name: "caravan.example.com",
      type: "NS",
      records: `\${${zone}.name_servers}`,
    });
    expect([dns.isDelegated, dns.nameServers]).toEqual([true, undefined]);
  });

  test("is one that exists, of which nothing is made", () => {
    const { dns, template } = dnsOf({ zoneId: "Z0123456789ABC" });
    template.resourceCount("aws_route53_zone", 0);
    expect([dns.zoneId, dns.isDelegated]).toEqual(["Z0123456789ABC", true]);
  });

  test("is delegated by hand in two phases", () => {
    const { dns, template } = dnsOf();
    template.resourceCount("aws_route53_record", 0);
    expect([dns.isDelegated, dns.nameServers !== undefined]).toEqual([false, true]);
    expect(dnsOf({ delegated: true }).dns.isDelegated).toBe(true);
  });
});

describe("wrong props", () => {
  const acm = "arn:aws:acm:eu-central-1:123456789012:certificate/1234abcd-12ab-34cd-56ef-1234567890ab";
  const loadBalancer = {
    listenerArn: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/edge/50dc6c495c0c9188",
    securityGroupId: "sg-0000000c",
    dnsName: "edge-123.eu-central-1.elb.amazonaws.com",
    hostedZoneId: "Z215JYRZR1TBD5",
  };
  const ranges = (props: object) => {
    const { stack } = edgeStack();
    const check = new PropsCheck("AwsPeopleAddress", stack, "people");
    checkPeopleRanges(check, props as never);
    check.done();
  };
  test.each<[string, (props: never) => unknown, object, string, string]>([
    ["machine", machineOf, { insideDomain: "internal" }, 'insideDomain: given "internal"', "two or more labels"],
    ["machine", machineOf, { insideDomain: "Caravan.Internal" }, "insideDomain: given", "lower case"],
    ["machine", machineOf, { securityGroupId: "machine" }, 'securityGroupId: given "machine"', '"sg-"'],
    ["machine", machineOf, { zoneId: "prod.internal" }, 'zoneId: given "prod.internal"', "the id of a hosted zone"],
    [
      "machine",
      machineOf,
      { autoScalingGroups: { vault: "a", consul: "b" } },
      "autoScalingGroups.nomad: given nothing",
      "runs nomad's servers",
    ],
    [
      "people",
      peopleOf,
      { domain: "https://example.com" },
      'domain: given "https://example.com"',
      "without a final dot",
    ],
    ["people", peopleOf, { domain: "example.com." }, 'domain: given "example.com."', "without a final dot"],
    ["people", peopleOf, { domain: "caravan" }, 'domain: given "caravan"', "two or more labels"],
    ["people", peopleOf, { idleTimeout: "2h" }, 'idleTimeout: given "2h"', "up to 4000s"],
    ["people", peopleOf, { idleTimeout: 3600 }, "idleTimeout: given 3600", "up to 4000s"],
    ["people", peopleOf, { certificateArn: "*.example.com" }, "certificateArn: given", "the ARN of a certificate"],
    [
      "people",
      peopleOf,
      { webAclArn: "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/b" },
      "webAclArn: given",
      "CloudFront",
    ],
    ["people", peopleOf, { public: "yes" }, 'public: given "yes"', "true or false"],
    [
      "people",
      peopleOf,
      { public: true, network: { ...network, publicSubnetIds: [] } },
      "network.publicSubnetIds: given []",
      "subnets in two zones or more",
    ],
    [
      "people",
      peopleOf,
      { network: { ...network, privateSubnetIds: ["subnet-0000000a"] } },
      'network.privateSubnetIds: given ["subnet-0000000a"]',
      "another zone",
    ],
    ["people", peopleOf, { loadBalancer }, "loadBalancer.listenerArn: given", "its HTTPS listener"],
    [
      "people",
      peopleOf,
      { certificateArn: acm, loadBalancer: { ...loadBalancer, listenerArn: undefined } },
      "certificateArn: given",
      "nothing beside loadBalancer",
    ],
    ["people", ranges, { allowedRanges: ["0.0.0.0/0"] }, 'allowedRanges[0]: given "0.0.0.0/0"', "name your networks"],
    ["people", ranges, { public: true }, "allowedRanges: given nothing", "give 1 to 50 networks"],
    ["dns", dnsOf, { domain: "*.example.com" }, 'domain: given "*.example.com"', "two or more labels"],
    ["dns", dnsOf, { zoneId: "/hostedzone/Z0123456789ABC" }, "zoneId: given", "copy the id"],
    ["dns", dnsOf, { zoneId: "Z0123456789ABC", parentZoneId: "Z0PARENT" }, "parentZoneId: given", "beside zoneId"],
    ["dns", dnsOf, { zoneId: "Z0123456789ABC", delegated: true }, "delegated: given true", "beside zoneId"],
    ["dns", dnsOf, { parentZoneId: "Z0PARENT", delegated: true }, "delegated: given true", "beside parentZoneId"],
    ["dns", dnsOf, { delegated: "yes" }, 'delegated: given "yes"', "true or false"],
  ])("%s: %s %j", (id, make, change, given, said) => {
    const message = refusal(() => make(change as never));
    expect(message).toMatch(new RegExp(`^Aws\\w+ at "prod-edge/${id}": [12] mistakes? in its props\n`));
    expect(message).toContain(given);
    expect(message).toContain(said);
  });
});
