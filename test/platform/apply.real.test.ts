import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { productPrograms } from "../support/hashicorp/programs";
import { MANAGEMENT, type Servers, startServers } from "../support/hashicorp/servers";
import { resynthesize } from "../support/synth";
import { suiteScope } from "../support/temporary";
import type { Terraform } from "../support/terraform";
import { describeWith, findTool } from "../support/tools";
import { type Given, platformDirectory, terraformFor } from "./platform";

const shop: Given = {
  teams: [{ name: "shop", group: "shop", services: ["web", "api"] }],
  consul: {
    mesh: {
      intentions: [
        { from: "web", to: "api" },
        { from: "web", to: "search", http: [{ pathPrefix: "/v1", methods: ["GET"] }] },
      ],
      services: { search: { defaults: { Protocol: "http" }, resolver: { ConnectTimeout: "5s" } } },
    },
  },
};

for (const tool of ["terraform", "tofu"]) {
  describeWith(
    `a platform on servers that exist, by ${tool}`,
    { ...productPrograms, tool: findTool(tool) },
    (programs) => {
      const scope = suiteScope();
      let servers: Servers;
      let terraform: Terraform;
      let cwd: string;
      beforeAll(async () => {
        servers = await startServers(scope, programs);
        cwd = scope.directory("platform");
        terraform = terraformFor(scope, programs.tool, cwd, servers);
        given(shop);
        await terraform.init();
      });
      const given = (props: Given) => resynthesize(platformDirectory(scope, servers, props), cwd);
      const actions = async () => (await terraform.plan()).actions;

      test("is applied, and plans nothing more", async () => {
        await terraform.apply();
        expect(await actions()).toEqual([]);
        const { data } = await servers.vault.must("GET", "sys/config/ui/headers/Referrer-Policy");
        expect(data.value).toBe("no-referrer");
      });

      test("what somebody changes by hand is set right", async () => {
        await servers.vault.must("PUT", "sys/policies/acl/operator", {
          policy: 'path "*" { capabilities = ["sudo"] }',
        });
        await servers.nomad.must("DELETE", "acl/policy/team-shop");
        await servers.consul.must("DELETE", "config/service-intentions/api");
        expect(await actions()).toEqual([
          "create consul_config_entry_service_intentions.mesh_intentions-api_381BDFD4",
          "create nomad_acl_policy.nomad-team-shop",
          "update vault_policy.vault-operator",
        ]);
        await terraform.apply();
        expect(await actions()).toEqual([]);
      });

      test("a team more, a service less, a longer token: nothing is replaced", async () => {
        given({
          ...shop,
          tokenTtl: "30m",
          teams: [...(shop.teams ?? []), { name: "pay", services: ["pay"] }],
          consul: { mesh: { intentions: [{ from: "web", to: "api", action: "deny" }] } },
        });
        const planned = await actions();
        expect(planned.filter((action) => !/^(create|update|delete) /.test(action))).toEqual([]);
        expect(planned.filter((action) => action.startsWith("delete"))).toEqual([
          "delete consul_config_entry.mesh_service-defaults-search_1866D753",
          "delete consul_config_entry.mesh_service-resolver-search_E8313CEA",
          "delete consul_config_entry_service_intentions.mesh_intentions-search_2B012E69",
        ]);
        await terraform.apply();
        expect(await actions()).toEqual([]);
      });

      test("another audience of workloads is a change of their sign-in, asked of Vault", async () => {
        const boundAudiences = ["vault.example.com"];
        given({ ...shop, transform: { vaultWorkloads: { role: (role) => ({ ...role, boundAudiences }) } } });
        const changed = (await actions()).filter((action) =>
          action.includes("vault_jwt_auth_backend_role.vault-workloads"),
        );
        expect(changed.length).toBeGreaterThan(0);
        expect(changed.filter((action) => !action.startsWith("update "))).toEqual([]);
        await terraform.apply();
        expect(await actions()).toEqual([]);
        const { data } = await servers.vault.must("GET", "auth/jwt-nomad/role/nomad-workloads");
        expect(data.bound_audiences).toEqual(boundAudiences);
      });

      test("no secret is in state or plan", async () => {
        const files = readdirSync(cwd, { withFileTypes: true }).filter((entry) => entry.isFile());
        const text = files.map(({ name }) => readFileSync(join(cwd, name), "latin1")).join("\n");
        for (const secret of [MANAGEMENT, "SecretID", 'client_secret": "s']) expect(text).not.toContain(secret);
      });

      test("goes, and leaves what the products cannot lose", async () => {
        given({ ...shop, deletionProtection: false });
        await terraform.apply();
        await terraform.destroy();
        const { data: policies } = await servers.vault.must("LIST", "sys/policies/acl");
        expect(policies.keys.sort()).toEqual(["default", "root"]);
        const consulPolicies = await servers.consul.must("GET", "acl/policies");
        expect(consulPolicies.map(({ Name }: { Name: string }) => Name).sort()).toEqual([
          "builtin/global-read-only",
          "global-management",
        ]);
        expect(await servers.nomad.must("GET", "acl/policies")).toEqual([]);
        expect(await servers.nomad.must("GET", "acl/auth-methods")).toEqual([]);
        const namespaces = await servers.nomad.must("GET", "namespaces");
        expect(namespaces.map(({ Name }: { Name: string }) => Name)).toEqual(["default"]);
        // As `PlatformStack.remains` lists it.
        expect(namespaces[0].Capabilities.DisabledTaskDrivers).toEqual(["raw_exec"]);
        const { SchedulerConfig } = await servers.nomad.must("GET", "operator/scheduler/configuration");
        expect(SchedulerConfig.SchedulerAlgorithm).toBe("spread");
      });
    },
  );
}
