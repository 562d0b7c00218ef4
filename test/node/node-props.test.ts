import { describe, expect, test } from "vitest";
import { groupOf, joinTag, machineHost, type NodeProps, nodeFacts, runsOf, trafficRoles } from "../../lib/node";
import { server, worker } from "./examples";

const apart = {
  vault: { count: 3, runs: ["vault"] },
  main: { count: 5, runs: ["consul", "nomad"] },
} as const;

describe("what a node runs", () => {
  test.each<[string, NodeProps, string[]]>([
    ["a server: what its group runs", server, ["vault", "consul", "nomad"]],
    ["a server of a group for Vault alone", { ...server, servers: apart, group: "vault" }, ["vault"]],
    ["a worker: clients of what the cluster has", worker, ["consul", "nomad"]],
    ["a worker without Consul", { ...worker, servers: { main: { count: 1, runs: ["nomad"] } } }, ["nomad"]],
    ["a worker of Nomad only", { ...worker, runs: ["nomad"] }, ["nomad"]],
  ])("%s", (_, props, expected) => expect(runsOf(props)).toEqual(expected));

  test("decides its roles in the traffic table", () => {
    expect(trafficRoles("server", ["consul", "nomad"])).toEqual(["consulServer", "nomadServer"]);
    expect(trafficRoles("worker", ["consul", "nomad"])).toEqual(["worker"]);
  });
});

test("products find their group, their tag and their name", () => {
  expect(groupOf({ ...server, servers: apart }, "nomad")).toMatchObject({ name: "main", count: 5 });
  expect(groupOf({ ...server, servers: { main: apart.main } }, "vault")).toBeUndefined();
  expect(joinTag("prod", "consul")).toEqual({ key: "caravan-consul", value: "prod" });
  expect(machineHost(server, "vault")).toBe("vault.prod.caravan.internal");
});

test("the facts tell scripts what a worker is", () => {
  expect(nodeFacts({ ...worker, servers: apart, nodePool: "batch" })).toEqual({
    CARAVAN_CLOUD: "aws",
    CARAVAN_CLOUD_DNS_SUFFIX: "amazonaws.com",
    CARAVAN_CLOUD_REGION: "eu-central-1",
    AWS_REGION: "eu-central-1",
    CARAVAN_ENVIRONMENT: "prod",
    CARAVAN_ROLE: "worker",
    CARAVAN_GROUP: "general",
    CARAVAN_NODE_ROLE: "worker-general",
    CARAVAN_RUNS: "consul nomad",
    CARAVAN_CLUSTER: "vault consul nomad",
    CARAVAN_DATACENTER: "eu-central-1",
    CARAVAN_REGION: "global",
    CARAVAN_DISCOVERY: "cloud",
    CARAVAN_SOFTWARE: "install",
    CARAVAN_NODE_POOL: "batch",
    CARAVAN_VAULT_HOST: "vault.prod.caravan.internal",
    CARAVAN_VAULT_GROUP: "vault",
    CARAVAN_VAULT_SERVERS: "3",
    CARAVAN_CONSUL_HOST: "consul.prod.caravan.internal",
    CARAVAN_CONSUL_GROUP: "main",
    CARAVAN_CONSUL_SERVERS: "5",
    CARAVAN_NOMAD_HOST: "nomad.prod.caravan.internal",
    CARAVAN_NOMAD_GROUP: "main",
    CARAVAN_NOMAD_SERVERS: "5",
  });
});
