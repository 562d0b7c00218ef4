import type { PolicyRule } from "../rule";
import type { SynthesizedResource, SynthesizedStack } from "../synthesized-stack";
import { UNKNOWN } from "../values";

const HARDENING = "https://developer.hashicorp.com/vault/docs/concepts/production-hardening";
const AUDIT = "https://developer.hashicorp.com/vault/docs/audit/best-practices";

/** Whether a stack says how people or machines sign in to Vault, and not only what they do there. */
export function governsVault(stack: SynthesizedStack): boolean {
  return ["vault_audit", "vault_auth_backend", "vault_jwt_auth_backend"].some((type) => stack.ofType(type).length > 0);
}

/** Where a device writes; two that write to one place are one device. */
function placeOf(device: SynthesizedResource): string {
  const options = device.block("options");
  const said = ["file_path", "address", "facility"].map((name) => options?.value(name) ?? "");
  return JSON.stringify([device.value("type"), ...said]);
}

const devices: PolicyRule = {
  id: "vault-audit-devices",
  severity: "HIGH",
  title: "A Vault writes two audit devices, one of them a file or the journal",
  why: "Vault answers nothing while its only device cannot write, and the network loses what it is given.",
  fix: "add a second vault_audit; type file with file_path stdout is the journal",
  references: { url: AUDIT },
  resourceTypes: ["provider.vault"],
  *check(_, stack) {
    if (!governsVault(stack)) return;
    const audits = stack.ofType("vault_audit");
    for (const audit of audits) stack.see(audit);
    const places = new Set(audits.map(placeOf));
    if (places.size < 2) yield { attribute: "vault_audit", given: places.size };
    else if (!audits.some((audit) => [UNKNOWN, "file"].includes(audit.text("type") as never))) {
      yield { attribute: "vault_audit", given: audits.map((audit) => audit.value("type")) };
    }
  },
};

const fileMode: PolicyRule = {
  id: "vault-audit-file-mode",
  severity: "MEDIUM",
  title: "An audit file is for Vault alone",
  why: "It holds who asked what and when; a mode with an execute bit has made plugins of audit files (CVE-2025-6000).",
  fix: 'set options.mode = "0600", which is the default',
  references: { url: AUDIT },
  resourceTypes: ["vault_audit"],
  *check(device) {
    const options = device.block("options");
    const mode = options?.text("mode");
    if (options === undefined || mode === undefined || mode === UNKNOWN) return;
    // 0000 leaves the mode as the file has it.
    if (!/^0?[0246]00$/.test(mode)) yield { attribute: options.at("mode"), given: mode };
  },
};

const plain: PolicyRule = {
  id: "vault-audit-plain",
  severity: "HIGH",
  title: "An audit device writes secrets as hashes, and nothing before each line",
  why: "log_raw shows every secret; a prefix makes the log a script (CVE-2025-6000).",
  fix: "remove the option",
  references: { url: AUDIT },
  resourceTypes: ["vault_audit"],
  *check(device) {
    const options = device.block("options");
    if (options === undefined) return;
    if (options.boolean("log_raw") === true) yield { attribute: options.at("log_raw"), given: true };
    const prefix = options.text("prefix");
    if (prefix !== undefined && prefix !== UNKNOWN && prefix !== "") {
      yield { attribute: options.at("prefix"), given: prefix };
    }
  },
};

const rateLimit: PolicyRule = {
  id: "vault-rate-limit",
  severity: "LOW",
  title: "A Vault takes so many requests a second and no more",
  why: "One client in a loop, or one who guesses, otherwise takes the whole of Vault from all others.",
  fix: 'add a vault_quota_rate_limit with path ""',
  references: { url: HARDENING },
  resourceTypes: ["provider.vault"],
  *check(_, stack) {
    if (!governsVault(stack)) return;
    const quotas = stack.ofType("vault_quota_rate_limit");
    for (const quota of quotas) stack.see(quota);
    if (quotas.some((quota) => [undefined, "", UNKNOWN].includes(quota.text("path") as never))) return;
    yield { attribute: "vault_quota_rate_limit", given: quotas.map((quota) => quota.value("path")) };
  },
};

const autopilot: PolicyRule = {
  id: "vault-autopilot-quorum",
  severity: "MEDIUM",
  title: "Dead servers are removed only where a quorum is left",
  why: "Without min_quorum, servers that a fault of the network hides are removed until none can vote.",
  fix: "set min_quorum to the number of servers, 3 or more",
  references: { url: "https://developer.hashicorp.com/vault/docs/concepts/integrated-storage/autopilot" },
  resourceTypes: ["vault_raft_autopilot"],
  *check(settings) {
    if (settings.boolean("cleanup_dead_servers") !== true) return;
    const quorum = settings.number("min_quorum");
    if (quorum !== UNKNOWN && (quorum === undefined || quorum < 3)) {
      yield { attribute: "min_quorum", given: settings.value("min_quorum") };
    }
  },
};

export const vaultAuditRules: readonly PolicyRule[] = [devices, fileMode, plain, rateLimit, autopilot];
