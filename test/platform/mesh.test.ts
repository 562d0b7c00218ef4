import { expect, test } from "vitest";
import { LayerStack, LocalState } from "../../lib";
import { infrastructureSchema } from "../../lib/infrastructure/contract";
import { PlatformStack } from "../../lib/platform";
import { Match, Template } from "../../lib/testing";
import { testApp } from "../support/synth";
import { appliedOfAws, knownOfAws } from "./aws-contract";
import { platformOf, refuses } from "./refusals";

const mesh = (props: object) => ({ consul: { mesh: props } });
const approle = { type: "approle", roleIdFile: "/run/secrets/vault/role-id" };
const authority = (props: object) => mesh({ authority: { authMethod: approle, ...props } });
const service = (entries: object) => mesh({ services: { web: entries } });

refuses([
  ["a protocol that no sidecar speaks", mesh({ protocol: "smtp" }), "consul.mesh.protocol", '"http2"'],
  ["TLS of another age", mesh({ tlsMinVersion: "TLSv1_1" }), "consul.mesh.tlsMinVersion", '"TLSv1_2"'],
  ["an unknown gateway mode", mesh({ meshGateway: "far" }), "consul.mesh.meshGateway", '"remote"'],
  [
    "a prefix in a connection",
    mesh({ intentions: [{ from: "web-*", to: "api" }] }),
    "intentions[0].from",
    "a service's",
  ],
  [
    "an action with rules",
    mesh({ intentions: [{ from: "a", to: "b", action: "deny", http: [] }] }),
    "[0].action",
    "HTTP",
  ],
  ["no root", authority({ roots: {} }), "authority.roots", "one root or more"],
  ["a root of a day", authority({ roots: { "1": { lifetime: "1d" } } }), 'roots["1"].lifetime', "from 30d"],
  ["a root with a slash", authority({ roots: { "a/b": {} } }), 'roots["a/b"]', "lower-case"],
  ["two roots and none active", authority({ roots: { "1": {}, "2": {} } }), "authority.active", '"1", "2"'],
  ["an active root that is not there", authority({ active: "9" }), "authority.active", '"1"'],
  ["a workload's certificate of a minute", authority({ leafCertTtl: "1m" }), "authority.leafCertTtl", "from 1h"],
  [
    "an authority that ends before what it signs",
    authority({ leafCertTtl: "72h", intermediateCertTtl: "100h" }),
    "authority.intermediateCertTtl",
    "three times",
  ],
  ["servers that cannot sign in", mesh({ authority: {} }), "authority.authMethod", "how Consul's servers sign in"],
  ["a token", authority({ authMethod: { type: "token" } }), "authMethod.type", '"approle"'],
  [
    "a file that Consul does not read",
    authority({ authMethod: { ...approle, secretIdFile: "/etc/consul.d/secret-id" } }),
    "authMethod.secretIdFile",
    "below /run/secrets",
  ],
  ["a role of nobody", authority({ authMethod: { type: "kubernetes" } }), "authMethod.role", "a role of Vault"],
  [
    "a region of nowhere",
    authority({ authMethod: { type: "aws", role: "a", region: "x" } }),
    "authMethod.region",
    "AWS",
  ],
  ["a service with a star", mesh({ services: { "web-*": {} } }), 'services["web-*"]', "a service's name"],
  ["halves that are no whole", service({ splitter: { Splits: [{ Weight: 50 }] } }), "splitter.Splits", "100 together"],
  [
    "a route of TCP",
    service({ defaults: { Protocol: "tcp" }, router: { Routes: [] } }),
    'services["web"].defaults.Protocol',
    "requests of HTTP",
  ],
  ["a subset that is not there", service({ resolver: { DefaultSubset: "v2" } }), "resolver.DefaultSubset", "none does"],
]);

test("servers of this library sign in to Vault for the mesh by their AWS role, to a role that may do that alone", () => {
  const app = testApp();
  const environment = { name: "prod", state: new LocalState() };
  const below = new LayerStack(app, "prod-infrastructure", { environment });
  const infrastructure = infrastructureSchema.publish(below, knownOfAws, appliedOfAws);
  const consul = { mesh: { authority: {} } };
  const template = Template.of(new PlatformStack(app, "prod-platform", { environment, infrastructure, consul }));
  template.hasResource("consul_certificate_authority", {
    connect_provider: "vault",
    config_json: Match.json({
      Address: "https://vault.prod.caravan.internal:8200",
      CAFile: "/etc/caravan/ca.pem",
      AuthMethod: {
        Type: "aws",
        MountPath: "mesh",
        Params: {
          type: "iam",
          role: "mesh-authority",
          region: "eu-central-1",
        },
      },
      RootPKIPath: "pki-mesh-root-1",
      IntermediatePKIPath: "pki-mesh",
    }),
  });
  template.hasResource("vault_auth_backend", { path: "mesh", type: "aws" });
  template.hasResource("vault_aws_auth_backend_client", {
    sts_endpoint: "https://sts.eu-central-1.amazonaws.com",
    sts_region: "eu-central-1",
  });
  template.hasResource("vault_aws_auth_backend_role", {
    role: "mesh-authority",
    token_policies: ["mesh-authority"],
  });
});

test("its configuration is text that a provider reads back as it was written: keys in order, no secret", () => {
  const template = Template.of(platformOf(authority({})));
  const [made] = template.resources("consul_certificate_authority");
  const text = String(made?.arguments["config_json"]);
  const keys = Object.keys(JSON.parse(text));
  expect(keys).toEqual([...keys].sort());
  expect(text).not.toMatch(/token|secret_id"/i);
});

test("on servers that exist Consul keeps its authority unless it is told how to sign in", () => {
  expect(Template.of(platformOf()).resources("consul_certificate_authority")).toEqual([]);
});
