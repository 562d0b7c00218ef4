import { Token } from "cdktf";
import { type PropsCheck, type Rule, rule } from "../../core/errors";
import { matching } from "../../core/rules";

/** A name that becomes one label of a DNS name, and with `server.<label>.consul` a certificate's common name (64 characters). */
export const label: Rule<string> = matching(
  /[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?/,
  "1 to 48 lower-case letters, digits and inner hyphens: it is part of the names in certificates",
  'use a name such as "eu-central-1"',
);

/** https://developer.hashicorp.com/nomad/docs/concepts/node-pools: names; `all` is Nomad's own. */
export const nodePool: Rule<string> = rule({
  allowed: '1 to 128 letters, digits, hyphens and underscores; not "all", which is every pool to Nomad',
  fix: 'use a name such as "general"',
  accepts: (value) => typeof value === "string" && /^[A-Za-z0-9_-]{1,128}$/.test(value) && value !== "all",
});

/** Nomad refuses other keys of `client.meta`, since jobs ask for them by `${meta.<key>}`. */
export const labelKey: Rule<string> = rule({
  allowed:
    "letters, digits, hyphens and underscores, single dots between them, and none that begins with caravan. or connect.",
  fix: 'use a key such as "acme.tier"',
  accepts: (value) =>
    typeof value === "string" &&
    /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(value) &&
    !/^(caravan|connect)\./.test(value),
});

export const httpsUrl: Rule<string> = matching(
  /https:\/\/[a-z0-9.-]+(:\d{1,5})?(\/[A-Za-z0-9._~%/-]*[A-Za-z0-9_~-])?/,
  'an address that begins with https://, without a final slash: "https://mirror.example.com/hashicorp"',
  "give the mirror's address; a password in it would be readable in user data",
);

export const proxyUrl: Rule<string> = matching(
  /https?:\/\/[a-z0-9.-]+:\d{1,5}/,
  'scheme, host and port, such as "http://proxy.example.com:3128"',
  "write it without a path, and without a user or a password: user data is no secret",
);

export const proxyException: Rule<string> = matching(
  /[A-Za-z0-9.:*/-]+/,
  'a host, a domain (".example.com") or a range ("10.0.0.0/8")',
  "give one a list entry, without blanks or quotes",
);

export const fingerprint: Rule<string> = matching(
  /[0-9A-Fa-f]{40}/,
  "a fingerprint: 40 hexadecimal digits without blanks",
  "print it with: gpg --show-keys --with-colons KEY",
);

export const registry: Rule<string> = matching(
  /[a-z0-9.-]+(:\d{1,5})?(\/[a-z0-9._-]+)*/,
  'a registry, such as "registry.example.com/mirror"',
  "write it as it stands in an image's name, without a scheme and without a final slash",
);

export const registryHost: Rule<string> = matching(
  /[a-z0-9-]+(\.[a-z0-9-]+)+/,
  'the host of a registry, such as "123456789012.dkr.ecr.eu-central-1.amazonaws.com"',
  "write it as an image's name begins, without a scheme and without a path",
);

export const hostAndPort: Rule<string> = matching(
  /[A-Za-z0-9.-]+:\d{1,5}/,
  'host and port, such as "127.0.0.1:8125"',
  "give both, without a scheme",
);

/** Certificates only: whoever reads a node's user data reads this. */
export const certificates: Rule<string> = rule({
  allowed: "one or more certificates in PEM, and nothing else",
  fix: "give the text of the certificates, from -----BEGIN CERTIFICATE----- on; a private key has no business here",
  accepts: (value) =>
    typeof value === "string" &&
    /^(\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/.test(value),
});

/** What Vault takes as `recovery_pgp_keys`: the binary key in base64. */
export const pgpPublicKey: Rule<string> = rule({
  allowed: "a PGP public key in base64, without armour",
  fix: "print it with: gpg --export KEY | base64 -w0",
  // The first octet of an OpenPGP public key: packet tag 6, of the new or the old format (RFC 9580, 4.2).
  accepts: (value) =>
    typeof value === "string" &&
    /^[A-Za-z0-9+/]{160,}={0,2}$/.test(value) &&
    [0xc6, 0x98, 0x99, 0x9a].includes(Buffer.from(value.slice(0, 4), "base64")[0] ?? 0),
});

/** Directories that would hand the node itself to a job. */
const OWN = ["/etc/caravan", "/etc/vault.d", "/etc/vault-agent.d", "/etc/consul.d", "/etc/nomad.d", "/var/lib/caravan"];
const OURS = [
  ...OWN,
  "/var/lib/vault",
  "/var/lib/consul",
  "/var/lib/nomad",
  "/run",
  "/var/run",
  "/proc",
  "/sys",
  "/dev",
  "/root",
];

export const hostPath: Rule<string> = rule({
  allowed:
    "the absolute path of a directory that is neither the node's own (/etc/caravan, /var/lib/nomad, /run, ...) nor holds one",
  fix: 'use a directory for data, such as "/srv/data"',
  accepts: (value) => {
    if (typeof value !== "string" || !/^(\/[A-Za-z0-9._-]+)+$/.test(value) || /\/\.{1,2}(\/|$)/.test(value))
      return false;
    return OURS.every((own) => value !== own && !value.startsWith(`${own}/`) && !own.startsWith(`${value}/`));
  },
});

export const volumeName: Rule<string> = matching(
  /[A-Za-z0-9_-]{1,128}/,
  "1 to 128 letters, digits, hyphens and underscores",
  'use a name such as "data"',
);

/** What a node holds is packed at synth: no part of it may wait for Terraform. */
export function checkKnown(check: PropsCheck, property: string, value: unknown): void {
  if (Token.isUnresolved(value)) {
    check.add({
      property,
      given: value,
      allowed: "a value known at synth: the files of a node are packed before Terraform runs",
      fix: "write the value itself; what is known only after apply reaches a node through the environment file",
    });
  } else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      checkKnown(
        check,
        Array.isArray(value) ? `${property}[${key}]` : property === "" ? key : `${property}.${key}`,
        inner,
      );
    }
  }
}
