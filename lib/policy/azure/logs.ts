import type { PolicyRule } from "../rule";
import { UNKNOWN } from "../values";

const WORKSPACE = "azurerm_log_analytics_workspace";

/** CIS Azure asks for 90 days of flow logs, which land here. */
const RETENTION_DAYS = 90;

const retention: PolicyRule = {
  id: "azure-log-retention",
  severity: "LOW",
  title: "A Log Analytics workspace keeps its events for 90 days at least",
  why: "A break-in is noticed after months; Azure's default is 30 days.",
  fix: `set retention_in_days to ${RETENTION_DAYS} or more`,
  references: { trivy: ["AZU-0031"], cis: ["Azure v6.0 7.8"] },
  resourceTypes: [WORKSPACE],
  *check(workspace) {
    const days = workspace.number("retention_in_days");
    if (days === UNKNOWN || (days !== undefined && days >= RETENTION_DAYS)) return;
    yield { attribute: "retention_in_days", given: days };
  },
};

const localAuthentication: PolicyRule = {
  id: "azure-log-shared-key",
  severity: "MEDIUM",
  title: "A Log Analytics workspace has no shared keys",
  why: "Whoever has its key writes events that look like everybody's.",
  fix: "set local_authentication_enabled = false",
  references: { url: "https://learn.microsoft.com/en-us/azure/azure-monitor/logs/azure-ad-authentication-logs" },
  resourceTypes: [WORKSPACE],
  *check(workspace) {
    const enabled = workspace.boolean("local_authentication_enabled");
    const disabled = workspace.boolean("local_authentication_disabled");
    if (enabled === false || enabled === UNKNOWN || disabled === true || disabled === UNKNOWN) return;
    yield { attribute: "local_authentication_enabled", given: enabled };
  },
};

export const logRules: readonly PolicyRule[] = [retention, localAuthentication];
