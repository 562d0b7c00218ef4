import { expect, test } from "vitest";
import type { CloudInfrastructureStatic } from "../../lib/infrastructure/contract";
import { AwsCloud } from "../../lib/operate/aws/cloud";
import { AzureCloud } from "../../lib/operate/azure/cloud";
import { cloudOf, type ToldInfrastructure } from "../../lib/operate/cloud-of";
import { GcpCloud } from "../../lib/operate/gcp/cloud";
import { AzureGround, SCALE_SET, SUBSCRIPTION, tokenOf } from "./azure-ground";
import { GcpGround, MANAGER, PROJECT } from "./gcp-ground";

const signal = AbortSignal.timeout(60_000);

function told(cloud: CloudInfrastructureStatic["access"]["cloud"], over: Partial<ToldInfrastructure>) {
  const contract = {
    cloud: cloud.name,
    environment: "prod",
    region: cloud.region,
    clusterBucket: "cluster",
    serverGroups: { main: ["vault", "consul", "nomad"] },
    deployerIdentity: "deployer",
    plannerIdentity: "planner",
    access: { cloud, servers: { main: { count: 5, runs: ["vault", "consul", "nomad"] } }, workers: {} },
  };
  return {
    static: contract as unknown as CloudInfrastructureStatic,
    serverMachineGroups: {},
    workerMachineGroups: {},
    ciIdentities: {},
    publicCaSecretId: "",
    bootstrapSecretId: "",
    ...over,
  };
}

test("each contract leads to its cloud", () => {
  expect(cloudOf(told({ name: "aws", region: "eu-central-1" }, {}))).toBeInstanceOf(AwsCloud);
});

test("on Azure the contract says how many servers are wanted, and who is CI by its object id", async () => {
  const place = { name: "azure", region: "westeurope", tenantId: "tenant", resourceGroup: "caravan-prod" } as const;
  const cloud = cloudOf(
    told(
      { ...place, subscriptionId: SUBSCRIPTION },
      { serverMachineGroups: { main: SCALE_SET }, ciIdentities: { deployer: "1", planner: "2" } },
    ),
    { azure: { token: async () => tokenOf({ oid: "2" }), endpoint: await new AzureGround().start() } },
  );
  expect(cloud).toBeInstanceOf(AzureCloud);
  expect(await cloud.ciRole(signal)).toBe("planner");
  expect(await cloud.group("main", signal)).toMatchObject({ wanted: 5, size: 3, settled: false });
});

test("on Google Cloud the contract says how many servers are wanted, and who is CI by its address", async () => {
  const cloud = cloudOf(
    told({ name: "gcp", region: "europe-west3", project: PROJECT }, { serverMachineGroups: { main: MANAGER } }),
    {
      gcp: {
        credentials: { get: async () => "a token", email: async () => "deployer" },
        endpoint: await new GcpGround().start(),
      },
    },
  );
  expect(cloud).toBeInstanceOf(GcpCloud);
  expect(await cloud.ciRole(signal)).toBe("deployer");
  expect(await cloud.group("main", signal)).toMatchObject({ wanted: 5, size: 3, settled: false });
});
