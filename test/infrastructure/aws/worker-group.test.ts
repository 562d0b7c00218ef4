import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pullStatements, registriesOf } from "../../../lib/infrastructure/aws/registry-policy";
import type { AwsWorkerGroupProps } from "../../../lib/infrastructure/aws/worker-group";
import { workerRange } from "../../../lib/infrastructure/props";
import { isChoice } from "../../../lib/policy";
import { Match, Template } from "../../../lib/testing";
import { refusal } from "./edge-stack";
import { cluster, groupStack, only, workersIn, workerTemplate } from "./node-group-stack";

const GROUP = "aws_autoscaling_group";

function groupOf(props: Partial<AwsWorkerGroupProps> = {}) {
  return only(workerTemplate(props), GROUP);
}

describe("a group of workers", () => {
  test("is as large as whoever scales it says, between its bounds", () => {
    const group = groupOf({ min: 2, max: 10 });
    expect(group).toMatchObject({ name: "caravan-prod-worker-general", min_size: 2, max_size: 10 });
    for (const absent of ["desired_capacity", "instance_refresh", "protect_from_scale_in", "lifecycle"]) {
      expect(group).not.toHaveProperty(absent);
    }
  });

  test.each([
    [{}, 2, 2],
    [{ min: 0 }, 0, 0],
    [{ max: 1 }, 1, 1],
    [{ max: 9 }, 2, 9],
    [{ min: 4 }, 4, 4],
  ])("bounds %j are %i to %i", (given, min, max) => expect(workerRange(given)).toEqual({ min, max }));

  test("bounds are never the wrong way round", () => {
    const size = fc.option(fc.nat(1000), { nil: undefined });
    fc.assert(
      fc.property(size, size, (min, max) => {
        fc.pre(min === undefined || max === undefined || min <= max);
        const range = workerRange({ min, max });
        expect(range.min <= range.max).toBe(true);
        expect([min ?? range.min, max ?? range.max]).toEqual([range.min, range.max]);
      }),
    );
  });

  test("takes the first instance type that there is room for, and spot machines for its share", () => {
    expect(groupOf({ instanceType: ["m7g.large", "m6g.large"], spotPercent: 70 })).toMatchObject({
      capacity_rebalance: true,
      mixed_instances_policy: {
        instances_distribution: {
          on_demand_allocation_strategy: "prioritized",
          on_demand_base_capacity: 0,
          on_demand_percentage_above_base_capacity: 30,
          spot_allocation_strategy: "price-capacity-optimized",
        },
        launch_template: { override: [{ instance_type: "m7g.large" }, { instance_type: "m6g.large" }] },
      },
    });
    expect(groupOf()).toMatchObject({ capacity_rebalance: false });
  });

  test("drains before a machine ends, and says so itself", () => {
    expect(only(workerTemplate(), "aws_autoscaling_lifecycle_hook")).toMatchObject({
      name: "caravan-leave",
      heartbeat_timeout: 900,
      default_result: "CONTINUE",
    });
  });

  test("tells pool, group and environment by tags, on the group and on its machines", () => {
    const template = workerTemplate({ nodePool: "batch" });
    const tags = {
      "caravan-environment": "prod",
      "caravan-group": "worker-general",
      "caravan-node-pool": "batch",
      "cost-center": "platform",
      Name: "caravan-prod-worker-general",
    };
    const given = only(template, GROUP)["tag"] as { key: string; value: string; propagate_at_launch: boolean }[];
    expect(Object.fromEntries(given.map(({ key, value }) => [key, value]))).toEqual(tags);
    expect(given.some((tag) => tag.propagate_at_launch)).toBe(false);
    expect(only(template, "aws_launch_template")["tag_specifications"]).toContainEqual({
      resource_type: "volume",
      tags,
    });
  });

  test("has what its props say in its nodes' configuration", () => {
    const given = String(
      only(
        workerTemplate({ nodePool: "gpu", labels: { gpu: "l4" }, hostVolumes: { scratch: { path: "/srv/scratch" } } }),
        "aws_launch_template",
      )["user_data"],
    );
    const document = gunzipSync(Buffer.from(given.slice(0, given.indexOf("$")), "base64")).toString();
    for (const said of ['\\"node_pool\\": \\"gpu\\"', '\\"gpu\\": \\"l4\\"', '\\"path\\": \\"/srv/scratch\\"']) {
      expect(document).toContain(said);
    }
  });
});

test("only a system pool reaches the cloud's API from containers, and may scale workers", () => {
  const template = workerTemplate({ group: "platform", system: true });
  expect(only(template, "aws_launch_template")["metadata_options"]).toMatchObject({ http_put_response_hop_limit: 2 });
  template.hasResource("aws_iam_role_policy", {
    name: "scale-workers",
    policy: Match.json({
      Statement: Match.arrayWith([
        {
          Action: [
            "autoscaling:CreateOrUpdateTags",
            "autoscaling:TerminateInstanceInAutoScalingGroup",
            "autoscaling:UpdateAutoScalingGroup",
          ],
          Resource:
            "arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:*:autoScalingGroupName/caravan-prod-worker-*",
        },
      ]),
    }),
  });
  workerTemplate().hasNoResource("aws_iam_role_policy", { name: "scale-workers" });
});

test("a group with spot machines drains within their two minutes, unless told otherwise", () => {
  const deadline = (props: Partial<AwsWorkerGroupProps>) => {
    const given = String(only(workerTemplate(props), "aws_launch_template")["user_data"]);
    const document = gunzipSync(Buffer.from(given.slice(0, given.indexOf("$")), "base64")).toString();
    return /deadline\\": \\"(\w+)/.exec(document)?.[1];
  };
  const ownDeadline = { nomad: { client: { drain_on_shutdown: { deadline: "60s" } } } };
  expect(deadline({})).toBe("5m");
  expect(deadline({ spotPercent: 50 })).toBe("90s");
  expect(deadline({ spotPercent: 50, extend: ownDeadline })).toBe("60s");
  expect(deadline({ spotPercent: 50, cluster: { ...cluster, extend: ownDeadline } })).toBe("60s");
});

test("raw_exec is off, and a choice that the report shows", () => {
  const rawExec = (props: Partial<AwsWorkerGroupProps>) => {
    const stack = groupStack();
    workersIn(stack, props);
    const given = String(only(Template.of(stack), "aws_launch_template")["user_data"]);
    const document = gunzipSync(Buffer.from(given.slice(0, given.indexOf("$")), "base64")).toString();
    const [, enabled] = /raw_exec[^}]*enabled\\": (true|false)/.exec(document) ?? [];
    return [enabled, stack.policyOutcome?.waived.map(({ waiver }) => [waiver.rule, isChoice(waiver) && waiver.prop])];
  };
  expect(rawExec({})).toEqual(["false", []]);
  expect(rawExec({ rawExec: true })).toEqual(["true", [["aws-user-data-raw-exec", "rawExec"]]]);
});

describe("images of ECR", () => {
  const repositories = ["shop/*", "tools", "210987654321.dkr.ecr.eu-west-1.amazonaws.com/base/java"];

  test("are taken from the repositories that are named, and nothing else may be done there", () => {
    const found = workerTemplate({ repositories }).resources("aws_iam_role_policy");
    const [policy] = found.filter((one) => one.arguments["name"] === "images");
    expect(JSON.parse(String(policy?.arguments["policy"])).Statement).toEqual([
      {
        Sid: "SignInToRegistries",
        Effect: "Allow",
        Action: "ecr:GetAuthorizationToken",
        Resource: "*",
        Condition: { StringEquals: { "aws:RequestedRegion": ["eu-central-1", "eu-west-1"] } },
      },
      {
        Sid: "TakeImages",
        Effect: "Allow",
        Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        Resource: [
          "arn:aws:ecr:eu-central-1:123456789012:repository/shop/*",
          "arn:aws:ecr:eu-central-1:123456789012:repository/tools",
          "arn:aws:ecr:eu-west-1:210987654321:repository/base/java",
        ],
      },
    ]);
    workerTemplate().hasNoResource("aws_iam_role_policy", { name: "images" });
  });

  test("their registries are known to the node, each once", () => {
    const given = String(only(workerTemplate({ repositories }), "aws_launch_template")["user_data"]);
    const document = gunzipSync(Buffer.from(given.slice(0, given.indexOf("$")), "base64")).toString();
    const registries = [...document.matchAll(/([\w.-]+)\\": \\"ecr-login/g)].map(([, registry]) => registry);
    expect(registries).toEqual([
      "123456789012.dkr.ecr.eu-central-1.amazonaws.com",
      "210987654321.dkr.ecr.eu-west-1.amazonaws.com",
    ]);
  });

  test("in China the registry has another ending", () => {
    const place = { environment: "prod", accountId: "123456789012", region: "cn-north-1" };
    expect(registriesOf(place, ["shop/web"])).toEqual(["123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn"]);
    expect(pullStatements(place, ["shop/web"])[1]?.resources).toEqual([
      "arn:aws-cn:ecr:cn-north-1:123456789012:repository/shop/web",
    ]);
  });
});

describe("wrong props", () => {
  test.each<[string, object, string]>([
    ["a server group's name", { group: "main" }, 'group: given "main"'],
    ["a name in capitals", { group: "General" }, 'group: given "General"'],
    ["min above max", { min: 3, max: 1 }, "min: given 3"],
    ["a negative max", { max: -2 }, "max: given -2"],
    ["a share below none", { spotPercent: -5 }, "spotPercent: given -5"],
    ["a share as text", { spotPercent: "50%" }, 'spotPercent: given "50%"'],
    ["every repository", { repositories: ["*"] }, 'repositories[0]: given "*"'],
    ["an image with its tag", { repositories: ["shop/web:1.4.2"] }, 'repositories[0]: given "shop/web:1.4.2"'],
    ["a repository in capitals", { repositories: ["Shop/web"] }, 'repositories[0]: given "Shop/web"'],
    ["two processors", { instanceType: ["m7i.large", "m7g.large"] }, "instanceType: given"],
    ["a disk in bytes that nobody means", { diskSize: "100000MiB" }, 'diskSize: given "100000MiB"'],
  ])("%s", (_name, change, message) => {
    const text = refusal(() => workersIn(groupStack(), change));
    expect(text).toContain(message);
    expect(text).toMatch(/allowed: \S.*\n {4}fix: {5}\S/);
  });
});
