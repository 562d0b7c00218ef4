import { X509Certificate } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { productPrograms } from "../support/hashicorp/programs";
import { type Servers, startServers } from "../support/hashicorp/servers";
import { difference, type Written, written } from "../support/hashicorp/written";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { gatewayHere, until } from "./gateway-here";
import { Ground } from "./ground";
import { carts } from "./support";

/** Envoy is not on the tests' machine: what it would be told is asked of Consul, and it serves no request here. */
describeWith("the support on real servers", { ...productPrograms, terraform: findTool("terraform") }, (programs) => {
  const scope = suiteScope();
  let servers: Servers;
  let ground: Ground;
  let before: Written;
  beforeAll(async () => {
    servers = await startServers(scope, programs);
    ground = await Ground.start(scope, programs.terraform, servers);
    before = await written(servers);
  });

  const outside = { "orders-db": { address: "db.example.com", port: 5432, allow: ["shop-api"] } };
  const withCarts = () =>
    ground.commit({ externalServices: outside }, (support) =>
      support.contract.addRoutes(carts(support), [
        { host: "shop", path: "/api", service: "shop-api", team: "shop", rewritePath: "/" },
        { host: "status", service: "status" },
      ]),
    );
  const entries = async (kind: string) => servers.consul.must("GET", `config/${kind}`);
  const names = async (kind: string) => (await entries(kind)).map(({ Name }: { Name: string }) => Name).sort();

  test("is applied, and plans nothing more", async () => {
    withCarts();
    await ground.terraform.apply();
    expect(await ground.actions()).toEqual([]);
  });

  test("Consul has the entries that were declared and no others, and binds each route to the gateway", async () => {
    expect(await names("api-gateway")).toEqual(["api-gateway"]);
    expect(await names("file-system-certificate")).toEqual(["api-gateway"]);
    expect(await names("http-route")).toEqual(["pay", "shop", "status"]);
    expect(await names("terminating-gateway")).toEqual(["terminating-gateway"]);
    expect(await names("service-defaults")).toEqual(["orders-db"]);
    expect(await names("service-intentions")).toEqual(["orders-db"]);
    const gateway = await servers.consul.must("GET", "config/api-gateway/api-gateway");
    expect(gateway.Listeners).toMatchObject([
      { Hostname: "*.apps.example.com", Port: 8443, TLS: { MinVersion: "TLSv1_2" } },
    ]);
    const bound = await until("routes are bound", async () => {
      const routes = await entries("http-route");
      const conditions = routes.map(
        ({ Name, Status }: { Name: string; Status: { Conditions: { Type: string; Status: string }[] } }) => [
          Name,
          Status.Conditions.find(({ Type }) => Type === "Bound")?.Status,
        ],
      );
      return conditions.every(([, status]: string[]) => status === "True") ? Object.fromEntries(conditions) : undefined;
    });
    expect(bound).toEqual({ pay: "True", shop: "True", status: "True" });
    const shop = await servers.consul.must("GET", "config/http-route/shop");
    expect(shop.Rules.map(({ Services }: { Services: { Name: string }[] }) => Services[0]?.Name)).toEqual([
      "shop-api",
      "host-shop",
    ]);
  });

  test("roles of its jobs are those that were declared, and each fits one namespace or job only", async () => {
    const rules = await servers.consul.must("GET", "acl/binding-rules?authmethod=nomad-workloads");
    const own = rules
      .filter(({ Selector }: { Selector: string }) => Selector.includes("caravan-"))
      .map(({ BindType, BindName }: { BindType: string; BindName: string }) => `${BindType} ${BindName}`)
      .sort();
    expect(own).toEqual([
      "role caravan-gateways-terminating-gateway",
      "role caravan-operations-consul-esm",
      "role nomad-tasks-caravan-gateways",
      "role nomad-tasks-caravan-operations",
      "service ${value.nomad_service}",
      "service ${value.nomad_service}",
      "templated-policy builtin/api-gateway",
    ]);
    const policy = await servers.consul.must("GET", "acl/policy/name/caravan-gateways-terminating-gateway");
    expect(policy.Rules.match(/\w+ "[^"]*" \{[^}]*"write"/g)?.map((rule: string) => rule.split(" {")[0])).toEqual([
      'service "terminating-gateway"',
      'service "orders-db"',
    ]);
    expect(await servers.consul.must("GET", "connect/intentions/check?source=shop-api&destination=orders-db")).toEqual({
      Allowed: true,
    });
    expect(await servers.consul.must("GET", "connect/intentions/check?source=shop-web&destination=orders-db")).toEqual({
      Allowed: false,
    });
  });

  test("Nomad plans and keeps each job in its namespace", async () => {
    const jobs = await servers.nomad.must("GET", "jobs?namespace=*");
    expect(jobs.map(({ Namespace, ID, Type }: Record<string, string>) => `${Namespace} ${ID} ${Type}`).sort()).toEqual([
      "caravan-gateways api-gateway system",
      "caravan-gateways terminating-gateway service",
      "caravan-operations consul-esm service",
    ]);
  });

  test("the gateway's job gets its certificate and registers itself, by its identity alone", async () => {
    const { instance, certificate } = await gatewayHere(servers, { nodePool: "default", consul: programs.consul });
    expect(instance.ServiceKind).toBe("api-gateway");
    expect(instance.ServiceID).toMatch(/^api-gateway-[0-9a-f]{8}$/);
    expect(new X509Certificate(certificate).subjectAltName).toBe("DNS:*.apps.example.com");
  });

  test("a route that no Cart asks for any more goes, and a team's own entrance stays", async () => {
    ground.commit({ externalServices: outside });
    await ground.terraform.apply();
    expect(await ground.actions()).toEqual([]);
    expect(await names("http-route")).toEqual(["pay", "shop"]);
    const shop = await servers.consul.must("GET", "config/http-route/shop");
    expect(shop.Rules.map(({ Services }: { Services: { Name: string }[] }) => Services[0]?.Name)).toEqual([
      "host-shop",
    ]);
  });

  test("destroyed at once, though its gateway still ends, it leaves what was there before it and nothing else", async () => {
    const allocations = await servers.nomad.must("GET", "allocations?namespace=caravan-gateways");
    expect(allocations.map(({ ClientStatus }: Record<string, string>) => ClientStatus)).toContain("running");
    await ground.terraform.destroy();
    expect(difference(before, await written(servers))).toEqual({});
  });
});
