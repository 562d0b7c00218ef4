import { VaultProvider } from "@cdktf/provider-vault/lib/provider";
import { TerraformStack } from "cdktf";
import { expect, test } from "vitest";
import { LayerStack, LocalState } from "../../lib";
import { infrastructureSchema } from "../../lib/infrastructure/contract";
import { access, type NodeCloud } from "../../lib/node";
import {
  type CiSignInTransform,
  type ConsulMeshTransform,
  type ConsulWorkloadsTransform,
  type HandedOverTransform,
  type MeshAuthorityTransform,
  type NomadTenancyTransform,
  type PeopleSignInTransform,
  PlatformStack,
  type PlatformStackProps,
  type PlatformTransform,
  type PolicyTransforms,
  type TeamTransform,
  type TokenIssuerTransform,
  type VaultBaseTransform,
  type VaultWorkloadsTransform,
} from "../../lib/platform";
import { handedOverToVault } from "../../lib/platform/handed-over-vault";
import { Template } from "../../lib/testing";
import { azure, gcp } from "../node/examples";
import { testApp } from "../support/synth";
import { appliedOfAws, knownOfAws, who } from "./aws-contract";
import { existing } from "./refusals";

type Given = Omit<PlatformStackProps, "environment" | "infrastructure">;
type Resources = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** An entry, by its place in what is given, and the resources that it reaches. A later one is laid over an earlier one. */
type Row = readonly [entry: string, reaches: RegExp];

const environment = { name: "prod", state: new LocalState() };
const github = { github: { repository: "acme/platform" } };

// `Required`: an entry that is new does not compile before it stands here.
const onServersThatExist = {
  teams: [
    {
      name: "shop",
      group: "shop",
      ci: { gitlab: { project: "acme/shop" } },
      transform: {
        namespace: { quota: "large" },
        people: {
          vault: { namespace: "people" },
          consul: { description: "people" },
          nomad: { description: "people" },
        } satisfies Required<PolicyTransforms>,
        ci: {
          vault: { namespace: "pipeline" },
          consul: { description: "pipeline" },
          nomad: { description: "pipeline" },
          role: { tokenMaxTtl: 120 },
        } satisfies Required<NonNullable<TeamTransform["ci"]>>,
      } satisfies Required<TeamTransform>,
    },
    { name: "pay" },
  ],
  people: {
    issuer: "https://login.example.com",
    clientId: "caravan",
    groups: { sre: ["admin"] },
    transform: {
      method: { description: "Everybody" },
      role: { tokenExplicitMaxTtl: 60 },
      group: { metadata: { owner: "sre" } },
      groupAlias: { namespace: "alias" },
      key: { algorithm: "ES256" },
      assignment: { entityIds: ["somebody"] },
      client: { idTokenTtl: 60 },
      scope: { description: "Groups" },
      provider: { namespace: "provider" },
      nomadMethod: { maxTokenTtl: "1h" },
      nomadBinding: { description: "people" },
    } satisfies Required<PeopleSignInTransform>,
  },
  ci: { apply: github, plan: github },
  vault: {
    keyValues: { transform: { mount: { description: "Ours" }, settings: { maxVersions: 3 } } },
    workloadRoles: { reports: { namespace: "shop", jobs: ["reports"], policies: ["reports"] } },
  },
  consul: {
    mesh: {
      intentions: [{ from: "web", to: "api" }],
      services: {
        api: {
          defaults: { Protocol: "http" },
          resolver: {},
          splitter: { Splits: [{ Weight: 100 }] },
          router: { Routes: [] },
        },
      },
      transform: {
        proxyDefaults: { namespace: "proxy" },
        mesh: { namespace: "mesh" },
        intentions: { meta: { owner: "sre" } },
        serviceDefaults: { namespace: "defaults" },
        serviceResolver: { namespace: "resolver" },
        serviceSplitter: { namespace: "splitter" },
        serviceRouter: { namespace: "router" },
      } satisfies Required<ConsulMeshTransform>,
    },
  },
  nomad: { nodePools: { gpu: {} }, variables: { shop: { "nomad/jobs/api": { LOG_LEVEL: "info" } } } },
  transform: {
    vaultProvider: { maxRetries: 5 },
    consulProvider: { namespace: "consul" },
    nomadProvider: { region: "eu" },
    vault: {
      auditDevice: { description: "On record" },
      quota: { inheritable: true },
      uiHeader: { disableDelete: true },
    } satisfies Required<VaultBaseTransform>,
    policies: {
      vault: { namespace: "shared" },
      consul: { description: "shared" },
      nomad: { description: "shared" },
    } satisfies Required<PolicyTransforms>,
    issuer: {
      issuer: { issuer: "https://other.example.com" },
      key: { algorithm: "RS512" },
      role: { ttl: 60 },
      consulMethod: { displayName: "Vault" },
      consulBinding: { description: "issuer" },
      nomadMethod: { maxTokenTtl: "5m" },
      nomadBinding: { description: "issuer" },
    } satisfies Required<TokenIssuerTransform>,
    ci: {
      method: { description: "Robots" },
      role: { tokenMaxTtl: 60 },
    } satisfies Required<CiSignInTransform>,
    tenancy: {
      namespace: { quota: "small" },
      nodePool: { description: "Ours" },
      scheduler: { schedulerAlgorithm: "binpack" },
    } satisfies Required<NomadTenancyTransform>,
    variables: { variable: { path: "nomad/jobs/other" } },
    vaultWorkloads: {
      method: { description: "Jobs" },
      policy: { namespace: "jobs" },
      role: { tokenMaxTtl: 60 },
    } satisfies Required<VaultWorkloadsTransform>,
    consulWorkloads: {
      method: { displayName: "Jobs" },
      policy: { description: "tasks" },
      role: { description: "tasks" },
      taskBinding: { description: "tasks" },
      serviceBinding: { description: "services" },
    } satisfies Required<ConsulWorkloadsTransform>,
  } satisfies Required<Omit<PlatformTransform, "handedOver" | "clusterCa">>,
} satisfies Given;

const rowsOnServersThatExist: readonly Row[] = [
  ["transform.vaultProvider", /^provider\.vault$/],
  ["transform.consulProvider", /^provider\.consul$/],
  ["transform.nomadProvider", /^provider\.nomad$/],
  ["transform.vault.auditDevice", /^vault_audit\.vault_/],
  ["transform.vault.quota", /^vault_quota_rate_limit\./],
  ["transform.vault.uiHeader", /^vault_generic_endpoint\.vault_ui-header-/],
  ["transform.policies.vault", /^vault_policy\.vault-(admin|operator|auditor|grant-.+|(team|ci)-.+)$/],
  ["transform.policies.consul", /^consul_acl_policy\.consul-(admin|operator|auditor|(team|ci)-.+)$/],
  ["transform.policies.nomad", /^nomad_acl_policy\.nomad-/],
  ["transform.issuer.issuer", /^vault_identity_oidc\./],
  ["transform.issuer.key", /^vault_identity_oidc_key\.issuer_/],
  ["transform.issuer.role", /^vault_identity_oidc_role\./],
  ["transform.issuer.consulMethod", /^consul_acl_auth_method\.issuer_/],
  ["transform.issuer.consulBinding", /^consul_acl_binding_rule\.issuer_/],
  ["transform.issuer.nomadMethod", /^nomad_acl_auth_method\.issuer_/],
  ["transform.issuer.nomadBinding", /^nomad_acl_binding_rule\.issuer_/],
  ["transform.ci.method", /^vault_jwt_auth_backend\.ci_/],
  ["transform.ci.role", /^vault_jwt_auth_backend_role\.ci_/],
  ["transform.tenancy.namespace", /^nomad_namespace\./],
  ["transform.tenancy.nodePool", /^nomad_node_pool\./],
  ["transform.tenancy.scheduler", /^nomad_scheduler_config\./],
  ["transform.variables.variable", /^nomad_variable\./],
  ["transform.vaultWorkloads.method", /^vault_jwt_auth_backend\.vault-workloads_/],
  ["transform.vaultWorkloads.policy", /^vault_policy\.vault-workloads_/],
  ["transform.vaultWorkloads.role", /^vault_jwt_auth_backend_role\.vault-workloads_/],
  ["transform.consulWorkloads.method", /^consul_acl_auth_method\.consul-workloads_/],
  ["transform.consulWorkloads.policy", /^consul_acl_policy\.consul-workloads_/],
  ["transform.consulWorkloads.role", /^consul_acl_role\./],
  ["transform.consulWorkloads.taskBinding", /^consul_acl_binding_rule\.consul-workloads_tasks-/],
  ["transform.consulWorkloads.serviceBinding", /^consul_acl_binding_rule\.consul-workloads_services-/],
  ["people.transform.method", /^vault_jwt_auth_backend\.people_/],
  ["people.transform.role", /^vault_jwt_auth_backend_role\.people_/],
  ["people.transform.group", /^vault_identity_group\./],
  ["people.transform.groupAlias", /^vault_identity_group_alias\./],
  ["people.transform.key", /^vault_identity_oidc_key\.people_/],
  ["people.transform.assignment", /^vault_identity_oidc_assignment\./],
  ["people.transform.client", /^vault_identity_oidc_client\./],
  ["people.transform.scope", /^vault_identity_oidc_scope\./],
  ["people.transform.provider", /^vault_identity_oidc_provider\./],
  ["people.transform.nomadMethod", /^nomad_acl_auth_method\.people_/],
  ["people.transform.nomadBinding", /^nomad_acl_binding_rule\.people_/],
  ["vault.keyValues.transform.mount", /^vault_mount\.vault_key-values_/],
  ["vault.keyValues.transform.settings", /^vault_kv_secret_backend_v2\./],
  ["consul.mesh.transform.proxyDefaults", /^consul_config_entry\.mesh_proxy-defaults-/],
  ["consul.mesh.transform.mesh", /^consul_config_entry\.mesh_mesh-/],
  ["consul.mesh.transform.intentions", /^consul_config_entry_service_intentions\./],
  ["consul.mesh.transform.serviceDefaults", /^consul_config_entry\.mesh_service-defaults-/],
  ["consul.mesh.transform.serviceResolver", /^consul_config_entry\.mesh_service-resolver-/],
  ["consul.mesh.transform.serviceSplitter", /^consul_config_entry\.mesh_service-splitter-/],
  ["consul.mesh.transform.serviceRouter", /^consul_config_entry\.mesh_service-router-/],
  ["teams.0.transform.namespace", /^nomad_namespace\.tenancy_namespace-shop_/],
  ["teams.0.transform.people.vault", /^vault_policy\.vault-team-shop$/],
  ["teams.0.transform.people.consul", /^consul_acl_policy\.consul-team-shop$/],
  ["teams.0.transform.people.nomad", /^nomad_acl_policy\.nomad-team-shop$/],
  ["teams.0.transform.ci.vault", /^vault_policy\.vault-ci-shop$/],
  ["teams.0.transform.ci.consul", /^consul_acl_policy\.consul-ci-shop$/],
  ["teams.0.transform.ci.nomad", /^nomad_acl_policy\.nomad-ci-shop$/],
  ["teams.0.transform.ci.role", /^vault_jwt_auth_backend_role\.ci_gitlab-ci-shop_/],
];

const ofOtherClouds = {
  azureConfig: { clientId: "somebody" },
  azureRole: { tokenMaxTtl: 61 },
  gcpRole: { tokenMaxTtl: 61 },
} satisfies HandedOverTransform;

const onAws = {
  consul: {
    mesh: {
      authority: {
        transform: {
          root: { description: "Root" },
          rootCertificate: { organization: "Acme" },
          intermediate: { description: "Intermediate" },
          policy: { transform: { policy: { namespace: "mesh" } } },
          signIn: { description: "Sign-in" },
          client: { maxRetries: 5 },
          role: { tokenMaxTtl: 61 },
          authority: { configJson: "{}" },
        } satisfies Required<MeshAuthorityTransform>,
      },
    },
  },
  transform: {
    clusterCa: { namespace: "ca" },
    ci: { awsRole: { tokenMaxTtl: 61 } },
    handedOver: {
      auditDevice: { description: "Handed over" },
      mount: { description: "Handed over" },
      authMethod: { description: "Handed over" },
      vaultPolicy: { namespace: "handed-over" },
      autopilot: { minQuorum: 5 },
      tidy: { enabled: false },
      certificateRole: { organization: ["Acme"] },
      consulTokenRole: { maxTtl: 61 },
      awsClient: { maxRetries: 5 },
      awsRole: { tokenMaxTtl: 61 },
      consulPolicy: { description: "Handed over" },
      consulPolicyLookup: { namespace: "lookup" },
      nomadPolicy: { description: "Handed over" },
    } satisfies Required<Omit<HandedOverTransform, keyof typeof ofOtherClouds>>,
  },
} satisfies Given;

const rowsOnAws: readonly Row[] = [
  ["transform.clusterCa", /^data\.vault_pki_secret_backend_issuer\./],
  ["transform.ci.awsRole", /^vault_aws_auth_backend_role\.ci-/],
  ["transform.handedOver.auditDevice", /^vault_audit\.handed-over_/],
  ["transform.handedOver.mount", /^vault_mount\.handed-over_/],
  ["transform.handedOver.authMethod", /^vault_auth_backend\.handed-over_/],
  ["transform.handedOver.vaultPolicy", /^vault_policy\.handed-over_/],
  ["transform.handedOver.autopilot", /^vault_raft_autopilot\./],
  ["transform.handedOver.tidy", /^vault_pki_secret_backend_config_auto_tidy\.handed-over_/],
  ["transform.handedOver.certificateRole", /^vault_pki_secret_backend_role\.handed-over_/],
  ["transform.handedOver.consulTokenRole", /^vault_consul_secret_backend_role\.handed-over_/],
  ["transform.handedOver.awsClient", /^vault_aws_auth_backend_client\.handed-over_/],
  ["transform.handedOver.awsRole", /^vault_aws_auth_backend_role\.handed-over_/],
  ["transform.handedOver.consulPolicy", /^consul_acl_policy\.handed-over_/],
  ["transform.handedOver.consulPolicyLookup", /^data\.consul_acl_policy\.handed-over_/],
  ["transform.handedOver.nomadPolicy", /^nomad_acl_policy\.handed-over_/],
  ["consul.mesh.authority.transform.root", /^vault_mount\.mesh-authority_root-/],
  ["consul.mesh.authority.transform.rootCertificate", /^vault_pki_secret_backend_root_cert\./],
  ["consul.mesh.authority.transform.intermediate", /^vault_mount\.mesh-authority_intermediate/],
  ["consul.mesh.authority.transform.policy.transform.policy", /^vault_policy\.mesh-authority_/],
  ["consul.mesh.authority.transform.signIn", /^vault_auth_backend\.mesh-authority_/],
  ["consul.mesh.authority.transform.client", /^vault_aws_auth_backend_client\.mesh-authority_/],
  ["consul.mesh.authority.transform.role", /^vault_aws_auth_backend_role\.mesh-authority_/],
  ["consul.mesh.authority.transform.authority", /^consul_certificate_authority\./],
];

const rowsOfOtherClouds: readonly Row[] = [
  ["azureConfig", /^vault_azure_auth_backend_config\./],
  ["azureRole", /^vault_azure_auth_backend_role\./],
  ["gcpRole", /^vault_gcp_auth_backend_role\./],
];

/** All that a stack has, by address; providers as well. */
function resourcesOf(stack: TerraformStack): Resources {
  const template = Template.of(stack);
  const providers = Object.entries(template.json["provider"] as Record<string, Record<string, unknown>[]>);
  return new Map([
    ...template.addresses.map((address) => [address, template.resource(address)] as const),
    ...providers.flatMap(([name, all]) => all.map((one) => [`provider.${name}`, one] as const)),
  ]);
}

function servers(given: Given): Resources {
  const of = { environment: { ...environment, name: "dev" }, infrastructure: existing };
  return resourcesOf(new PlatformStack(testApp(), "dev-platform", { ...of, ...given }));
}

function aws(given: Given): Resources {
  const app = testApp();
  const below = new LayerStack(app, "prod-infrastructure", { environment });
  const infrastructure = infrastructureSchema.publish(below, knownOfAws, appliedOfAws);
  return resourcesOf(new PlatformStack(app, "prod-platform", { environment, infrastructure, ...given }));
}

function otherClouds(transform: HandedOverTransform): Resources {
  const of = (cloud: NodeCloud) => {
    const stack = new TerraformStack(testApp(), "prod-platform");
    new VaultProvider(stack, "vault-provider", {});
    const { vault = { objects: [] } } = access({ ...who, cloud });
    handedOverToVault(stack, vault, false, { principals: () => ["somebody"] }, transform);
    return resourcesOf(stack);
  };
  return new Map([...of(azure), ...of(gcp)]);
}

test.each([
  ["on servers that exist", servers, onServersThatExist, rowsOnServersThatExist],
  ["on AWS", aws, onAws, rowsOnAws],
  ["of other clouds", otherClouds, ofOtherClouds, rowsOfOtherClouds],
] as readonly [string, (given: object) => Resources, object, readonly Row[]][])(
  "each entry changes what it is named for and nothing else: %s",
  (_, made, given, rows) => {
    const before = made(withoutTransform(given, rows));
    const expected = new Map(before);
    for (const [entry, reaches] of rows) {
      const reached = [...before.keys()].filter((address) => reaches.test(address));
      expect(reached, `${entry} reaches something`).not.toEqual([]);
      for (const address of reached) {
        expected.set(address, { ...expected.get(address), ...argumentsOf(valueAt(given, entry)) });
      }
    }
    expect(Object.fromEntries(made(given))).toEqual(Object.fromEntries(expected));
  },
);

test("nothing is without an entry", () => {
  const rows = [...rowsOnServersThatExist, ...rowsOnAws];
  const all = [...servers(onServersThatExist).keys(), ...aws(onAws).keys()];
  const without = all.filter((address) => !rows.some(([, reaches]) => reaches.test(address)));
  // What the infrastructure tells is read by its contract.
  expect(without.filter((address) => !address.startsWith("data.terraform_remote_state."))).toEqual([]);
});

test("a function gets our props, and says by them what it changes", () => {
  const namespaces = servers({
    teams: [{ name: "shop" }, { name: "pay" }],
    transform: {
      tenancy: { namespace: (props) => (props.name === "shop" ? { ...props, quota: "large" } : props) },
    },
  });
  const quotas = [...namespaces].filter(([address]) => address.startsWith("nomad_namespace."));
  expect(Object.fromEntries(quotas.map(([, { name, quota }]) => [name, quota]))).toEqual({
    default: undefined,
    pay: undefined,
    shop: "large",
  });
});

// Each entry has the type of its resource: a directive below is an error if the compiler lets the line through.
const wrong: readonly object[] = [
  // @ts-expect-error a namespace of Nomad has no rate
  { tenancy: { namespace: { rate: 5 } } } satisfies PlatformTransform,
  // @ts-expect-error a number is not a text
  { issuer: { key: { algorithm: 256 } } } satisfies PlatformTransform,
  // @ts-expect-error no such resource
  { issuer: { keys: {} } } satisfies PlatformTransform,
  // @ts-expect-error the props must come back
  { vault: { quota: () => ({ rate: 5 }) } } satisfies PlatformTransform,
  // @ts-expect-error a policy of Vault has no description
  { policies: { vault: { description: "x" } } } satisfies PlatformTransform,
  // @ts-expect-error what is adopted is typed as well
  { handedOver: { autopilot: { minQuorum: "three" } } } satisfies PlatformTransform,
  // @ts-expect-error a role of a JWT, not of AWS
  { ci: { role: { authType: "iam" } } } satisfies TeamTransform,
  // @ts-expect-error an entry of the mesh is of Consul
  { intentions: { sources: "web" } } satisfies ConsulMeshTransform,
  // @ts-expect-error people are no cloud
  { method: { stsEndpoint: "x" } } satisfies PeopleSignInTransform,
];

test("what is wrong with an entry, the compiler says", () => expect(wrong).toHaveLength(9));

function valueAt(given: object, entry: string): object {
  return entry.split(".").reduce<object>((at, key) => (at as Record<string, object>)[key] ?? {}, given);
}

/** The same, without what the entries of these rows change. */
function withoutTransform(given: object, rows: readonly Row[]): object {
  const copy = structuredClone(given);
  for (const [entry] of rows) {
    const [, above = "", last = ""] = /^(?:(.+)\.)?([^.]+)$/.exec(entry) ?? [];
    delete (above === "" ? (copy as Record<string, unknown>) : (valueAt(copy, above) as Record<string, unknown>))[last];
  }
  return copy;
}

/** A change in Terraform's own words. */
function argumentsOf(change: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(change).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}
