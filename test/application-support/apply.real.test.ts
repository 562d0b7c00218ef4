import { beforeAll, expect, test } from "vitest";
import { gatewayJob } from "../../lib/application-support/gateways/gateway-job";
import { defaultImages } from "../../lib/application-support/images";
import { type Job, renderJob } from "../../lib/nomad";
import { productPrograms } from "../support/hashicorp/programs";
import { type Servers, startServers } from "../support/hashicorp/servers";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { Ground } from "./ground";
import { carts } from "./support";

const pause = () => new Promise((resolve) => setTimeout(resolve, 300));

/** Envoy is not on the tests' machine: what it would be told is asked of Consul, and it serves no request here. */
describeWith("the support on real servers", { ...productPrograms, terraform: findTool("terraform") }, (programs) => {
  const scope = suiteScope();
  let servers: Servers;
  let ground: Ground;
  let before: Awaited<ReturnType<typeof written>>;
  beforeAll(async () => {
    servers = await startServers(scope, programs);
    ground = await Ground.start(scope, programs.terraform, servers);
    before = await written();
  });

  /** What Consul and Vault keep that somebody wrote. */
  async function written() {
    const sorted = async (path: string, of: (one: Record<string, string>) => unknown) =>
      (await servers.consul.must("GET", path)).map(of).map(String).sort();
    const kinds = [
      ...["api-gateway", "file-system-certificate", "http-route", "terminating-gateway"],
      ...["service-defaults", "service-intentions", "proxy-defaults"],
    ];
    const entriesOf = kinds.map(async (kind) => [kind, await names(kind)] as const);
    return {
      entries: Object.fromEntries(await Promise.all(entriesOf)),
      policies: await sorted("acl/policies", ({ Name }) => Name),
      roles: await sorted("acl/roles", ({ Name }) => Name),
      rules: await sorted("acl/binding-rules", ({ BindType, BindName, Selector }) => [BindType, BindName, Selector]),
      nodes: await sorted("catalog/nodes", ({ Node }) => Node),
      mounts: Object.keys((await servers.vault.must("GET", "sys/mounts")).data).sort(),
      vaultPolicies: (await servers.vault.must("LIST", "sys/policies/acl")).data.keys.sort(),
    };
  }

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

  async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    for (const end = Date.now() + 60_000; Date.now() < end; await pause()) {
      const found = await look();
      if (found !== undefined) return found;
    }
    throw new Error(`${what}: not within a minute`);
  }

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

  /** The job as it stands, but by programs of the machine, and ending where Envoy would begin. */
  function onThisMachine(job: Job): Job {
    const [name = "", group] = Object.entries(job.group)[0] ?? [];
    const { consul: _, gateway, ...rest } = (group?.task ?? {}) as Record<string, never>;
    const {
      user: __,
      template,
      ...task
    } = gateway as unknown as {
      user: string;
      template: { data: string }[];
      config: { args: string[] };
    };
    const args = task.config.args.slice(0, task.config.args.indexOf("--"));
    const run = `${programs.consul} ${args.join(" ")} -bootstrap -ignore-envoy-compatibility > local/bootstrap.json && cat secrets/tls.pem && sleep 300`;
    const files = template.map(({ data }) => ({ data, destination: "secrets/tls.pem" }));
    return {
      ...job,
      type: "service",
      nodePool: "default",
      group: {
        [name]: {
          ...group,
          count: 1,
          task: {
            ...rest,
            gateway: {
              ...task,
              template: files,
              driver: "raw_exec",
              config: { command: "/bin/sh", args: ["-c", run] },
              resources: { cpu: 10, memory: 64 },
            },
          },
        },
      },
    } as unknown as Job;
  }

  test("the gateway's job gets its certificate and registers itself, by its identity alone", async () => {
    const registered = await servers.nomad.must("GET", "job/api-gateway?namespace=caravan-gateways");
    const { Vault, Templates } = registered.TaskGroups[0].Tasks.find(
      ({ Name }: { Name: string }) => Name === "gateway",
    );
    const job = gatewayJob({
      kind: "api",
      service: "api-gateway",
      nodePool: "default",
      agent: ground.consulAgent,
      images: defaultImages,
      vaultRole: Vault.Role,
      template: [{ destination: "secrets/tls.pem", data: Templates.at(-1).EmbeddedTmpl }],
      resources: { cpu: 10, memory: 64 },
    });
    const namespace = await servers.nomad.must("GET", "namespace/caravan-gateways");
    await servers.nomad.must("POST", "namespace/caravan-gateways", { ...namespace, Capabilities: null });
    await servers.nomad.must("DELETE", "job/api-gateway?namespace=caravan-gateways&purge=true");
    await servers.nomad.must("POST", "jobs?namespace=caravan-gateways", { Job: renderJob(onThisMachine(job)) });

    const found = await until("the gateway is registered", async () => {
      const services = await servers.consul.must("GET", "catalog/service/api-gateway");
      return services[0];
    });
    expect(found.ServiceKind).toBe("api-gateway");
    expect(found.ServiceID).toMatch(/^api-gateway-[0-9a-f]{8}$/);
    const allocations = await servers.nomad.must("GET", "job/api-gateway/allocations?namespace=caravan-gateways");
    const allocation = allocations.at(-1).ID;
    const certificate = await until("the certificate", async () => {
      const { body } = await servers.nomad.ask(
        "GET",
        `client/fs/logs/${allocation}?namespace=caravan-gateways&task=gateway&type=stdout&plain=true`,
      );
      return String(body).includes("PRIVATE KEY") && String(body).includes("END CERTIFICATE")
        ? String(body)
        : undefined;
    });
    const { X509Certificate } = await import("node:crypto");
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

  test("destroyed, it leaves what was there before it, and nothing else", async () => {
    // Nomad keeps a namespace in which something still ends.
    await servers.nomad.must("DELETE", "job/api-gateway?namespace=caravan-gateways");
    await until("the gateway has ended", async () => {
      const all = await servers.nomad.must("GET", "allocations?namespace=caravan-gateways");
      return all.every(({ ClientStatus }: Record<string, string>) => ClientStatus === "complete") ? true : undefined;
    });
    await ground.terraform.destroy();
    expect(await written()).toEqual(before);
    const jobs = await servers.nomad.must("GET", "jobs?namespace=*");
    expect(jobs.filter(({ Stop }: { Stop: boolean }) => !Stop)).toEqual([]);
  });
});
