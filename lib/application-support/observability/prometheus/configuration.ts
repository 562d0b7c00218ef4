import { formatDuration } from "../../../core/values";
import type { MonitoredCluster } from "./cluster";
import { prometheusFiles, scrapeConfigs, tlsOf } from "./scrape";

export interface PrometheusConfigurationProps {
  readonly cluster: MonitoredCluster;
  /** How often everything is asked. */
  readonly scrapeInterval: string;
  /** Where a sidecar offers Alertmanager: `127.0.0.1:9093`. @default - alerts are told nobody */
  readonly alertmanager?: string;
  /** Whether there are rules of the user's own. @default false */
  readonly ownRules?: boolean;
  /** More of what is scraped, in Prometheus's words. @default - none */
  readonly scrape?: readonly object[];
}

/**
 * Prometheus's configuration: figures of Vault, Consul, Nomad and the workers, of services that say where theirs are, and of
 * their sidecars.
 *
 * https://prometheus.io/docs/prometheus/latest/configuration/configuration/
 */
export function prometheusConfiguration(props: PrometheusConfigurationProps): object {
  const { cluster, scrapeInterval, alertmanager, ownRules = false, scrape = [] } = props;
  const interval = formatDuration(scrapeInterval);
  return {
    global: {
      scrape_interval: interval,
      scrape_timeout: "10s",
      evaluation_interval: interval,
      external_labels: { environment: cluster.environment, datacenter: cluster.datacenter },
    },
    rule_files: [prometheusFiles.rules, ...(ownRules ? [prometheusFiles.ownRules] : [])],
    ...(alertmanager === undefined
      ? {}
      : { alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] } }),
    scrape_configs: [...scrapeConfigs(cluster), ...scrape],
  };
}

/**
 * Configuration of Blackbox exporter, which asks each server what it tells anybody. Vault answers with another status for
 * each state: 200 active, 429 standby, 472 and 473 in Enterprise, 501 not initialised, 503 sealed.
 *
 * https://developer.hashicorp.com/vault/api-docs/system/health
 */
export function probeConfiguration(cluster: MonitoredCluster): object {
  const http = (own: object) => ({
    prober: "http",
    timeout: "5s",
    http: { preferred_ip_protocol: "ip4", follow_redirects: false, ...tlsOf(cluster), ...own },
  });
  return {
    modules: {
      vault: http({ valid_status_codes: [200, 429, 472, 473] }),
      // Consul names nobody, and Nomad answers 500, where nobody leads.
      leader: http({ valid_status_codes: [200], fail_if_body_matches_regexp: ['^"?"?\\s*$'] }),
      // The edge has a certificate that browsers trust.
      people: {
        prober: "http",
        timeout: "5s",
        http: { preferred_ip_protocol: "ip4", follow_redirects: false, valid_status_codes: [200, 301, 302, 307, 429] },
      },
    },
  };
}

/** Template of Nomad for the authorities: of a PKI engine all issuers, so that both count while the CA is rotated. */
export function authorityTemplate({ authority }: MonitoredCluster): string | undefined {
  if (authority === undefined) return undefined;
  if (authority.by === "pem") return authority.certificates;
  const issuers = JSON.stringify(`${authority.mount}/issuers`);
  const issuer = JSON.stringify(`${authority.mount}/issuer/%s`);
  return `{{ range secrets ${issuers} }}{{ with secret (printf ${issuer} .) }}{{ .Data.certificate }}\n{{ end }}{{ end }}`;
}

/** Template of Nomad for Vault's servers, as Prometheus reads targets from a file: those that raft has as peers. */
export function vaultServersTemplate({ servers }: MonitoredCluster): string | undefined {
  const { vault } = servers;
  if (vault?.by !== "vault-raft") return undefined;
  const host = `{{ $peer.address | regexReplaceAll ":[0-9]+$" "" }}:${vault.port}`;
  const targets = `{{ range $index, $peer := .Data.config.servers }}{{ if $index }},{{ end }}"${host}"{{ end }}`;
  return `{{ with secret "sys/storage/raft/configuration" }}[{"targets":[${targets}]}]{{ end }}\n`;
}
