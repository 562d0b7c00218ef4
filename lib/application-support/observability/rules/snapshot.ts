import type { AlertRule } from "./rule";

/**
 * No snapshot in three hours; nodes take one an hour. Products forget a figure some time after it last changed (Nomad after a
 * minute, Vault and Consul after `telemetry.prometheusRetention`), so a figure that is seen at all is one that changed; where
 * it is kept for longer, it must have grown. Told only once Prometheus has looked for three hours.
 */
export function snapshotRule(product: "Vault" | "Consul" | "Nomad", metric: string): AlertRule {
  const job = product.toLowerCase();
  const grown = `sum(increase(${metric}[3h])) == 0 and min(count_over_time(${metric}[3h])) >= max(count_over_time(up{job="${job}"}[3h]))`;
  return {
    alert: `${product}SnapshotMissing`,
    expr: `(absent_over_time(${metric}[3h]) or (${grown})) and on() (up{job="prometheus"} offset 3h)`,
    for: "15m",
    severity: "critical",
    summary: `No snapshot of ${product} was taken in three hours.`,
    action: "`caravan status`; on the leader `systemctl status caravan-snapshot` says why.",
  };
}
