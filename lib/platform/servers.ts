import {
  DataVaultPkiSecretBackendIssuer,
  type DataVaultPkiSecretBackendIssuerConfig,
} from "@cdktf/provider-vault/lib/data-vault-pki-secret-backend-issuer";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { ports } from "../core/traffic";
import type { InfrastructureContract } from "../infrastructure/contract";
import { existingProducts } from "../infrastructure/existing";
import { type Transform, transformed } from "../layer/transform";
import { vaultMounts } from "../node/names";
import { type Product, products } from "../node/products";

/** Where a product answers, with scheme and port. */
export interface ServerAddress {
  /** For machines: Terraform, CI, the other products. */
  readonly machine: string;
  /** For browsers. */
  readonly people: string;
}

/** The servers that an infrastructure has, whichever it is. */
export interface PlatformServers {
  readonly products: readonly Product[];
  readonly addresses: Partial<Readonly<Record<Product, ServerAddress>>>;
  readonly vault: ServerAddress;
  readonly datacenter: string;
  readonly nomadRegion: string;
  /** Node pools that groups of workers make. */
  readonly nodePools: readonly string[];
  /** What stands below it is for applications. */
  readonly appsDomain?: string;
}

export function serversOf(infrastructure: InfrastructureContract): PlatformServers {
  const known = infrastructure.static;
  if (known.cloud === "existing") {
    const there = existingProducts(known);
    const addresses = Object.fromEntries(
      there.map((product) => {
        const { address = "", people = address } = known[product] ?? {};
        return [product, { machine: address, people }];
      }),
    );
    return {
      products: there,
      addresses,
      vault: { machine: known.vault.address, people: known.vault.people ?? known.vault.address },
      datacenter: known.datacenter ?? "dc1",
      nomadRegion: known.nomadRegion ?? "global",
      nodePools: poolsOf(known.workerGroups),
      ...(known.appsDomain === undefined ? {} : { appsDomain: known.appsDomain }),
    };
  }
  const there = products.filter((product) => Object.values(known.serverGroups).some((runs) => runs.includes(product)));
  const address = (product: Product): ServerAddress => {
    const machine = `https://${known.machine[product]}:${ports[product]}`;
    return { machine, people: known.people === undefined ? machine : `https://${known.people[product]}` };
  };
  return {
    products: there,
    addresses: Object.fromEntries(there.map((product) => [product, address(product)])),
    vault: address("vault"),
    datacenter: known.datacenter,
    nomadRegion: known.nomadRegion,
    nodePools: poolsOf(known.workerGroups),
    ...(known.people === undefined ? {} : { appsDomain: known.people.apps }),
  };
}

function poolsOf(groups: Readonly<Record<string, { readonly nodePool: string }>> = {}): string[] {
  return [...new Set(Object.values(groups).map(({ nodePool }) => nodePool))].sort();
}

/**
 * The certificates with which one product trusts another, in PEM; nothing where the operating system's will do. A cluster
 * that was born with this library has its authority in Vault, where the public half is read.
 */
export function clusterCa(
  scope: Construct,
  infrastructure: InfrastructureContract,
  transform?: Transform<DataVaultPkiSecretBackendIssuerConfig>,
): string | undefined {
  if (infrastructure.static.cloud === "existing") return infrastructure.static.ca;
  const stack = TerraformStack.of(scope);
  const id = "cluster-ca";
  const existing = stack.node.tryFindChild(id) as DataVaultPkiSecretBackendIssuer | undefined;
  const issuer =
    existing ??
    new DataVaultPkiSecretBackendIssuer(
      stack,
      id,
      transformed(transform, { backend: vaultMounts.pki, issuerRef: "default" }),
    );
  return issuer.certificate;
}
