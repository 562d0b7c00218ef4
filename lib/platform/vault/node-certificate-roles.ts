import { isIP } from "node:net";
import type { ExistingInfrastructureContract } from "../../infrastructure/existing";
import { certificateLifetime, certificateNamesAt } from "../../node/certificates";
import { pkiRole } from "../../node/names";
import { serversOf } from "../servers";
import type { CertificateRole } from "./certificate-authority";

/**
 * Roles of a certificate authority for the nodes of servers that exist, by product and by what it is on the node:
 * `vault-server`, `consul-server`, `consul-client`, `nomad-server`, `nomad-client`. Who may issue by one gets the certificate of
 * that and of no other, as nodes of this library do: a client never gets `server.dc1.consul`, by which Consul knows a server.
 *
 * ```ts
 * vault: {
 *   engines: {
 *     pki: { "pki-servers": { issuers: { "1": { commonName: "Nodes" } }, roles: nodeCertificateRoles(infrastructure) } },
 *   },
 * },
 * ```
 */
export function nodeCertificateRoles(
  infrastructure: ExistingInfrastructureContract,
): Readonly<Record<string, CertificateRole>> {
  const { products, addresses, datacenter, nomadRegion: region } = serversOf(infrastructure);
  return Object.fromEntries(
    products.flatMap((product) => {
      const { hostname } = new URL(addresses[product]?.machine ?? "");
      const planes = product === "vault" ? (["server"] as const) : (["server", "worker"] as const);
      return planes.map((plane): [string, CertificateRole] => {
        const { dnsNames } = certificateNamesAt(hostname, { datacenter, region }, plane, product);
        return [pkiRole(product, plane), { ...OF_NODES, allowedDomains: [...new Set(dnsNames.filter(isName))] }];
      });
    }),
  );
}

/** As first boot makes them: one certificate for both sides of mutual TLS, which a node renews long before it ends. */
const OF_NODES: CertificateRole = {
  allowLocalhost: true,
  allowIpSans: true,
  clientFlag: true,
  ttl: certificateLifetime,
  maxTtl: certificateLifetime,
  noStore: true,
};

/** An address stands beside the names, and is allowed as one. */
function isName(host: string): boolean {
  return isIP(host.replace(/^\[|\]$/g, "")) === 0;
}
