import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "cdktf";
import { beforeAll, expect, test } from "vitest";
import { LayerStack, LocalState } from "../../lib";
import { awsInfrastructureSchema } from "../../lib/infrastructure/contract";
import { access, handOver } from "../../lib/node";
import { PlatformStack } from "../../lib/platform";
import { productPrograms } from "../support/hashicorp/programs";
import { type Servers, startConsul, startNomad, startRaftVault } from "../support/hashicorp/servers";
import { suiteScope } from "../support/temporary";
import { Terraform } from "../support/terraform";
import { describeWith, findTool } from "../support/tools";
import { appliedOfAws, arn, inPath, knownOfAws, who } from "./aws-contract";
import { terraformFor } from "./platform";

const facts: Readonly<Record<string, string>> = {
  "@{role server-main}": arn("server-main"),
  "@{role worker-general}": arn("worker-general"),
  "@{role worker-batch}": arn("worker-batch"),
  "@{deployers}": inPath("deployer"),
  "@{planners}": inPath("planner"),
};

describeWith(
  "a platform takes over what first boot handed over",
  { ...productPrograms, terraform: findTool("terraform") },
  (programs) => {
    const scope = suiteScope();
    const state = new LocalState({ directory: scope.directory("state") });
    const logs = scope.directory("logs");
    let servers: Servers;
    let terraform: Terraform;
    let infrastructure: Terraform;

    beforeAll(async () => {
      const [vault, consul] = await Promise.all([
        startRaftVault(scope, programs.vault),
        startConsul(scope, programs.consul),
      ]);
      servers = { vault, consul, nomad: await startNomad(scope, programs.nomad, { vault, consul }) };
      await handEverythingOver();
      const app = new App({ outdir: scope.directory("synth") });
      const environment = { name: "prod", state };
      const below = new LayerStack(app, "prod-infrastructure", { environment });
      const contract = awsInfrastructureSchema.publish(below, knownOfAws, appliedOfAws);
      new PlatformStack(app, "prod-platform", {
        environment,
        infrastructure: contract,
        teams: [{ name: "shop" }],
        // This Consul has no AWS role to sign in to Vault with.
        consul: { mesh: { authority: false } },
      });
      app.synth();
      const directory = (id: string) => join(app.outdir, "stacks", id);
      infrastructure = new Terraform({ program: programs.terraform, cwd: directory("prod-infrastructure") });
      await infrastructure.init();
      await infrastructure.apply();
      leadHere(join(directory("prod-platform"), "cdk.tf.json"));
      terraform = terraformFor(scope, programs.terraform, directory("prod-platform"), servers);
      await terraform.init();
    });

    /** What first boot writes on a server, but for what bears a secret of the cluster. */
    async function handEverythingOver(): Promise<void> {
      for (const product of ["vault", "consul", "nomad"] as const) {
        for (const { method, path, body } of handOver(access(who), product) ?? []) {
          const given = Object.entries(facts).reduce(
            (text, [fact, value]) => text.replaceAll(fact, value),
            JSON.stringify(body),
          );
          if (path === "pki-nodes/issuers/import/bundle") {
            await servers.vault.must("POST", "pki-nodes/root/generate/internal", {
              common_name: "Node CA",
              key_type: "ec",
            });
          } else if (!given.includes("@{")) {
            await servers[product].must(method, path, given.replaceAll("/var/log/vault", logs));
          }
        }
      }
    }

    /** The names of the environment lead to the servers of the test, and the audit log to its directory. */
    function leadHere(file: string): void {
      const text = ["vault:8200", "consul:8501", "nomad:4646"].reduce(
        (all, each) => {
          const [product = "", port] = each.split(":");
          const { address } = servers[product as keyof Servers];
          return all.replaceAll(`https://${product}.prod.caravan.internal:${port}`, address);
        },
        readFileSync(file, "utf8"),
      );
      writeFileSync(file, text.replaceAll("/var/log/vault", logs));
    }

    test("by imports that change nothing", async () => {
      const { plan, actions } = await terraform.plan();
      const adopted = plan.resource_changes.filter(({ change }) => change.importing !== undefined);
      const changed = adopted.filter(({ change }) => change.actions.join() !== "no-op");
      expect(changed.map(({ address, change }) => [address, change.before, change.after])).toEqual([]);
      // Every object of the hand-overs but those that bear a secret, and the tokens.
      const { vault, consul, nomad } = access(who);
      const objects = (vault?.objects ?? []).filter((object) => object.kind !== "configuration" || !object.secret);
      expect(adopted).toHaveLength(objects.length + (consul?.policies.length ?? 0) + (nomad?.policies.length ?? 0));
      expect(actions.filter((action) => !action.startsWith("create"))).toEqual([]);
      await terraform.apply();
      expect((await terraform.plan()).actions).toEqual([]);
    });

    test("a change by hand is a plan from then on", async () => {
      await servers.vault.must("PUT", "sys/policies/acl/worker-general", {
        policy: 'path "*" { capabilities = ["read"] }',
      });
      await servers.vault.must("POST", "pki-nodes/roles/consul-client", { allow_any_name: true, max_ttl: "8760h" });
      expect((await terraform.plan()).actions).toEqual([
        "update vault_pki_secret_backend_role.handed-over_role-pki-consul-client_F5D2F47D",
        "update vault_policy.handed-over_vault-worker-general_2BC3C480",
      ]);
      await terraform.apply();
      expect((await terraform.plan()).actions).toEqual([]);
    });

    test("and never goes with this stack", async () => {
      await expect(terraform.destroy()).rejects.toThrow("prevent_destroy");
      const { data } = await servers.vault.must("LIST", "sys/policies/acl");
      expect(data.keys).toContain("worker-general");
    });
  },
);
