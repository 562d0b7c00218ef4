import { ports } from "../../core/traffic";
import { byCloud } from "../cloud/clouds";
import { groupOf, machineHost, type ServerNodeProps } from "../node-props";
import { directories, files } from "../paths";
import { type ConfigurationBlock, merged } from "./block";
import { cloudJoin, ownAddress } from "./discovery";
import { telemetry } from "./telemetry";

/**
 * Configuration of a Vault server: TLS on every port, integrated storage that finds its peers by the cloud's tag, unsealed by the
 * cloud's key, whose id comes from the environment file.
 *
 * https://developer.hashicorp.com/vault/docs/concepts/production-hardening
 */
export function vaultConfiguration(props: ServerNodeProps): ConfigurationBlock {
  const host = machineHost(props, "vault");
  const base: ConfigurationBlock = {
    cluster_name: props.environment,
    api_addr: `https://${ownAddress}:${ports.vault}`,
    cluster_addr: `https://${ownAddress}:${ports.vaultCluster}`,
    // Integrated storage maps its file into memory; swap is off instead.
    disable_mlock: true,
    ui: true,
    log_level: "info",
    log_format: "json",
    default_lease_ttl: "1h",
    max_lease_ttl: "768h",
    listener: [
      {
        tcp: {
          address: `0.0.0.0:${ports.vault}`,
          cluster_address: `0.0.0.0:${ports.vaultCluster}`,
          tls_cert_file: files.vaultCertificate.path,
          tls_key_file: files.vaultCertificate.path,
          tls_min_version: "tls12",
          // Browsers would ask people for a certificate that nobody has.
          tls_disable_client_certs: true,
          custom_response_headers: [
            { default: { "Strict-Transport-Security": ["max-age=31536000; includeSubDomains"] } },
          ],
          telemetry: { unauthenticated_metrics_access: false },
        },
      },
    ],
    storage: {
      raft: {
        // Without a node_id Vault makes one and keeps it there; a host name would be one before first boot and another after.
        path: directories.vaultData.path,
        // From init to three voters: 9 s instead of 29 s, as measured with Vault 1.19.5.
        performance_multiplier: 1,
        autopilot_reconcile_interval: "1s",
        autopilot_update_interval: "1s",
        ...(groupOf(props, "vault")?.count === 1
          ? {}
          : {
              retry_join: [
                {
                  auto_join: cloudJoin(props, "vault"),
                  auto_join_scheme: "https",
                  auto_join_port: ports.vault,
                  leader_tls_servername: host,
                  leader_ca_cert_file: files.clusterCa.path,
                },
              ],
            }),
      },
    },
    seal: [
      byCloud<ConfigurationBlock>(props.cloud, {
        aws: ({ region }) => ({ awskms: { region } }),
        azure: ({ tenantId }) => ({ azurekeyvault: { tenant_id: tenantId } }),
        gcp: ({ project, region }) => ({ gcpckms: { project, region } }),
      }),
    ],
    telemetry: telemetry(props),
  };
  return merged(base, props.extend?.vault);
}
