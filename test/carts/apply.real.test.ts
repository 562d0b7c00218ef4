import { statSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { Cart, type CartProps } from "../../lib/carts";
import { deriveCart } from "../../lib/carts/derive";
import { PropsCheck } from "../../lib/core/errors";
import { canary, httpCheck, type Job, renderJob } from "../../lib/nomad";
import { productPrograms } from "../support/hashicorp/programs";
import { freePort, suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { AppliedCarts, type Ground, governed } from "./ground";
import { onThisMachine, type Programs } from "./on-this-machine";

const needs = { ...productPrograms, terraform: findTool("terraform"), python3: findTool("python3") };

describeWith("Carts of a team, applied by its pipeline", needs, (programs) => {
  const scope = suiteScope();
  let ground: Ground;
  let carts: AppliedCarts;
  let ports: Readonly<Record<"api" | "web", number>>;
  let before: unknown;
  beforeAll(async () => {
    ground = await governed(scope, programs);
    ports = { api: await freePort(), web: await freePort() };
    carts = new AppliedCarts(scope, programs.terraform, ground, ground.ofTeam);
    const { vault } = ground.servers;
    await vault.must("POST", "secret/data/shop/shop-api/database", { data: { password: "of-the-api" } });
    before = await rights();
  });

  /** A task that writes what it was told into the directory that it serves. */
  const serves = (port: number): Programs => ({
    web: { command: "/bin/sh", args: ["-c", `env > served.txt; exec ${programs.python3} -m http.server ${port}`] },
  });
  const cartOf = (name: "api" | "web", props: Partial<CartProps> = {}, runs = serves(ports[name])): Cart => {
    const id = `shop-${name}`;
    const image = `registry.example.com/${id}:1.0.0`;
    const jobs: Job = {
      id,
      ...canary({ minHealthyTime: "1s" }),
      group: { web: { task: { web: { driver: "docker", config: { image } } } } },
    };
    const provides = { name: id, port: ports[name], health: httpCheck("/served.txt") };
    return onThisMachine(new Cart(id, { jobs, provides, ...props }), runs);
  };
  const api = (runs?: Programs) =>
    cartOf(
      "api",
      {
        secrets: { path: "database", env: { DB_PASSWORD: "password" } },
        volumes: { name: "shop-api-data", destination: "/data", parameters: { uid: "65534", mode: "750" } },
      },
      runs,
    );
  const web = () =>
    cartOf("web", {
      provides: { name: "shop-web", port: ports.web, health: httpCheck("/served.txt"), allows: ["pay-web"] },
      consumes: { service: "shop-api", localPort: ports.api, http: [{ pathPrefix: "/", methods: ["GET"] }] },
    });
  const team = { team: "shop" };

  /** What anybody may do in the three products. */
  async function rights() {
    const { vault, consul, nomad } = ground.servers;
    const names = (list: readonly { readonly Name: string }[]) => list.map(({ Name }) => Name).sort();
    return {
      vaultPolicies: (await vault.must("LIST", "sys/policies/acl")).data.keys,
      vaultRoles: (await vault.must("LIST", "auth/jwt-nomad/role")).data.keys,
      consulPolicies: names(await consul.must("GET", "acl/policies")),
      consulRoles: names(await consul.must("GET", "acl/roles")),
      nomadPolicies: names(await nomad.must("GET", "acl/policies")),
    };
  }
  const entries = async (kind: string) => {
    const found = await ground.servers.consul.must("GET", `config/${kind}`);
    return (found as Record<string, unknown>[]).map(({ Name, Protocol, Sources }) => ({ Name, Protocol, Sources }));
  };
  const served = async (name: "api" | "web") => (await fetch(`http://127.0.0.1:${ports[name]}/served.txt`)).text();

  test("are applied with the team's rights, run, and plan nothing more", async () => {
    await carts.commit([api(), web()], team);
    await carts.terraform.apply();
    expect(await carts.actions()).toEqual([]);
    const jobs = await ground.servers.nomad.must("GET", "jobs?namespace=*");
    expect(jobs.map(({ ID, Namespace, Status }: Record<string, string>) => [ID, Namespace, Status])).toEqual([
      ["shop-api", "shop", "running"],
      ["shop-web", "shop", "running"],
    ]);
  });

  test("Consul has the entries and intentions that were declared, and nothing more; rights are as they were", async () => {
    expect(await entries("service-defaults")).toEqual([
      { Name: "shop-api", Protocol: "http" },
      { Name: "shop-web", Protocol: "http" },
    ]);
    const intentions = await entries("service-intentions");
    expect(intentions).toEqual([
      { Name: "shop-api", Sources: [expect.objectContaining({ Name: "shop-web" })] },
      { Name: "shop-web", Sources: [expect.objectContaining({ Name: "pay-web", Action: "allow" })] },
    ]);
    expect(JSON.stringify(intentions[0])).toContain(
      '"Permissions":[{"Action":"allow","HTTP":{"PathPrefix":"/","Methods":["GET"]}}]',
    );
    const { consul } = ground.servers;
    const asks = async (source: string, destination: string) => {
      const query = `source=${source}&destination=${destination}`;
      return (await consul.must("GET", `connect/intentions/check?${query}`)).Allowed as boolean;
    };
    expect(await asks("pay-web", "shop-web")).toBe(true);
    expect(await asks("shop-api", "shop-web")).toBe(false);
    expect(await asks("pay-web", "shop-api")).toBe(false);
    expect(await rights()).toEqual(before);
  });

  test("a volume is of the user that it was made for", async () => {
    const [volume] = await ground.servers.nomad.must("GET", "volumes?type=host&namespace=shop");
    const { HostPath } = await ground.servers.nomad.must("GET", `volume/host/${volume.ID}?namespace=shop`);
    const { uid, mode } = statSync(HostPath);
    expect([uid, (mode & 0o777).toString(8)]).toEqual([65534, "750"]);
  });

  test("a secret reaches its task, and no other", async () => {
    expect(await served("api")).toContain("DB_PASSWORD=of-the-api\n");
    expect(await served("web")).not.toContain("of-the-api");
    expect(await served("api")).not.toMatch(/VAULT_TOKEN|hvs\./);
    // A Cart that asks for another's by its path is not given it.
    const secrets = {
      mount: "secret",
      engine: "kv",
      path: "shop/shop-api/database",
      role: "nomad-workloads",
      env: { X: "password" },
    } as const;
    const thief = cartOf("web", { secrets, provides: [] });
    const known = { namespace: "shop", kvMount: "secret", protocol: "http" } as const;
    const check = new PropsCheck("test", { node: { path: "" } }, "thief");
    const [job] = deriveCart(new Cart("thief", { ...thief.props, provides: [] }), known, check).jobs;
    const { nomad } = ground.servers;
    await nomad.must("POST", "jobs?namespace=shop", {
      Job: { ...renderJob(job as Job), ID: "shop-thief", Name: "shop-thief" },
    });
    const events = async () => {
      const [allocation] = await nomad.must("GET", "job/shop-thief/allocations?namespace=shop");
      return JSON.stringify(allocation?.TaskStates ?? {});
    };
    await expect
      .poll(events, { timeout: 60_000 })
      .toMatch(/Missing: vault\.read\(secret\/data\/shop\/shop-api\/database\)|403/);
    expect(await events()).not.toContain('"State":"running"');
    await nomad.must("DELETE", "job/shop-thief?namespace=shop&purge=true");
  });

  test("a new version that fails is taken back, and the apply says so", async () => {
    const { nomad } = ground.servers;
    await carts.commit([api({ web: { command: "/bin/sh", args: ["-c", "exit 1"] } }), web()], team);
    await expect(carts.terraform.apply()).rejects.toThrow(/deployment .* failed/);
    const isBack = async () => {
      const { Stable, TaskGroups } = await nomad.must("GET", "job/shop-api?namespace=shop");
      return Stable && TaskGroups[0].Tasks[0].Config.args.join(" ").includes("http.server");
    };
    await expect.poll(isBack, { timeout: 60_000 }).toBe(true);
    // The version that worked has not stopped answering.
    expect(await served("api")).toContain("DB_PASSWORD=of-the-api\n");
  });

  test("a Cart that is removed takes its job, entries, intentions and volume along", async () => {
    await carts.commit([api(), web()], team);
    await carts.terraform.apply();
    const alone = cartOf("web");
    await carts.commit([alone], team);
    expect(await carts.actions()).toEqual([
      "delete consul_config_entry.shop-api_defaults-shop-api",
      "delete consul_config_entry_service_intentions.shop-api_intentions-shop-api",
      "delete consul_config_entry_service_intentions.shop-web_intentions-shop-web",
      "delete nomad_dynamic_host_volume.shop-api_volume-shop-api-data",
      "delete nomad_job.shop-api_job-shop-api",
    ]);
    // Nomad keeps a volume that an allocation still holds; then the next apply takes it away.
    await carts.terraform.apply().catch((error) => expect(String(error)).toContain("in use by allocations"));
    const holders = async () => {
      const allocations = await ground.servers.nomad.must("GET", "job/shop-api/allocations?namespace=shop");
      return allocations.filter(({ ClientStatus }: { ClientStatus: string }) => ClientStatus === "running").length;
    };
    await expect.poll(holders, { timeout: 60_000 }).toBe(0);
    await carts.terraform.apply();
    expect(await carts.actions()).toEqual([]);
    expect(await ground.servers.nomad.must("GET", "volumes?type=host&namespace=shop")).toEqual([]);
    expect(await entries("service-intentions")).toEqual([]);
    expect((await ground.servers.nomad.must("GET", "job/shop-api?namespace=shop")).Stop).toBe(true);
    await carts.destroy();
    expect(await entries("service-defaults")).toEqual([]);
  });

  test("what is not the team's is refused by the servers, whatever the stack says", async () => {
    const plain = (name: string, props: Partial<CartProps> = {}) =>
      new Cart(name, {
        jobs: { id: name, group: { web: { task: { web: { driver: "docker", config: { image: "web:1" } } } } } },
        ...props,
      });
    const others = () => new AppliedCarts(scope, programs.terraform, ground, ground.ofTeam);
    const inNamespace = others();
    await inNamespace.commit([plain("pay-web")], { namespace: "pay" });
    await expect(inNamespace.terraform.apply()).rejects.toThrow(/403.*Permission denied/s);
    const byName = others();
    await byName.commit([plain("pay-api", { provides: { name: "pay-api", port: 80, health: httpCheck("/") } })], {
      namespace: "shop",
    });
    await expect(byName.terraform.apply()).rejects.toThrow(/403.*service:write.*pay-api|403.*[Pp]ermission denied/s);
    expect(await entries("service-defaults")).toEqual([]);
  });
});
