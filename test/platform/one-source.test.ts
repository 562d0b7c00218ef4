import { afterAll, beforeAll, expect, test, vi } from "vitest";

/** Names as they could be, at each place that both sides read. */
const other = {
  vaultMounts: { workloads: "jwt-elsewhere" },
  workloadRole: "jobs",
  workloadAudiences: { vault: "vault.example.com", consul: "consul.example.com" },
};

/** Nomad's configuration and the platform's JSON, both made anew of the same source. */
async function bothSides(): Promise<{
  server: Settings;
  client: Settings;
  template: import("../../lib/testing").Template;
}> {
  const { nomadConfiguration } = await import("../../lib/node/configuration/nomad.js");
  const { server, worker } = await import("../node/examples.js");
  const { platformOf } = await import("./refusals.js");
  const { Template } = await import("../../lib/testing/index.js");
  return {
    server: nomadConfiguration(server) as Settings,
    client: nomadConfiguration(worker) as Settings,
    template: Template.of(platformOf()),
  };
}

type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

beforeAll(() => {
  vi.resetModules();
  vi.doMock("../../lib/node/names", async (original) => {
    const names = await original<typeof import("../../lib/node/names")>();
    return { ...names, ...other, vaultMounts: { ...names.vaultMounts, ...other.vaultMounts } };
  });
});

afterAll(() => {
  vi.doUnmock("../../lib/node/names");
  vi.resetModules();
});

test("a mount, a role or an audience that changes in lib/node/names changes for nodes and for the platform", async () => {
  const { server, client, template } = await bothSides();
  expect(server["vault"]?.["default_identity"]).toMatchObject({ aud: ["vault.example.com"] });
  expect(server["consul"]).toMatchObject({
    service_identity: { aud: ["consul.example.com"] },
    task_identity: { aud: ["consul.example.com"] },
  });
  expect(client["vault"]).toMatchObject({ jwt_auth_backend_path: "jwt-elsewhere", create_from_role: "jobs" });
  expect(client["consul"]).toMatchObject({ service_auth_method: "jobs", task_auth_method: "jobs" });
  template.hasResource("vault_jwt_auth_backend", { path: "jwt-elsewhere", default_role: "jobs" });
  template.hasResource("vault_jwt_auth_backend_role", { role_name: "jobs", bound_audiences: ["vault.example.com"] });
  const [method] = template.resources("consul_acl_auth_method").filter((one) => one.arguments["name"] === "jobs");
  expect(JSON.parse(String(method?.arguments["config_json"]))).toMatchObject({
    BoundAudiences: ["consul.example.com"],
  });
});
