import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { Annotations, App, type AppConfig, TerraformOutput, TerraformStack } from "cdktf";
import { afterAll, describe, expect, test, vi } from "vitest";
import { hcl } from "../../lib/core";
import { Match, Template } from "../../lib/testing";

const directory = mkdtempSync(join(tmpdir(), "caravan-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const newApp = (props: AppConfig = {}) => new App({ outdir: directory, ...props });

function network(app = newApp()) {
  const stack = new TerraformStack(app, "network");
  new AwsProvider(stack, "aws", { region: "eu-central-1" });
  new AwsProvider(stack, "west", { region: "eu-west-1", alias: "west" });
  const vpc = new Vpc(stack, "vpc", { cidrBlock: "10.0.0.0/16", tags: { team: "platform", "//": "kept" } });
  new Subnet(stack, "b", { vpcId: vpc.id, cidrBlock: "10.0.16.0/20" });
  new Subnet(stack, "a", { vpcId: vpc.id, cidrBlock: "10.0.0.0/20", availabilityZone: "eu-central-1a" });
  new TerraformOutput(stack, "vpc_id", { value: vpc.id, staticId: true });
  return { app, stack, vpc };
}

describe("Template", () => {
  test("reads resources, outputs and providers, without cdktf's comments", () => {
    const template = Template.of(network().stack);
    expect(template.addresses).toEqual(["aws_subnet.a", "aws_subnet.b", "aws_vpc.vpc"]);
    expect(template.resource("aws_vpc.vpc")).toEqual({
      cidr_block: "10.0.0.0/16",
      tags: { team: "platform", "//": "kept" },
    });
    expect(template.resources("aws_subnet").map(({ name }) => name)).toEqual(["a", "b"]);
    expect(template.resources("aws_instance")).toEqual([]);
    expect(template.output("vpc_id")).toEqual({ value: "${aws_vpc.vpc.id}" });
    expect(template.providers("aws")).toEqual([{ region: "eu-central-1" }, { alias: "west", region: "eu-west-1" }]);
    expect(template.json).not.toHaveProperty("//");
  });

  test("reads text", () => {
    const template = Template.fromJson('{"data":{"aws_ami":{"node":{"most_recent":true}}}}');
    expect(template.data("aws_ami.node")).toEqual({ most_recent: true });
    expect(template.hasData("aws_ami", { most_recent: true })).toHaveLength(1);
  });

  test("synthesizes references between stacks, and leaves nothing behind", () => {
    const { app, vpc } = network();
    const other = new TerraformStack(app, "other");
    new AwsProvider(other, "aws", {});
    new Subnet(other, "subnet", { vpcId: vpc.id });
    // Another test's worker synthesizes at the same time.
    const temporary = mkdtempSync(join(directory, "tmp-"));
    vi.stubEnv("TMPDIR", temporary);
    const templates = Template.synth(app);
    vi.unstubAllEnvs();
    expect(templates.ids).toEqual(["network", "other"]);
    expect(templates.stack("other").resource("aws_subnet.subnet")["vpc_id"]).toMatch(
      /^\$\{data\.terraform_remote_state\./,
    );
    expect(readdirSync(temporary)).toEqual([]);
    expect(readdirSync(join(directory, "stacks"))).toEqual([]);

    app.synth();
    expect(existsSync(join(directory, "stacks", "network", "cdk.tf.json"))).toBe(true);
  });

  test("runs validations, and puts the app back as it was when they fail", () => {
    const { app, stack } = network();
    stack.node.addValidation({ validate: () => ["the network is too small"] });
    expect(() => Template.of(stack)).toThrow(/the network is too small/);
    expect(app.outdir).toBe(directory);
  });

  test("fails for errors by annotation", () => {
    const { stack } = network();
    Annotations.of(stack).addError("no zone is left");
    expect(() => Template.of(stack)).toThrow(/no zone is left/);
  });

  test("says that HCL is not read", () => {
    expect(() => Template.synth(newApp({ hclOutput: true }))).toThrow(/without hclOutput/);
  });
});

describe("what does not hold is thrown with what is there", () => {
  const template = Template.of(network().stack);

  test.each<[string, () => unknown, string]>([
    ["a name", () => template.resource("aws_vpc.main"), "there is no aws_vpc.main; there are aws_vpc.vpc"],
    ["a type", () => template.resource("aws_lb.a"), "there is no aws_lb.a; the stack's types are aws_subnet, aws_vpc"],
    [
      "a data source",
      () => template.data("aws_ami.a"),
      "there is no data.aws_ami.a; the stack's types are aws_subnet, aws_vpc",
    ],
    ["an output", () => template.output("id"), 'there is no output "id"; there are vpc_id'],
    ["a stack", () => Template.synth(network().app).stack("net"), 'there is no stack "net"; there are network'],
    [
      "a claim of a type",
      () => template.hasResource("aws_lb"),
      "there is no aws_lb; the stack's types are aws_subnet, aws_vpc",
    ],
    [
      "a count",
      () => template.resourceCount("aws_subnet", 3),
      "expected 3 of aws_subnet, found 2: aws_subnet.a, aws_subnet.b",
    ],
    [
      "a claim of absence",
      () => template.hasNoResource("aws_subnet", { availability_zone: /a$/ }),
      'expected no aws_subnet like {"availability_zone":"/a$/"}, found aws_subnet.a',
    ],
    [
      "a claim, by the nearest resource",
      () => template.hasResource("aws_subnet", { availability_zone: "eu-central-1a", cidr_block: "10.0.16.0/20" }),
      'no aws_subnet is like that. aws_subnet.a, the nearest of 2:\n  cidr_block: expected "10.0.16.0/20", found "10.0.0.0/20"',
    ],
    [
      "every difference",
      () => template.hasResource("aws_vpc", { cidr_block: /^192/, tags: { team: "x", stage: Match.present() } }),
      [
        "no aws_vpc is like that. aws_vpc.vpc:",
        '  cidr_block: expected /^192/, found "10.0.0.0/16"',
        '  tags.team: expected "x", found "platform"',
        "  tags.stage: expected any value, found nothing",
      ].join("\n"),
    ],
  ])("%s", (_, claim, message) => {
    expect(claim).toThrow(expect.objectContaining({ name: "TemplateError", message }));
  });
});

describe("Match", () => {
  const policy = hcl.json({
    Version: "2012-10-17",
    Statement: [{ Effect: "Deny", Action: ["s3:*"] }, { Effect: "Allow" }],
  });
  const stack = new TerraformStack(newApp(), "policies");
  new TerraformOutput(stack, "policy", { value: policy, staticId: true });
  const written = Template.of(stack).output("policy")["value"];
  const template = Template.fromJson({
    resource: {
      aws_thing: {
        a: {
          policy: written,
          list: [{ port: 1, open: true }, { port: 2 }],
          map: { a: { b: 1 } },
          text: "abc",
          nothing: null,
        },
      },
    },
  });

  test.each<[string, object]>([
    ["part of an object", { map: { a: {} } }],
    ["a list element by element", { list: [{ port: 1 }, { port: 2 }] }],
    ["a regular expression", { text: /^ab/ }],
    ["a sticky one, twice", { text: /a/g }],
    [
      "another framework's matcher",
      { text: expect.stringContaining("bc"), map: expect.objectContaining({ a: { b: 1 } }) },
    ],
    ["absent", { other: Match.absent(), nothing: Match.absent() }],
    ["present", { text: Match.present() }],
    ["exact", { map: Match.exact({ a: { b: 1 } }), list: Match.exact([{ port: 1, open: true }, { port: 2 }]) }],
    ["arrayWith, in any order", { list: Match.arrayWith([{ port: 2 }, { open: true }]) }],
    ["not", { text: Match.not("x"), other: Match.not(Match.present()) }],
    ["json, as hcl writes it", { policy: Match.json({ Statement: Match.arrayWith([{ Effect: "Allow" }]) }) }],
  ])("accepts %s", (_, pattern) => {
    expect(template.hasResource("aws_thing", pattern)).toHaveLength(1);
  });

  test.each<[string, object, string]>([
    ["a list of another length", { list: [{ port: 1 }] }, "list: expected 1 element"],
    ["an element", { list: [{ port: 1 }, { port: 3 }] }, "list[1].port: expected 3, found 2"],
    ["a text for a number", { list: [{ port: "1" }, {}] }, 'list[0].port: expected "1", found 1'],
    ["no list", { text: [] }, 'text: expected [], found "abc"'],
    ["no object", { text: {} }, 'text: expected {}, found "abc"'],
    ["another framework's matcher", { text: expect.stringContaining("x") }, "text: expected StringContaining"],
    ["absent", { text: Match.absent() }, 'text: expected nothing, found "abc"'],
    ["present", { nothing: Match.present() }, "nothing: expected any value, found null"],
    ["exact", { list: Match.exact([{ port: 1 }, { port: 2 }]) }, "list[0].open: expected nothing, found true"],
    ["exact, a difference", { map: Match.exact({ a: { b: 2 } }) }, "map.a.b: expected 2, found 1"],
    ["arrayWith", { list: Match.arrayWith([{ port: 9 }]) }, 'list: expected an element like {"port":9}'],
    ["arrayWith a condition", { list: Match.arrayWith([{ port: Match.absent() }]) }, '{"port":"Match.absent"}'],
    ["not", { text: Match.not(/b/) }, 'text: expected anything but "/b/"'],
    ["json", { policy: Match.json({ Version: "x" }) }, 'policy(json).Version: expected "x", found "2012-10-17"'],
    ["json of no document", { text: Match.json({}) }, 'text: expected a JSON document, found "abc"'],
    ["a key with a dot", { map: { "a.b": 1 } }, 'map["a.b"]: expected 1, found nothing'],
  ])("refuses %s", (_, pattern, message) => {
    expect(() => template.hasResource("aws_thing", pattern)).toThrow(message);
  });

  test("works inside another framework's matchers", () => {
    expect({ list: [1, 2], policy: written }).toEqual({
      list: Match.arrayWith([2]),
      policy: Match.json({ Version: "2012-10-17" }),
    });
    expect({ list: [1] }).not.toEqual({ list: Match.arrayWith([2]) });
  });
});
