import type { ClusterProps } from "../node-props";
import type { ConfigurationBlock } from "./block";

/** Telemetry as Vault and Consul both take it. */
export function telemetry(props: ClusterProps): ConfigurationBlock {
  const { prometheusRetention = "1h", statsd } = props.telemetry ?? {};
  return { disable_hostname: true, prometheus_retention_time: prometheusRetention, statsd_address: statsd };
}
