import { expect, test } from "vitest";
import { checkConfig } from "../../../lib/gitops/config";
import { environmentFacts } from "../../../lib/gitops/pipeline/facts";
import { config, emptyStacks, twoEnvironments } from "./fixture";

const stacks = twoEnvironments();

test("roles, region and what people apply come from the synthesized state stack", () => {
  const [dev] = environmentFacts(config, stacks);
  expect(dev).toMatchObject({
    name: "dev",
    region: "eu-central-1",
    plannerRoleArn: "arn:aws:iam::123456789012:role/caravan-ci/dev/caravan-dev-planner",
    deployerRoleArn: "arn:aws:iam::123456789012:role/caravan-ci/dev/caravan-dev-deployer",
    gated: ["dev-infrastructure"],
    onCluster: ["dev-platform"],
  });
  expect(dev?.stacks.ids).toEqual(["dev-infrastructure", "dev-platform", "dev-support", "dev-carts"]);
});

test("a runner inside of the network is asked for where Vault, Consul and Nomad are needed", () => {
  expect(() =>
    environmentFacts({ environments: { dev: {}, prod: config.environments["prod"] ?? {} } }, stacks),
  ).toThrow(/dev-infrastructure, dev-platform needs .* environments\.dev\.runner .*self-hosted/s);
});

test("no stack is left without an environment, and no environment without stacks", () => {
  const dev = config.environments["dev"] ?? {};
  expect(() => environmentFacts({ environments: { dev } }, stacks)).toThrow("No pipeline would apply prod-");
  expect(() => environmentFacts({ environments: { ...config.environments, stage: {} } }, stacks)).toThrow(
    "The environment stage of caravan.json has no stack",
  );
  expect(() => environmentFacts({ environments: { dev: {} } }, emptyStacks([{ id: "a", dependencies: [] }]))).toThrow(
    "environments.dev.aws.region is missing",
  );
});

test("caravan.json is checked as a whole, each mistake with what is allowed", () => {
  expect(() => checkConfig({ environment: {} })).toThrow(
    /2 mistakes.*environment is not known.*environments is missing/s,
  );
  expect(() =>
    checkConfig({ environments: { Prod: { runner: [], promoteFrom: "dev", x: 1 } }, driftSchedule: "daily" }),
  ).toThrow(
    /5 mistakes.*driftSchedule cannot be "daily".*environments\.Prod: an environment's name.*Prod\.runner cannot be \[\].*Prod\.x is not known.*"dev" is no other/s,
  );
  expect(checkConfig({ environments: { prod: {} } })).toEqual({ environments: { prod: {} } });
});
