import { describe, expect, test } from "vitest";
import {
  type AzureEnvironmentValues,
  access,
  environmentFile,
  files,
  type GcpEnvironmentValues,
  type NodeCloud,
  type NodeProps,
  nodeFacts,
  nodeFiles,
  serverLibrary,
} from "../../../lib/node";
import { consulConfiguration } from "../../../lib/node/configuration/consul";
import { nomadConfiguration } from "../../../lib/node/configuration/nomad";
import { vaultConfiguration } from "../../../lib/node/configuration/vault";
import { vaultAgentConfiguration } from "../../../lib/node/configuration/vault-agent";
import { azure, gcp, server, worker } from "../examples";

const on = <P extends NodeProps>(props: P, cloud: NodeCloud): P => ({ ...props, cloud });
const content = (props: NodeProps, path: string) => nodeFiles(props).find((file) => file.path === path)?.content ?? "";

/** Paths of what a node of this cloud has other than on AWS. */
function differences(props: NodeProps, cloud: NodeCloud): string[] {
  const theirs = new Map(nodeFiles(props).map((file) => [file.path, file.content]));
  const ours = new Map(nodeFiles(on(props, cloud)).map((file) => [file.path, file.content]));
  return [...new Set([...theirs.keys(), ...ours.keys()])].filter((path) => theirs.get(path) !== ours.get(path)).sort();
}

const verbs = "/usr/local/lib/caravan";

describe("a node is the same on every cloud but for the cloud's own words", () => {
  const common = [
    files.facts.path,
    files.consulConfig.path,
    files.nomadConfig.path,
    files.vaultAgentConfig.path,
    "/etc/systemd/system/vault-agent.service",
    `${verbs}/aws.sh`,
  ];
  const ofServers = [
    files.vaultConfig.path,
    "/etc/systemd/system/vault.service",
    `${verbs}/aws-store.sh`,
    `${verbs}/library`,
  ];

  test("on Azure", () => {
    const own = [`${verbs}/azure.sh`];
    expect(differences(worker, azure)).toEqual([...common, ...own, files.metadata.path].sort());
    const onServer = [`${verbs}/azure-store.sh`, "/var/lib/caravan/library"];
    expect(differences(server, azure)).toEqual([...common, ...ofServers, ...own, ...onServer].sort());
  });

  test("a server on Azure is born with its library, by the name that first boot checks", () => {
    const { key, content: library } = serverLibrary(on(server, azure));
    expect(content(on(server, azure), "/var/lib/caravan/library")).toBe(library);
    expect(`library/${content(on(server, azure), `${verbs}/library`)}`).toBe(key);
  });

  test("on Google Cloud, where a node that shuts down asks why", () => {
    const own = [`${verbs}/gcp.sh`, "/etc/systemd/system/caravan-leave.service"];
    expect(differences(worker, gcp)).toEqual([...common, ...own, files.metadata.path].sort());
    expect(differences(server, gcp)).toEqual([...common, ...ofServers, ...own, `${verbs}/gcp-store.sh`].sort());
    const unit = content(on(worker, gcp), "/etc/systemd/system/caravan-leave.service");
    expect(unit).toMatch(/^After=.* consul\.service nomad\.service vault-agent\.service$/m);
    expect(unit).toContain("\nExecStop=-/usr/local/bin/caravan-node ending\nTimeoutStopSec=85\n");
  });

  test("no node has another cloud's verbs, and a server's library has its own volume", () => {
    for (const [cloud, others] of [
      [azure, /\/(aws|gcp)(-[a-z]+)?\.sh/],
      [gcp, /\/(aws|azure)(-[a-z]+)?\.sh/],
    ] as const) {
      const paths = Object.keys(JSON.parse(serverLibrary(on(server, cloud)).content) as object);
      expect(paths.filter((path) => others.test(path))).toEqual([]);
      expect(paths).toContain(`${verbs}/${cloud.name}-volume.sh`);
    }
  });
});

describe("agents find a product's servers", () => {
  const apart = { vault: { count: 3, runs: ["vault"] }, main: { count: 3, runs: ["consul", "nomad"] } } as const;

  test("on Azure in the scale set of the group that runs it, whose machines only are listed by name", () => {
    const props = { ...on(server, azure), servers: apart, group: "vault" };
    const join = "provider=azure subscription_id=0b1f6471-1bf0-4dda-aec3-cb9272f09590 resource_group=caravan-prod";
    expect(vaultConfiguration(props)).toMatchObject({
      storage: { raft: { retry_join: [{ auto_join: `${join} vm_scale_set=caravan-prod-server-vault` }] } },
    });
    expect(consulConfiguration({ ...props, group: "main" })).toMatchObject({
      retry_join: [`${join} vm_scale_set=caravan-prod-server-main`],
    });
    expect(nodeFacts(props)).toMatchObject({
      CARAVAN_SUBSCRIPTION: azure.subscriptionId,
      CARAVAN_RESOURCE_GROUP: "caravan-prod",
      CARAVAN_SCALE_SETS: "caravan-prod-server-vault caravan-prod-server-main",
      CARAVAN_VAULT_SCALE_SET: "caravan-prod-server-vault",
      CARAVAN_NOMAD_SCALE_SET: "caravan-prod-server-main",
    });
  });

  test("on Google Cloud by the product's network tag, in the region's zones", () => {
    expect(nomadConfiguration(on(worker, gcp))).toMatchObject({
      client: {
        server_join: {
          retry_join: [
            "provider=gce project_name=acme-caravan-prod zone_pattern=europe-west1-[a-z] tag_value=caravan-nomad-prod",
          ],
        },
      },
    });
    expect(nodeFacts(on(worker, gcp))).toMatchObject({ CARAVAN_PROJECT: "acme-caravan-prod" });
  });
});

describe("keys of the cloud", () => {
  const common = {
    bucket: "b",
    publicCaSecret: "ca",
    bootstrapTokensSecret: "tokens",
    recoveryKeysSecret: "keys",
    deployerRoles: ["deployer"],
    plannerRoles: ["planner"],
    nodeRoles: { "server-main": "main" },
    logGroup: "log",
  };

  test("on Azure: names of the environment file, and nothing of Nomad's where Vault would take it for its own", () => {
    expect(vaultConfiguration(on(server, azure))["seal"]).toEqual([{ azurekeyvault: { tenant_id: azure.tenantId } }]);
    expect(nomadConfiguration(on(server, azure))["keyring"]).toEqual({
      azurekeyvault: { active: true, tenant_id: azure.tenantId },
    });
    const values: AzureEnvironmentValues = {
      ...common,
      sealKeyVault: "kv1",
      sealKeyName: "seal",
      keyringKeyVault: "kv2",
      keyringKeyName: "keyring",
    };
    const lines = environmentFile(values).split("\n");
    expect(lines).toContain('VAULT_AZUREKEYVAULT_VAULT_NAME="kv1"');
    expect(lines).toContain('VAULT_AZUREKEYVAULT_KEY_NAME="seal"');
    expect(lines).toContain('AZUREKEYVAULT_WRAPPER_VAULT_NAME="kv2"');
    expect(lines).toContain('AZUREKEYVAULT_WRAPPER_KEY_NAME="keyring"');
    expect(content(on(server, azure), "/etc/systemd/system/vault.service")).toContain(
      "\nUnsetEnvironment=AZUREKEYVAULT_WRAPPER_VAULT_NAME AZUREKEYVAULT_WRAPPER_KEY_NAME\n",
    );
  });

  test("on Google Cloud", () => {
    const { project, region } = gcp;
    expect(vaultConfiguration(on(server, gcp))["seal"]).toEqual([{ gcpckms: { project, region } }]);
    expect(nomadConfiguration(on(server, gcp))["keyring"]).toEqual({ gcpckms: { active: true, project, region } });
    const values: GcpEnvironmentValues = {
      ...common,
      sealKeyRing: "ring",
      sealCryptoKey: "seal",
      keyringKeyRing: "ring",
      keyringCryptoKey: "keyring",
    };
    expect(environmentFile(values)).toContain(
      'VAULT_GCPCKMS_SEAL_KEY_RING="ring"\nVAULT_GCPCKMS_SEAL_CRYPTO_KEY="seal"\n' +
        'GCPCKMS_WRAPPER_KEY_RING="ring"\nGCPCKMS_WRAPPER_CRYPTO_KEY="keyring"\n',
    );
    expect(content(on(server, gcp), "/etc/systemd/system/vault.service")).toContain(
      "\nUnsetEnvironment=GCPCKMS_WRAPPER_KEY_RING GCPCKMS_WRAPPER_CRYPTO_KEY\n",
    );
  });
});

describe("who signs in to Vault, and with what", () => {
  const objects = (cloud: NodeCloud) =>
    (access({ ...on(server, cloud), workers: { general: {} } }).vault?.objects ?? []).filter(
      (object) =>
        (object.kind === "role" && object.of.endsWith("-login")) ||
        (object.kind === "configuration" && object.path.startsWith("auth/")) ||
        object.kind === "auth",
    );

  test("on Azure a managed identity, by the object id in its token: Vault has no right to read machines", () => {
    expect(objects(azure)).toMatchObject([
      { kind: "auth", path: "node", type: "azure" },
      {
        path: "auth/node/config",
        settings: { tenant_id: azure.tenantId, resource: "https://management.azure.com/" },
      },
      { name: "server-main", settings: { bound_service_principal_ids: "@{role server-main}", token_ttl: "1h" } },
      { name: "worker-general", settings: { bound_service_principal_ids: "@{role worker-general}" } },
      { kind: "auth", path: "deployer", type: "azure" },
      { path: "auth/deployer/config" },
      { name: "deployer", settings: { bound_service_principal_ids: "@{deployers}", token_max_ttl: "30m" } },
      { name: "planner", settings: { bound_service_principal_ids: "@{planners}" } },
    ]);
    expect(vaultAgentConfiguration(on(worker, azure))["auto_auth"]).toMatchObject({
      method: [
        {
          type: "azure",
          mount_path: "auth/node",
          config: { role: "worker-general", resource: "https://management.azure.com/" },
        },
      ],
    });
  });

  test("on Google Cloud a machine of this project, and for CI a service account that no machine stands in for", () => {
    expect(objects(gcp)).toMatchObject([
      { kind: "auth", path: "node", type: "gcp" },
      {
        name: "server-main",
        settings: {
          type: "gce",
          bound_projects: ["acme-caravan-prod"],
          bound_service_accounts: "@{role server-main}",
        },
      },
      { name: "worker-general", settings: { type: "gce" } },
      { kind: "auth", path: "deployer", type: "gcp" },
      {
        name: "deployer",
        settings: { type: "iam", allow_gce_inference: false, bound_service_accounts: "@{deployers}" },
      },
      { name: "planner", settings: { type: "iam", bound_service_accounts: "@{planners}" } },
    ]);
    expect(vaultAgentConfiguration(on(worker, gcp))["auto_auth"]).toMatchObject({
      method: [{ type: "gcp", mount_path: "auth/node", config: { type: "gce", role: "worker-general" } }],
    });
  });
});

describe("jobs do not reach what tells a machine who it is", () => {
  test("on Azure neither of its two addresses, but names may be asked for", () => {
    expect(content(on(worker, azure), files.metadata.path)).toContain(
      "policy accept;\n    ip daddr 169.254.169.254 drop\n    ip daddr 168.63.129.16 tcp dport { 80, 32526 } drop\n  }",
    );
  });

  test("on Google Cloud the one that answers names too", () => {
    expect(content(on(worker, gcp), files.metadata.path)).toContain(
      "\n    ip daddr 169.254.169.254 meta l4proto tcp th dport != 53 drop\n",
    );
  });
});
