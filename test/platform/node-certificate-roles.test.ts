import { expect, test } from "vitest";
import { existingInfrastructure, LayerStack, LocalState } from "../../lib";
import { infrastructureSchema } from "../../lib/infrastructure/contract";
import { nodeCertificateRoles, PlatformStack } from "../../lib/platform";
import { Template } from "../../lib/testing";
import { testApp } from "../support/synth";
import { appliedOfAws, knownOfAws } from "./aws-contract";

const address = (product: "vault" | "consul" | "nomad", port: number) => ({
  address: `https://${knownOfAws.machine[product]}:${port}`,
});
const infrastructure = existingInfrastructure({
  environment: "prod",
  datacenter: knownOfAws.datacenter,
  vault: address("vault", 8200),
  consul: address("consul", 8501),
  nomad: address("nomad", 4646),
});
const environment = { name: "prod", state: new LocalState() };

test("each product and plane has its names", () => {
  const roles = Object.entries(nodeCertificateRoles(infrastructure));
  expect(Object.fromEntries(roles.map(([name, { allowedDomains }]) => [name, allowedDomains]))).toEqual({
    "vault-server": ["vault.prod.caravan.internal", "localhost"],
    "consul-server": ["server.eu-central-1.consul", "consul.prod.caravan.internal", "localhost"],
    "consul-client": ["client.eu-central-1.consul", "localhost"],
    "nomad-server": ["server.global.nomad", "nomad.prod.caravan.internal", "localhost"],
    "nomad-client": ["client.global.nomad", "localhost"],
  });
});

test("they allow what those of first boot allow, and no more", () => {
  const app = testApp();
  const below = new LayerStack(app, "prod-infrastructure", { environment });
  const born = new PlatformStack(app, "prod-platform", {
    environment,
    infrastructure: infrastructureSchema.publish(below, knownOfAws, appliedOfAws),
  });
  const issuers = { "1": { commonName: "Nodes" } };
  const pki = { "pki-servers": { issuers, roles: nodeCertificateRoles(infrastructure) } };
  const found = new PlatformStack(testApp(), "prod-platform", {
    environment,
    infrastructure,
    vault: { engines: { pki } },
  });
  expect(rolesOf(found)).toEqual(rolesOf(born));
});

/** https://registry.terraform.io/providers/hashicorp/vault/latest/docs/resources/pki_secret_backend_role: where it is not said. */
const DEFAULTS = {
  allow_subdomains: false,
  allow_localhost: true,
  allow_ip_sans: true,
  server_flag: true,
  client_flag: true,
};

/** The rights of all roles, in full. */
function rolesOf(stack: PlatformStack): object {
  const roles = Template.of(stack).resources("vault_pki_secret_backend_role");
  return Object.fromEntries(
    roles.map(({ arguments: { backend: _, lifecycle: __, depends_on: ___, name, ...rights } }) => [
      name,
      { ...DEFAULTS, ...rights },
    ]),
  );
}

test("a product that is not there has none, and an address is no name", () => {
  const alone = existingInfrastructure({
    environment: "dev",
    vault: { address: "https://192.0.2.10:8200" },
    consul: { address: "https://[2001:db8::1]:8501" },
  });
  const roles = Object.entries(nodeCertificateRoles(alone));
  expect(Object.fromEntries(roles.map(([name, { allowedDomains }]) => [name, allowedDomains]))).toEqual({
    "vault-server": ["localhost"],
    "consul-server": ["server.dc1.consul", "localhost"],
    "consul-client": ["client.dc1.consul", "localhost"],
  });
});
