import { DataAwsVpc } from "@cdktf/provider-aws/lib/data-aws-vpc";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { App, DataResource, TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import { describe, expect, test } from "vitest";
import { type Environment, LayerStack, LocalState, protect, requireProvider, S3State } from "../../lib";
import { synthesized, testApp } from "../support/synth";

const environment: Environment = { name: "prod", state: new LocalState() };

describe("what every stack has", () => {
  test("Terraform and OpenTofu from the version that knows write-only arguments", () => {
    const app = testApp();
    new LayerStack(app, "prod-network", { environment });
    expect(synthesized(app, "prod-network").terraform.required_version).toBe(">= 1.11.0");
  });

  test("its state keyed by its id and locked by a file", () => {
    const app = testApp();
    const state = new S3State({ bucket: "acme-state", region: "eu-central-1" });
    new LayerStack(app, "prod-network", { environment: { name: "prod", state } });
    expect(synthesized(app, "prod-network").terraform.backend).toEqual({
      s3: {
        bucket: "acme-state",
        key: "prod-network.tfstate",
        region: "eu-central-1",
        use_lockfile: true,
      },
    });
  });

  test("a provider's version as a floor within its major version, raised by what is used", () => {
    const app = testApp();
    const stack = new LayerStack(app, "prod-network", { environment });
    new AwsProvider(stack, "aws");
    requireProvider(stack, "aws", ">= 6.30");
    requireProvider(stack, "aws", ">= 6.30");
    expect(synthesized(app, "prod-network").terraform.required_providers.aws.version).toBe("~> 6.25, >= 6.30");
  });

  test("tags on what takes them; a resource's own tag wins; data sources keep their filter", () => {
    const app = testApp();
    const stack = new LayerStack(app, "prod-network", {
      environment: { ...environment, tags: { team: "platform" } },
      policyRules: [],
    });
    new AwsProvider(stack, "aws");
    new S3Bucket(stack, "plain");
    new S3Bucket(stack, "own", { tags: { team: "data", Name: "own" } });
    new DataAwsVpc(stack, "vpc", { tags: { Name: "main" } });
    const { resource, data } = synthesized(app, "prod-network");
    const ours = { "caravan-environment": "prod", "caravan-stack": "prod-network" };
    expect(resource.aws_s3_bucket.plain.tags).toEqual({ ...ours, team: "platform" });
    expect(resource.aws_s3_bucket.own.tags).toEqual({ ...ours, team: "data", Name: "own" });
    expect(data.aws_vpc.vpc.tags).toEqual({ Name: "main" });
  });
});

describe("dependencies between constructs", () => {
  class Group extends Construct {
    readonly first = new DataResource(this, "first");
    readonly second = new DataResource(this, "second");
  }

  test("become depends_on of every resource below", () => {
    const app = testApp();
    const stack = new LayerStack(app, "prod-network", { environment });
    const before = new Group(stack, "before");
    const after = new Group(stack, "after");
    after.node.addDependency(before);
    const resources = synthesized(app, "prod-network").resource.terraform_data;
    const expected = [before.first, before.second].map((r) => `terraform_data.${r.friendlyUniqueId}`);
    expect(resources[after.first.friendlyUniqueId].depends_on).toEqual(expected);
    expect(resources[after.second.friendlyUniqueId].depends_on).toEqual(expected);
    expect(resources[before.first.friendlyUniqueId].depends_on).toBeUndefined();
  });

  test("on what holds the dependent itself name no resource twice and never itself", () => {
    const app = testApp();
    const stack = new LayerStack(app, "prod-network", { environment });
    const group = new Group(stack, "group");
    group.second.node.addDependency(group);
    const resources = synthesized(app, "prod-network").resource.terraform_data;
    expect(resources[group.second.friendlyUniqueId].depends_on).toEqual([
      `terraform_data.${group.first.friendlyUniqueId}`,
    ]);
  });

  test("between stacks become their order", () => {
    const app = testApp();
    const first = new LayerStack(app, "prod-first", { environment });
    const second = new LayerStack(app, "prod-second", { environment });
    const inFirst = new DataResource(first, "data");
    const inSecond = new DataResource(second, "data");
    inSecond.node.addDependency(inFirst);
    app.synth();
    expect(second.dependsOn(first)).toBe(true);
    expect(first.dependsOn(second)).toBe(false);
  });
});

describe("protection", () => {
  test("is on by default and off for a teardown; what the resource says itself wins", () => {
    const app = testApp();
    const stacks = {
      on: new LayerStack(app, "prod-on", { environment }),
      off: new LayerStack(app, "prod-off", { environment, deletionProtection: false }),
    };
    for (const stack of Object.values(stacks)) {
      protect(new DataResource(stack, "key", { lifecycle: { ignoreChanges: ["input"] } }));
      protect(new DataResource(stack, "scratch", { lifecycle: { preventDestroy: false } }));
    }
    const on = synthesized(app, "prod-on").resource.terraform_data;
    expect(on.key.lifecycle).toEqual({ ignore_changes: ["input"], prevent_destroy: true });
    expect(on.scratch.lifecycle).toEqual({ prevent_destroy: false });
    const off = synthesized(app, "prod-off").resource.terraform_data;
    expect(off.key.lifecycle).toEqual({ ignore_changes: ["input"], prevent_destroy: false });
  });
});

describe("ids", () => {
  const failing = (build: (stack: LayerStack) => void) => () => {
    const app = testApp();
    build(new LayerStack(app, "prod-network", { environment, policyRules: [] }));
    app.synth();
  };

  test("that end at one address are refused, with both paths", () => {
    const build = failing((stack) => {
      new DataResource(stack, "a.b");
      new DataResource(stack, "ab");
    });
    expect(build).toThrow('"prod-network/a.b" and "prod-network/ab" both become terraform_data.ab');
  });

  test("of different kinds may be the same", () => {
    const build = failing((stack) => {
      new AwsProvider(stack, "aws");
      new S3Bucket(stack, "same");
      new DataResource(stack, "same2");
      new TerraformOutput(stack, "same3", { value: 1 });
      const inner = new Construct(stack, "same4");
      new LambdaFunction(inner, "Default", { functionName: "f", role: "r" });
    });
    expect(build).not.toThrow();
  });

  test("that begin with a digit are refused", () => {
    expect(failing((stack) => new DataResource(stack, "1st"))).toThrow(
      '"prod-network/1st" becomes terraform_data.1st, but a Terraform name begins with a letter',
    );
  });
});

describe("a stack's place", () => {
  test("is directly below the App", () => {
    const scope = new Construct(testApp(), "environment");
    expect(() => new LayerStack(scope, "prod-network", { environment })).toThrow(
      'Stack "prod-network" stands below "environment". Stacks stand directly below the App',
    );
  });

  test.each(["network", "production-network", "nonprod-network"])("must name its environment: %s", (id) => {
    expect(() => new LayerStack(testApp(), id, { environment })).toThrow(`Call it "prod-${id}"`);
  });

  test.each(["prod", "prod-network", "eu-prod-network", "network-prod"])("may name it anywhere: %s", (id) => {
    expect(() => new LayerStack(testApp(), id, { environment })).not.toThrow();
  });
});

describe("wrong props", () => {
  test("are reported together, with path, value, rule and fix", () => {
    const props = { environment: { name: "Prod_1", tags: { "caravan-x": "1" } }, deletionProtection: "no" };
    expect(() => new LayerStack(new App(), "prod-network", props as never)).toThrow(
      [
        'LayerStack at "prod-network": 4 mistakes in its props',
        '  environment.name: given "Prod_1"',
        "    allowed: 1 to 16 lower-case letters, digits and single hyphens, a letter first and no hyphen last",
        '    fix:     use a name such as "prod"',
        "  environment.state: given nothing",
        "    allowed: a state: new S3State(...), new GcsState(...), new AzurermState(...) or new LocalState(...)",
        "    fix:     make one of them and give it",
        '  environment.tags["caravan-x"]: given "1"',
        "    allowed: a tag whose name does not begin with caravan-, which this library sets itself",
        "    fix:     choose another name",
        '  deletionProtection: given "no"',
        "    allowed: true or false",
        "    fix:     write true or false, without quotes",
      ].join("\n"),
    );
  });
});
