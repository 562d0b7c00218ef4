import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "cdktf";
import { beforeAll, expect, test } from "vitest";
import { LayerStack, LocalState } from "../../lib";
import { infrastructureSchema } from "../../lib/infrastructure/contract";
import { access, handOver } from "../../lib/node";
import { AwsCloud } from "../../lib/operate/aws/cloud";
import type { AwsCredentials } from "../../lib/operate/aws/signature";
import { parseXml } from "../../lib/operate/xml";
import { PlatformStack, type PlatformTransform } from "../../lib/platform";
import { productPrograms } from "../support/hashicorp/programs";
import { type Servers, startConsul, startNomad, startRaftVault } from "../support/hashicorp/servers";
import { findMoto, Moto } from "../support/moto";
import { suiteScope } from "../support/temporary";
import { Terraform } from "../support/terraform";
import { describeWith, findTool } from "../support/tools";
import { appliedOfAws, arn, inPath, knownOfAws, who } from "./aws-contract";
import { terraformFor } from "./platform";
import { withGrant } from "./support/sign-in";

const HOST = "vault.prod.caravan.internal";
const REGION = "eu-central-1";

/** The cloud as a session of this role. */
function cloudOf(moto: Moto, roleArn: string): AwsCloud {
  return new AwsCloud({
    region: REGION,
    endpoint: moto.endpoint,
    credentials: () => assumed(moto, roleArn),
    deployerRoleArn: inPath("deployer"),
    plannerRoleArn: inPath("planner"),
    bucket: "",
    secrets: { "public-ca": "", bootstrap: "" },
    autoScalingGroups: {},
  });
}

async function assumed(moto: Moto, RoleArn: string): Promise<AwsCredentials> {
  const form = { Action: "AssumeRole", Version: "2011-06-15", RoleArn, RoleSessionName: "test" };
  const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/sts/aws4_request, SignedHeaders=host, Signature=0`;
  const answer = await fetch(moto.endpoint, {
    method: "POST",
    headers: { authorization, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form).toString(),
  });
  const given = parseXml(await answer.text()).find("AssumeRoleResult.Credentials");
  return {
    accessKeyId: given?.value("AccessKeyId") ?? "",
    secretAccessKey: given?.value("SecretAccessKey") ?? "",
    sessionToken: given?.value("SessionToken"),
  };
}

const facts: Readonly<Record<string, string>> = {
  "@{role server-main}": arn("server-main"),
  "@{role worker-general}": arn("worker-general"),
  "@{role worker-batch}": arn("worker-batch"),
  // Without its path, as first boot writes it where Vault cannot ask IAM.
  "@{deployers}": arn("deployer"),
  "@{planners}": arn("planner"),
};

describeWith(
  "a platform takes over what first boot handed over",
  { ...productPrograms, terraform: findTool("terraform"), moto: findMoto() },
  (programs) => {
    const scope = suiteScope();
    const state = new LocalState({ directory: scope.directory("state") });
    const logs = scope.directory("logs");
    let servers: Servers;
    let terraform: Terraform;
    let infrastructure: Terraform;
    let platform: PlatformStack;

    beforeAll(async () => {
      const [vault, consul] = await Promise.all([
        startRaftVault(scope, programs.vault),
        startConsul(scope, programs.consul),
      ]);
      servers = { vault, consul, nomad: await startNomad(scope, programs.nomad, { vault, consul }) };
      await handEverythingOver();
      const app = new App({ outdir: scope.directory("synth") });
      platform = stacks(app);
      app.synth();
      const cwd = join(app.outdir, "stacks", "prod-infrastructure");
      infrastructure = new Terraform({ program: programs.terraform, cwd });
      await infrastructure.init();
      await infrastructure.apply();
      terraform = await platformOf(app);
    });

    function stacks(app: App, transform?: PlatformTransform): PlatformStack {
      const environment = { name: "prod", state };
      const below = new LayerStack(app, "prod-infrastructure", { environment });
      return new PlatformStack(app, "prod-platform", {
        environment,
        infrastructure: infrastructureSchema.publish(below, knownOfAws, appliedOfAws),
        teams: [{ name: "shop" }],
        transform,
        // This Consul has no AWS role to sign in to Vault with.
      });
    }

    async function platformOf(app: App): Promise<Terraform> {
      const cwd = join(app.outdir, "stacks", "prod-platform");
      leadHere(join(cwd, "cdk.tf.json"));
      const made = terraformFor(scope, programs.terraform, cwd, servers);
      await made.init();
      return made;
    }

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

    test("what is adopted can be changed, and the plan shows it", async () => {
      const app = new App({ outdir: scope.directory("changed") });
      stacks(app, { handedOver: { certificateRole: (role) => ({ ...role, organization: [`Acme ${role.name}`] }) } });
      app.synth();
      const { plan, actions } = await (await platformOf(app)).plan();
      const roles = plan.resource_changes.filter(({ change }) => change.actions.join() === "update");
      expect(
        roles.map(({ change }) => (change.after as { organization: string[] }).organization.join()).sort(),
      ).toEqual([
        "Acme consul-client",
        "Acme consul-server",
        "Acme nomad-client",
        "Acme nomad-server",
        "Acme vault-server",
      ]);
      expect(actions).toHaveLength(roles.length);
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

    test("CI signs in to Vault by its cloud role, and by way of it to Consul and Nomad; nobody else does", async () => {
      const moto = await Moto.start(scope);
      // There is no other STS here; Vault asks it as a key that moto takes.
      await servers.vault.must("POST", "auth/deployer/config/client", {
        sts_endpoint: moto.endpoint,
        sts_region: REGION,
        access_key: "test",
        secret_key: "test",
        iam_server_id_header_value: HOST,
      });
      const login = async (cloudRole: string, role: string, host = HOST) => {
        const proof = await cloudOf(moto, inPath(cloudRole)).proof(host);
        return servers.vault.as("").ask("POST", "auth/deployer/login", { role, ...proof });
      };
      const applies = await login("deployer", "apply");
      expect(applies.body.auth.policies.sort()).toEqual(["default", "deployer", "grant-deployer"]);
      const deployer = await withGrant(servers, servers.vault.as(applies.body.auth.client_token), "deployer");
      expect((await deployer.nomad.must("GET", "acl/token/self")).Type).toBe("management");
      expect((await deployer.consul.ask("GET", "acl/policies")).status).toBe(200);

      const plans = await login("planner", "plan");
      const planner = await withGrant(servers, servers.vault.as(plans.body.auth.client_token), "planner");
      expect((await planner.nomad.must("GET", "acl/token/self")).Policies).toEqual(["planner"]);
      expect((await planner.vault.ask("GET", "identity/oidc/token/deployer")).status).toBe(403);
      // A sealed or led Vault would obey who may; this one has a leader that could step down.
      expect((await planner.vault.ask("PUT", "sys/step-down")).status).toBe(403);
      expect((await planner.vault.ask("PUT", "sys/seal")).status).toBe(403);

      // First boot's own role gives Vault alone, as on the very first apply.
      expect((await login("deployer", "deployer")).body.auth.policies.sort()).toEqual(["default", "deployer"]);
      const refused = [
        login("planner", "apply"),
        login("planner", "deployer"),
        login("stranger", "plan"),
        login("deployer", "apply", "vault.elsewhere.example.com"),
      ];
      for (const { status } of await Promise.all(refused)) expect(status).toBeGreaterThanOrEqual(400);
    });

    test("and never goes with this stack", async () => {
      await expect(terraform.destroy()).rejects.toThrow("prevent_destroy");
      const { data } = await servers.vault.must("LIST", "sys/policies/acl");
      expect(data.keys).toContain("worker-general");
    });

    test("it is left where Terraform forgets it first", async () => {
      const { remains } = platform;
      const adopted = remains.filter(({ why }) => why.startsWith("first boot made it")).map(({ address }) => address);
      const state = [...(await terraform.state()).keys()];
      expect(adopted.filter((address) => !state.includes(address))).toEqual([]);
      const store = state.filter((address) => address.startsWith("vault_mount.vault_key-values"));
      await terraform.succeed("state", "rm", ...adopted, ...store);
      await terraform.destroy();
      const { data } = await servers.vault.must("LIST", "sys/policies/acl");
      const handedOver = (access(who).vault?.objects ?? []).flatMap((one) => (one.kind === "policy" ? [one.name] : []));
      expect(data.keys.sort()).toEqual([...handedOver, "default", "root"].sort());
      expect(
        (await servers.nomad.must("GET", "acl/policies")).map(({ Name }: { Name: string }) => Name).sort(),
      ).toEqual(
        access(who)
          .nomad?.policies.map(({ name }) => name)
          .sort(),
      );
    });
  },
);
