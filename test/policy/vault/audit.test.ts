import { vaultAuditRules } from "../../../lib/policy/vault/audit";
import { testRules } from "../rule-examples";

const provider = { vault: { address: "https://vault.example.com:8200" } };
const devices = (...options: object[]) => ({
  provider,
  resource: { vault_audit: Object.fromEntries(options.map((one, index) => [`a${index}`, one])) },
});
const file = (file_path: string, rest: object = {}) => ({ type: "file", options: { file_path, ...rest } });
const governed = { provider, resource: { vault_auth_backend: { a: { type: "jwt" } } } };
const quota = (attributes: object) => ({
  provider,
  resource: { ...governed.resource, vault_quota_rate_limit: { q: attributes } },
});
const autopilot = (attributes: object) => ({ resource: { vault_raft_autopilot: { a: attributes } } });

testRules(vaultAuditRules, {
  "vault-audit-devices": {
    breaks: {
      "a Vault that writes nothing": [governed, "provider.vault vault_audit: 0"],
      "one device": [devices(file("/var/log/vault/audit.log")), "provider.vault vault_audit: 1"],
      "one file twice": [devices(file("/a.log"), file("/a.log")), "provider.vault vault_audit: 1"],
      "two over the network": [
        devices({ type: "socket", options: { address: "a:1" } }, { type: "socket", options: { address: "b:1" } }),
        'provider.vault vault_audit: ["socket","socket"]',
      ],
    },
    holds: {
      "a file and the journal": devices(file("/var/log/vault/audit.log"), file("stdout")),
      "a file and a socket": devices(file("/a.log"), { type: "socket", options: { address: "a:1" } }),
    },
    exempts: {
      "a stack that writes secrets only": {
        provider,
        resource: { vault_mount: { m: { path: "secret", type: "kv" } } },
      },
    },
  },
  "vault-audit-file-mode": {
    breaks: {
      "all who are on the server": [devices(file("/a", { mode: "0644" })), 'vault_audit.a0 options.mode: "0644"'],
      "a program": [devices(file("/a", { mode: "0700" })), 'vault_audit.a0 options.mode: "0700"'],
    },
    holds: {
      "Vault alone": devices(file("/a", { mode: "0600" })),
      "the mode that is there": devices(file("/a", { mode: "0000" })),
      "the default": devices(file("/a")),
    },
  },
  "vault-audit-plain": {
    breaks: {
      "secrets as they are": [devices(file("/a", { log_raw: "true" })), "vault_audit.a0 options.log_raw: true"],
      "a script's first line": [
        devices(file("/a", { prefix: "#!/bin/sh " })),
        'vault_audit.a0 options.prefix: "#!/bin/sh "',
      ],
    },
    holds: { hashes: devices(file("/a", { log_raw: "false" })) },
  },
  "vault-rate-limit": {
    breaks: {
      "no limit": [governed, "provider.vault vault_quota_rate_limit: []"],
      "one mount only": [quota({ path: "secret/", rate: 9 }), 'provider.vault vault_quota_rate_limit: ["secret/"]'],
    },
    holds: { "all of Vault": quota({ path: "", rate: 2000 }), "no path": quota({ rate: 2000 }) },
    exempts: { "a stack that governs nothing": { provider, resource: { vault_policy: { p: { policy: "" } } } } },
  },
  "vault-autopilot-quorum": {
    breaks: {
      "no quorum": [autopilot({ cleanup_dead_servers: true }), "vault_raft_autopilot.a min_quorum: nothing"],
      "a quorum of two": [
        autopilot({ cleanup_dead_servers: true, min_quorum: 2 }),
        "vault_raft_autopilot.a min_quorum: 2",
      ],
    },
    holds: { three: autopilot({ cleanup_dead_servers: true, min_quorum: 3 }) },
    exempts: { "nothing is removed": autopilot({ cleanup_dead_servers: false }) },
  },
});
