import type { AlertGroup } from "./rule";
import { snapshotRule } from "./snapshot";

/** What kills a Vault, or those who depend on it. Only the active server tells figures; each tells its own health. */
export function vaultRules(servers: number | undefined): AlertGroup {
  return {
    name: "vault",
    rules: [
      {
        alert: "VaultSealed",
        expr: 'probe_http_status_code{job="probe-vault"} == 503',
        for: "1m",
        severity: "critical",
        summary: "Vault at {{ $labels.instance }} is sealed.",
        action: "See why its seal key does not answer (identity, network, key policy); it unseals by itself then.",
      },
      {
        alert: "VaultNoLeader",
        expr: '(max(probe_http_status_code{job="probe-vault"} == bool 200) or vector(0)) == 0',
        for: "2m",
        severity: "critical",
        summary: "No server of Vault is active: nobody gets or renews a secret.",
        action: "Look whether a majority of the servers runs and is unsealed, then at raft's peers.",
      },
      {
        alert: "VaultServerDown",
        expr: 'probe_http_status_code{job="probe-vault"} == 0',
        for: "3m",
        severity: "critical",
        summary: "Vault at {{ $labels.instance }} does not answer.",
        action: "See whether its machine and its unit run; one more and the quorum is lost.",
      },
      ...(servers === undefined || servers < 2
        ? []
        : [
            {
              alert: "VaultPeersMissing",
              expr: `max(vault_raft_peers) < ${servers}`,
              for: "10m",
              severity: "warning" as const,
              summary: `Vault's raft has {{ $value }} peers instead of ${servers}.`,
              action: "See that the new server joined; a group that stays short does not survive the next loss.",
            },
          ]),
      {
        alert: "VaultUnhealthy",
        expr: "max(vault_autopilot_healthy) == 0",
        for: "5m",
        severity: "critical",
        summary: "Autopilot holds a server of Vault to be unhealthy.",
        action: "`vault operator raft autopilot state` names it.",
      },
      {
        alert: "VaultAuditFailing",
        expr: "increase(vault_audit_log_request_failure[5m]) > 0 or increase(vault_audit_log_response_failure[5m]) > 0",
        severity: "critical",
        summary: "Vault could not write to an audit device; when no device takes an entry it refuses every request.",
        action: "Make room on the disk of the log, or see whether its reader is gone.",
      },
      {
        alert: "VaultLeasesGrow",
        expr: "vault_expire_num_leases > 50000 and deriv(vault_expire_num_leases[6h]) > 0",
        for: "1h",
        severity: "warning",
        summary: "Vault holds {{ $value }} leases, and more every hour.",
        action: "Find who takes secrets without end (`vault list sys/leases/lookup/`), and shorten that role's time.",
      },
      {
        alert: "VaultTokensGrow",
        expr: "sum(vault_token_count) > 50000 and sum(deriv(vault_token_count[6h])) > 0",
        for: "1h",
        severity: "warning",
        summary: "Vault holds {{ $value }} tokens, and more every hour.",
        action: "Find who signs in without end, give that role a shorter time, or batch tokens.",
      },
      {
        alert: "VaultLeasesIrrevocable",
        expr: "vault_expire_num_irrevocable_leases > 0",
        for: "15m",
        severity: "warning",
        summary: "{{ $value }} leases of Vault can not be revoked: what they gave stays valid.",
        action: "`vault read sys/leases/irrevocable-leases` tells which, and why the engine's target refuses.",
      },
      // A snapshot that raft makes of its own accord counts as well, so that a busy server is told late.
      snapshotRule("Vault", "vault_raft_snapshot_create_count"),
    ],
  };
}
