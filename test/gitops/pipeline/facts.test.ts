import { App, TerraformStack } from "cdktf";
import { AwsInfrastructureStack, AwsStateStack } from "cdktf-caravan/aws";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { type CaravanConfig, checkConfig } from "../../../lib/gitops/config";
import { environmentFacts } from "../../../lib/gitops/pipeline/facts";
import { readStacks } from "../../../lib/gitops/stacks";
import { AzureStateStack } from "../../../lib/infrastructure/azure/state-stack";
import { GcpStateStack } from "../../../lib/infrastructure/gcp/state-stack";
import { LocalState } from "../../../lib/layer";
import { suiteScope } from "../../support/temporary";
import { config, emptyStacks, otherClouds, rendered, signedInAs, twoEnvironments, type Workflow } from "./fixture";

const stacks = twoEnvironments();

/** An environment whose infrastructure makes runners of its own. */
function withRunners() {
  const app = new App({ outdir: suiteScope().directory("runners") });
  const common = {
    environment: { name: "dev", state: new LocalState() },
    accountId: "123456789012",
    region: "eu-central-1",
  };
  new AwsStateStack(app, "dev-state", { ...common, github: { repository: "acme/platform" } });
  new AwsInfrastructureStack(app, "dev-infrastructure", {
    ...common,
    images: { x86_64: "ami-0123456789abcdef0" },
    runners: {
      gitHub: {
        repository: "acme/platform",
        appId: "Iv23liAbCdEf",
        installationId: "4711",
        signingKeyArn: "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
      },
    },
  });
  app.synth();
  return readStacks(app.outdir);
}

const running = withRunners();

test("roles, region and what people apply come from the synthesized state stack", () => {
  const [dev] = environmentFacts(config, stacks);
  expect(dev).toMatchObject({
    name: "dev",
    signIn: {
      cloud: "aws",
      region: "eu-central-1",
      plannerRoleArn: "arn:aws:iam::123456789012:role/caravan-ci/dev/caravan-dev-planner",
      deployerRoleArn: "arn:aws:iam::123456789012:role/caravan-ci/dev/caravan-dev-deployer",
    },
    gated: ["dev-infrastructure"],
    onCluster: ["dev-platform"],
  });
  expect(dev?.stacks.ids).toEqual(["dev-infrastructure", "dev-platform", "dev-support", "dev-carts"]);
});

test("a runner inside of the network is asked for where Vault, Consul and Nomad are needed", () => {
  expect(() =>
    environmentFacts({ environments: { dev: {}, prod: config.environments["prod"] ?? {} } }, stacks),
  ).toThrow(/dev-infrastructure, dev-platform needs .* gitHub.* environments\.dev\.runner .*self-hosted/s);
});

test("the runners that an infrastructure makes are those of its environment, unless caravan.json names others", () => {
  const gate = (given: CaravanConfig) => {
    const apply = rendered(given, running).find(({ path }) => path.endsWith("caravan-apply-dev.yml"));
    return parse(apply?.text ?? "").jobs["gate-dev-infrastructure"]["runs-on"];
  };
  expect(gate({ environments: { dev: {} } })).toEqual(["self-hosted", "caravan-dev"]);
  expect(gate({ environments: { dev: { runner: "inside" } } })).toBe("inside");
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

test("on Azure and Google Cloud caravan.json tells what only their state stacks' outputs know", () => {
  const [dev, prod] = environmentFacts(otherClouds, stacks);
  expect(dev?.signIn).toEqual({ cloud: "azure", ...otherClouds.environments["dev"]?.azure });
  expect(prod?.signIn).toEqual({ cloud: "gcp", ...otherClouds.environments["prod"]?.gcp });
  const without = { ...otherClouds.environments["prod"], gcp: { project: "acme-caravan-prod" } };
  expect(() => environmentFacts({ environments: { ...config.environments, prod: without } }, stacks)).toThrow(
    /environments\.prod\.gcp\.workloadIdentityProvider is missing.*known only once the state stack is applied/,
  );
  expect(() => checkConfig({ environments: { dev: { azure: { clientId: "x" } } } })).toThrow(
    /environments\.dev\.azure/,
  );
});

test("jobs on Azure ask for their tokens by Terraform's own variables, on Google Cloud by a pinned action", () => {
  const files = rendered(otherClouds, stacks);
  const signIn = (name: string) => {
    const { jobs } = parse(files.find(({ path }) => path.endsWith(name))?.text ?? "") as Workflow;
    return Object.values(jobs)
      .flatMap(({ steps }) => steps)
      .find((step) => signedInAs(step) !== undefined);
  };
  expect(signIn("caravan-apply-dev.yml")?.run).toBe(
    [
      "{",
      '  echo "ARM_USE_OIDC=true"',
      '  echo "ARM_USE_CLI=false"',
      '  echo "ARM_TENANT_ID=00000000-0000-4000-8000-000000000001"',
      '  echo "ARM_SUBSCRIPTION_ID=00000000-0000-4000-8000-000000000002"',
      '  echo "ARM_CLIENT_ID=deployer-client"',
      '} >> "$GITHUB_ENV"',
    ].join("\n"),
  );
  expect(signIn("caravan-apply-prod.yml")).toMatchObject({
    uses: expect.stringMatching(/^google-github-actions\/auth@[0-9a-f]{40}$/),
    with: {
      project_id: "acme-caravan-prod",
      workload_identity_provider: otherClouds.environments["prod"]?.gcp?.workloadIdentityProvider,
      service_account: "deployer@acme-caravan-prod.iam.gserviceaccount.com",
    },
  });
});

test("what the state stacks of Azure and Google Cloud know at synth need not be said again", () => {
  const app = new App({ outdir: suiteScope().directory("clouds") });
  const tenant = "00000000-0000-4000-8000-000000000001";
  const subscription = "00000000-0000-4000-8000-000000000002";
  const github = { repository: "acme/platform" };
  const state = new LocalState();
  new AzureStateStack(app, "dev-state", {
    environment: { name: "dev", state },
    ...{ subscriptionId: subscription, tenantId: tenant, region: "westeurope", github, clientRanges: "any" },
  });
  new GcpStateStack(app, "prod-state", {
    environment: { name: "prod", state },
    ...{ project: "acme-caravan-prod", region: "europe-west1", github },
  });
  for (const name of ["dev", "prod"]) new TerraformStack(app, `${name}-infrastructure`);
  app.synth();
  const clients = { plannerClientId: "planner-client", deployerClientId: "deployer-client" };
  const workloadIdentityProvider = "projects/1/locations/global/workloadIdentityPools/ci/providers/github";
  const [dev, prod] = environmentFacts(
    { environments: { dev: { azure: clients }, prod: { gcp: { workloadIdentityProvider } } } },
    readStacks(app.outdir),
  );
  // Whoever owns the subscription or the project applies them.
  expect([dev?.stacks.ids, prod?.stacks.ids]).toEqual([["dev-infrastructure"], ["prod-infrastructure"]]);
  expect(dev?.signIn).toEqual({ cloud: "azure", tenantId: tenant, subscriptionId: subscription, ...clients });
  expect(prod?.signIn).toEqual({
    cloud: "gcp",
    project: "acme-caravan-prod",
    workloadIdentityProvider,
    plannerEmail: "caravan-prod-planner@acme-caravan-prod.iam.gserviceaccount.com",
    deployerEmail: "caravan-prod-deployer@acme-caravan-prod.iam.gserviceaccount.com",
  });
});
