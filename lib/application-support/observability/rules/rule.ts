/** An alert, in the words of Prometheus's alerting rules. */
export interface AlertRule {
  /** Its name, unique. */
  readonly alert: string;
  /** PromQL; each series that it gives is an alert. */
  readonly expr: string;
  /** How long it must hold. @default - at once */
  readonly for?: string;
  /** `critical` wakes somebody; `warning` waits for the morning. */
  readonly severity: "critical" | "warning";
  /** One sentence for whoever is woken; `{{ $labels.instance }}` and `{{ $value }}` are filled in. */
  readonly summary: string;
  /** What to do. */
  readonly action: string;
}

export interface AlertGroup {
  readonly name: string;
  readonly rules: readonly AlertRule[];
}

/** Groups of rules as Prometheus reads them. */
export function ruleFile(groups: readonly AlertGroup[]): object {
  return {
    groups: groups.map(({ name, rules }) => ({
      name,
      rules: rules.map(({ alert, expr, for: duration, severity, summary, action }) => ({
        alert,
        expr,
        ...(duration === undefined ? {} : { for: duration }),
        labels: { severity },
        annotations: { summary, action },
      })),
    })),
  };
}
