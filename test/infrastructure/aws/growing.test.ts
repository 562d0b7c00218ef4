import { App } from "cdktf";
import { AwsInfrastructureStack, type AwsInfrastructureStackProps } from "cdktf-caravan/aws";
import { Template } from "cdktf-caravan/testing";
import { describe, expect, test } from "vitest";
import { LocalState } from "../../../lib";

const production: Omit<AwsInfrastructureStackProps, "environment"> = {
  region: "eu-central-1",
  accountId: "123456789012",
  images: { x86_64: "ami-0123456789abcdef0" },
  network: { zones: ["a", "b"] },
  servers: { vault: { runs: ["vault"] }, main: { runs: ["consul", "nomad"] } },
  workers: { general: { min: 2, max: 6 } },
  domain: "caravan.example.com",
  dns: { parentZoneId: "Z0123456789ABC" },
  volumes: { home: { size: "1GiB", zone: "a" } },
};

function stackIn(app: App, name: string, change: Partial<AwsInfrastructureStackProps> = {}): Template {
  const environment = { name, state: new LocalState() };
  return Template.of(
    new AwsInfrastructureStack(app, `${name}-infrastructure`, { environment, ...production, ...change }),
  );
}

const template = stackIn(new App(), "prod");

describe("an environment that grows keeps what it has under its ids", () => {
  test.each<[string, Partial<AwsInfrastructureStackProps>]>([
    ["by a zone", { network: { zones: ["a", "b", "c"] } }],
    ["by a group of workers", { workers: { batch: { min: 0, max: 5 }, ...production.workers } }],
    ["by a volume", { volumes: { first: { size: "1GiB", zone: "b" }, ...production.volumes } }],
    ["by a kind of client", { clients: ["tunnel"] }],
    ["by what nodes reach", { outside: { proxy: { range: "10.9.0.10/32", port: 3128 } } }],
  ])("%s", (_, change) => {
    const grown = stackIn(new App(), "prod", change);
    for (const address of template.addresses) expect(grown.addresses).toContain(address);
    expect(grown.addresses.length).toBeGreaterThan(template.addresses.length);
  });

  test("a subnet keeps its addresses when zones come", () => {
    const cidrs = (from: Template) =>
      Object.fromEntries(
        from.resources("aws_subnet").map(({ address, arguments: subnet }) => [address, subnet["cidr_block"]]),
      );
    expect(cidrs(stackIn(new App(), "prod", { network: { zones: ["a", "b", "c"] } }))).toMatchObject(cidrs(template));
  });
});

describe("another environment of the account", () => {
  const app = new App();
  const prod = stackIn(app, "prod");
  const dev = stackIn(app, "dev", { domain: "dev.example.com" });

  test("changes nothing of the first", () => {
    expect(prod.json).toEqual(template.json);
  });

  test("has no name in common with it", () => {
    const names = (from: Template) =>
      Object.entries(from.json["resource"] as Record<string, Record<string, Record<string, unknown>>>)
        // Named within a group, a role or a bucket.
        .filter(([type]) => !/^aws_(autoscaling_lifecycle_hook|iam_role_policy|s3_bucket_metric)$/.test(type))
        .flatMap(([type, all]) =>
          Object.values(all).flatMap((each) =>
            ["name", "bucket", "alarm_name", "custom_suffix"].flatMap((key) =>
              typeof each[key] === "string" && !String(each[key]).startsWith("${") ? [`${type} ${each[key]}`] : [],
            ),
          ),
        );
    expect(names(prod).length).toBeGreaterThan(30);
    expect(names(prod).filter((name) => names(dev).includes(name))).toEqual([]);
  });
});
