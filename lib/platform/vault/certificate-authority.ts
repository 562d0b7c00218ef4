import { Mount, type MountConfig } from "@cdktf/provider-vault/lib/mount";
import {
  PkiSecretBackendConfigAutoTidy,
  type PkiSecretBackendConfigAutoTidyConfig,
} from "@cdktf/provider-vault/lib/pki-secret-backend-config-auto-tidy";
import {
  PkiSecretBackendConfigCluster,
  type PkiSecretBackendConfigClusterConfig,
} from "@cdktf/provider-vault/lib/pki-secret-backend-config-cluster";
import {
  PkiSecretBackendConfigIssuers,
  type PkiSecretBackendConfigIssuersConfig,
} from "@cdktf/provider-vault/lib/pki-secret-backend-config-issuers";
import {
  PkiSecretBackendConfigUrls,
  type PkiSecretBackendConfigUrlsConfig,
} from "@cdktf/provider-vault/lib/pki-secret-backend-config-urls";
import {
  PkiSecretBackendCrlConfig,
  type PkiSecretBackendCrlConfigConfig,
} from "@cdktf/provider-vault/lib/pki-secret-backend-crl-config";
import {
  PkiSecretBackendRole,
  type PkiSecretBackendRoleConfig,
} from "@cdktf/provider-vault/lib/pki-secret-backend-role";
import {
  PkiSecretBackendRootCert,
  type PkiSecretBackendRootCertConfig,
} from "@cdktf/provider-vault/lib/pki-secret-backend-root-cert";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { hcl } from "../../core/hcl";
import { matching, oneOf, text } from "../../core/rules";
import { duration, formatDuration, parseDuration } from "../../core/values";
import { protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { checkLifetimes, checkNames, seconds } from "./engines/rules";

/** A root that Vault makes, with a key that never leaves it. */
export interface CertificateIssuer {
  /** The name in its certificate. */
  readonly commonName: string;
  /** How long its certificate is valid. @default "3650d" */
  readonly lifetime?: string;
  /** @default "ec" */
  readonly keyType?: "ec" | "rsa" | "ed25519";
  /** @default - 384 for `ec`, 4096 for `rsa` */
  readonly keyBits?: number;
}

/** What somebody who may issue by this role gets: as little as possible unless it says more. */
export interface CertificateRole {
  /** Names that a certificate may have. @default - none */
  readonly allowedDomains?: readonly string[];
  /** Whether the allowed domains themselves are names. @default true */
  readonly allowBareDomains?: boolean;
  /** Whether names below them are. @default false */
  readonly allowSubdomains?: boolean;
  /** @default false */
  readonly allowLocalhost?: boolean;
  /** Whether a certificate may have any address. @default false */
  readonly allowIpSans?: boolean;
  /** Whether it is for a server. @default true */
  readonly serverFlag?: boolean;
  /** Whether it is for a client. @default false */
  readonly clientFlag?: boolean;
  /** @default "ec" */
  readonly keyType?: "ec" | "rsa" | "ed25519";
  /** @default - 256 for `ec`, 3072 for `rsa` */
  readonly keyBits?: number;
  /** @default "72h" */
  readonly ttl?: string;
  /** @default "720h" */
  readonly maxTtl?: string;
  /** Whether Vault forgets what it signed, so that it cannot be revoked: for many of short life. @default false */
  readonly noStore?: boolean;
  /** Which issuer signs. @default - the default one, so that a rotation takes it along */
  readonly issuer?: string;
}

/** A PKI engine: its issuers, what may be asked of it, and what it publishes. */
export interface CertificateAuthorityProps {
  /**
   * Its issuers, by name. A rotation adds one, makes it the default, and drops the former when the last certificate of it
   * has ended: three applies. A name is never given anew.
   */
  readonly issuers: Readonly<Record<string, CertificateIssuer>>;
  /** @default - the only one */
  readonly defaultIssuer?: string;
  /** By name. @default - none */
  readonly roles?: Readonly<Record<string, CertificateRole>>;
  /** @default - none */
  readonly description?: string;
  /** How long a list of revoked certificates is valid; Vault makes it anew half a day before. @default "72h" */
  readonly crlExpiry?: string;
  /** How often what has ended is removed. @default "12h" */
  readonly tidyInterval?: string;
  /** For how long what has ended is kept. @default "72h" */
  readonly tidySafetyBuffer?: string;
  /** @default - none */
  readonly transform?: CertificateAuthorityTransform;
}

export interface CertificateAuthorityTransform {
  readonly mount?: Transform<MountConfig>;
  readonly cluster?: Transform<PkiSecretBackendConfigClusterConfig>;
  readonly urls?: Transform<PkiSecretBackendConfigUrlsConfig>;
  readonly issuer?: Transform<PkiSecretBackendRootCertConfig>;
  readonly defaultIssuer?: Transform<PkiSecretBackendConfigIssuersConfig>;
  readonly crl?: Transform<PkiSecretBackendCrlConfigConfig>;
  readonly tidy?: Transform<PkiSecretBackendConfigAutoTidyConfig>;
  readonly role?: Transform<PkiSecretBackendRoleConfig>;
}

const DEFAULT_LIFETIME = "3650d";
const ISSUER_BITS = { ec: 384, rsa: 4096, ed25519: undefined };
const LEAF_BITS = { ec: 256, rsa: 3072, ed25519: undefined };

/**
 * A certificate authority in Vault, at a mount of its own. What a certificate says about its issuer and about revocation
 * leads to the machines' address of Vault, issuer by issuer, so that it stays true after a rotation.
 *
 * https://developer.hashicorp.com/vault/docs/secrets/pki/rotation-primitives
 *
 * @throws InvalidPropsError for wrong props
 */
export class CertificateAuthority extends Construct {
  readonly path: string;

  constructor(
    scope: Construct,
    id: string,
    {
      path,
      vaultAddress,
      ...props
    }: CertificateAuthorityProps & { readonly path: string; readonly vaultAddress: string },
  ) {
    super(scope, id);
    const check = new PropsCheck("CertificateAuthority", scope, id);
    checkAuthority(check, props);
    check.done();
    const { issuers, transform } = props;
    const lifetimes = Object.values(issuers).map(({ lifetime = DEFAULT_LIFETIME }) => parseDuration(lifetime, "s"));
    const mount = new Mount(
      this,
      "Default",
      transformed(transform?.mount, {
        path,
        type: "pki",
        description: props.description === undefined ? undefined : hcl.text(props.description),
        maxLeaseTtlSeconds: Math.max(...lifetimes),
      }),
    );
    protect(mount);
    this.path = mount.path;
    const urls = this.urls(vaultAddress, transform);
    const roots = Object.fromEntries(
      Object.entries(issuers).map(([name, issuer]) => [name, this.issuer(name, issuer, urls, transform)]),
    );
    new PkiSecretBackendConfigIssuers(
      this,
      "default-issuer",
      transformed(transform?.defaultIssuer, {
        backend: this.path,
        default: roots[defaultIssuerOf(props)]?.issuerId,
        defaultFollowsLatestIssuer: false,
      }),
    );
    new PkiSecretBackendCrlConfig(
      this,
      "crl",
      transformed(transform?.crl, {
        backend: this.path,
        expiry: formatDuration(props.crlExpiry ?? "72h"),
        autoRebuild: true,
        autoRebuildGracePeriod: "12h",
        enableDelta: true,
        deltaRebuildInterval: "15m",
      }),
    );
    new PkiSecretBackendConfigAutoTidy(
      this,
      "tidy",
      transformed(transform?.tidy, {
        backend: this.path,
        enabled: true,
        tidyCertStore: true,
        tidyRevokedCerts: true,
        tidyRevokedCertIssuerAssociations: true,
        intervalDuration: String(parseDuration(props.tidyInterval ?? "12h", "s")),
        safetyBuffer: String(parseDuration(props.tidySafetyBuffer ?? "72h", "s")),
      }),
    );
    for (const [name, role] of Object.entries(props.roles ?? {})) {
      this.role(name, role, role.issuer === undefined ? undefined : roots[role.issuer]?.issuerId, transform);
    }
  }

  private urls(vaultAddress: string, transform?: CertificateAuthorityTransform): PkiSecretBackendConfigUrls {
    const at = `${vaultAddress}/v1/${this.path}`;
    const cluster = new PkiSecretBackendConfigCluster(
      this,
      "cluster",
      transformed(transform?.cluster, { backend: this.path, path: at, aiaPath: at }),
    );
    const urls = new PkiSecretBackendConfigUrls(
      this,
      "urls",
      transformed(transform?.urls, {
        backend: this.path,
        enableTemplating: true,
        issuingCertificates: ["{{cluster_aia_path}}/issuer/{{issuer_id}}/der"],
        crlDistributionPoints: ["{{cluster_aia_path}}/issuer/{{issuer_id}}/crl/der"],
        ocspServers: ["{{cluster_path}}/ocsp"],
      }),
    );
    // Vault judges a template by what it stands for.
    urls.node.addDependency(cluster);
    return urls;
  }

  private issuer(
    name: string,
    { commonName, lifetime = DEFAULT_LIFETIME, keyType = "ec", keyBits = ISSUER_BITS[keyType] }: CertificateIssuer,
    urls: PkiSecretBackendConfigUrls,
    transform?: CertificateAuthorityTransform,
  ): PkiSecretBackendRootCert {
    const issuer = new PkiSecretBackendRootCert(
      this,
      `issuer-${name}`,
      transformed(transform?.issuer, {
        backend: this.path,
        type: "internal",
        issuerName: name,
        commonName: hcl.text(commonName),
        ttl: String(parseDuration(lifetime, "s")),
        keyType,
        ...(keyBits === undefined ? {} : { keyBits }),
      }),
    );
    issuer.node.addDependency(urls);
    return issuer;
  }

  private role(
    name: string,
    role: CertificateRole,
    issuerRef: string | undefined,
    transform?: CertificateAuthorityTransform,
  ): void {
    const { keyType = "ec", keyBits = LEAF_BITS[keyType] } = role;
    new PkiSecretBackendRole(
      this,
      `role-${name}`,
      transformed(transform?.role, {
        backend: this.path,
        name,
        ...(issuerRef === undefined ? {} : { issuerRef }),
        allowedDomains: [...(role.allowedDomains ?? [])],
        allowBareDomains: role.allowBareDomains ?? true,
        allowSubdomains: role.allowSubdomains ?? false,
        allowLocalhost: role.allowLocalhost ?? false,
        allowIpSans: role.allowIpSans ?? false,
        serverFlag: role.serverFlag ?? true,
        clientFlag: role.clientFlag ?? false,
        keyType,
        ...(keyBits === undefined ? {} : { keyBits }),
        ttl: String(parseDuration(role.ttl ?? "72h", "s")),
        maxTtl: String(parseDuration(role.maxTtl ?? "720h", "s")),
        noStore: role.noStore ?? false,
      }),
    );
  }
}

/** The issuer that signs: the one that is named, or the only one. */
export function defaultIssuerOf({
  issuers,
  defaultIssuer = Object.keys(issuers)[0] ?? "",
}: Pick<CertificateAuthorityProps, "issuers" | "defaultIssuer">): string {
  return defaultIssuer;
}

export function checkAuthority(check: PropsCheck, props: CertificateAuthorityProps): void {
  const { issuers, defaultIssuer, roles = {} } = props;
  checkNames(check, "issuers", issuers);
  checkNames(check, "roles", roles);
  const known = Object.keys(issuers);
  const among = known.map((name) => `"${name}"`).join(", ");
  if (known.length === 0) {
    const fix = 'write { "1": { commonName: "Acme issuing CA" } }';
    check.add({ property: "issuers", given: issuers, allowed: "one issuer or more", fix });
  } else if (defaultIssuer === undefined ? known.length > 1 : !known.includes(defaultIssuer)) {
    check.add({ property: "defaultIssuer", given: defaultIssuer, allowed: `one of ${among}`, fix: "say which signs" });
  }
  for (const [name, issuer] of Object.entries(issuers)) {
    // Vault keeps it for itself: https://developer.hashicorp.com/vault/api-docs/secret/pki#issuer_name
    if (name === "default") {
      const allowed = "a name that does not mean whichever is the default";
      check.add({ property: `issuers["default"]`, given: name, allowed, fix: 'use "1", or the year' });
    }
    check.required(`issuers["${name}"].commonName`, issuer.commonName, text);
    check.optional(`issuers["${name}"].lifetime`, issuer.lifetime, duration({ min: "30d", unit: "s" }));
    checkKey(check, `issuers["${name}"]`, issuer);
  }
  const longest = issuers[defaultIssuerOf(props)]?.lifetime ?? "3650d";
  for (const [name, role] of Object.entries(roles)) {
    const at = `roles["${name}"]`;
    checkKey(check, at, role);
    checkLifetimes(check, `${at}.`, role.ttl ?? "72h", role.maxTtl ?? "720h");
    if (seconds.accepts(role.maxTtl ?? "720h") && seconds.accepts(longest)) {
      if (parseDuration(role.maxTtl ?? "720h", "s") > parseDuration(longest, "s")) {
        const allowed = `no longer than the issuer lives, ${longest}`;
        check.add({ property: `${at}.maxTtl`, given: role.maxTtl, allowed, fix: "shorten it" });
      }
    }
    if (role.issuer !== undefined && !known.includes(role.issuer)) {
      check.add({
        property: `${at}.issuer`,
        given: role.issuer,
        allowed: `one of ${among}`,
        fix: "remove it, or name one",
      });
    }
    for (const [index, domain] of (role.allowedDomains ?? []).entries()) {
      const rule = matching(/[a-z0-9._-]+/i, "a domain without wildcards", 'write "example.com" and allowSubdomains');
      check.required(`${at}.allowedDomains[${index}]`, domain, rule);
    }
  }
  check.optional("crlExpiry", props.crlExpiry, duration({ min: "24h", unit: "s" }));
  check.optional("tidyInterval", props.tidyInterval, seconds);
  check.optional("tidySafetyBuffer", props.tidySafetyBuffer, seconds);
}

function checkKey(
  check: PropsCheck,
  at: string,
  { keyType = "ec", keyBits }: { keyType?: string; keyBits?: number },
): void {
  if (!check.required(`${at}.keyType`, keyType, oneOf(["ec", "rsa", "ed25519"]))) return;
  if (keyType === "ec") check.optional(`${at}.keyBits`, keyBits, oneOf([256, 384, 521]));
  else if (keyType === "rsa") check.optional(`${at}.keyBits`, keyBits, oneOf([3072, 4096, 8192]));
  else if (keyBits !== undefined) {
    const allowed = "no size: keys of Ed25519 have one";
    check.add({ property: `${at}.keyBits`, given: keyBits, allowed, fix: "remove it" });
  }
}
