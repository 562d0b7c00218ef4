import { Mount, type MountConfig } from "@cdktf/provider-vault/lib/mount";
import {
  TransitSecretBackendKey,
  type TransitSecretBackendKeyConfig,
} from "@cdktf/provider-vault/lib/transit-secret-backend-key";
import { Construct } from "constructs";
import { PropsCheck } from "../../../core/errors";
import { oneOf } from "../../../core/rules";
import { duration, parseDuration } from "../../../core/values";
import { protect } from "../../../layer/protection";
import { type Transform, transformed } from "../../../layer/transform";
import { checkNames, version } from "./rules";

/** A key that encrypts or signs for applications. It never leaves Vault. */
export interface TransitKey {
  /** @default "aes256-gcm96" */
  readonly type?: (typeof transitKeyTypes)[number];
  /** After how long Vault adds a version, with which it encrypts from then on. @default "90d" */
  readonly rotationPeriod?: string;
  /** Whether each use names a context that the key is derived from: a customer, a table. @default false */
  readonly derived?: boolean;
  /** Whether one text is always encrypted to the same, so that it can be searched for. Needs `derived`. @default false */
  readonly convergentEncryption?: boolean;
  /** The oldest version that may still decrypt. @default - the first */
  readonly minDecryptionVersion?: number;
  /** Whether it may be deleted, with all that it encrypted. First allow it, then remove the key. @default false */
  readonly deletionAllowed?: boolean;
}

export interface TransitEngineProps {
  /** By name. */
  readonly keys: Readonly<Record<string, TransitKey>>;
  /** @default - none */
  readonly description?: string;
  /** @default - none */
  readonly transform?: {
    readonly mount?: Transform<MountConfig>;
    readonly key?: Transform<TransitSecretBackendKeyConfig>;
  };
}

/**
 * Encryption as a service: applications send what is to be encrypted, and hold no key.
 *
 * @throws InvalidPropsError for wrong props
 */
export class TransitEngine extends Construct {
  readonly path: string;

  constructor(scope: Construct, id: string, { path, ...props }: TransitEngineProps & { readonly path: string }) {
    super(scope, id);
    const check = new PropsCheck("TransitEngine", scope, id);
    checkTransit(check, props);
    check.done();
    const { keys, description = "Encryption for applications", transform } = props;
    const mount = new Mount(this, "Default", transformed(transform?.mount, { path, type: "transit", description }));
    protect(mount);
    this.path = mount.path;
    for (const [name, key] of Object.entries(keys)) {
      const made = new TransitSecretBackendKey(
        this,
        `key-${name}`,
        transformed(transform?.key, {
          backend: this.path,
          name,
          type: key.type ?? "aes256-gcm96",
          autoRotatePeriod: parseDuration(key.rotationPeriod ?? "90d", "s"),
          derived: key.derived ?? false,
          convergentEncryption: key.convergentEncryption ?? false,
          exportable: false,
          allowPlaintextBackup: false,
          deletionAllowed: key.deletionAllowed ?? false,
          ...(key.minDecryptionVersion === undefined ? {} : { minDecryptionVersion: key.minDecryptionVersion }),
        }),
      );
      if (!key.deletionAllowed) protect(made);
    }
  }
}

/** Kinds of keys: for encryption, for signatures, for both. https://developer.hashicorp.com/vault/docs/secrets/transit#key-types */
export const transitKeyTypes = [
  "aes128-gcm96",
  "aes256-gcm96",
  "chacha20-poly1305",
  "ed25519",
  "ecdsa-p256",
  "ecdsa-p384",
  "ecdsa-p521",
  "rsa-2048",
  "rsa-3072",
  "rsa-4096",
] as const;

export function checkTransit(check: PropsCheck, { keys }: TransitEngineProps): void {
  checkNames(check, "keys", keys);
  for (const [name, key] of Object.entries(keys)) {
    const at = `keys["${name}"]`;
    check.optional(`${at}.type`, key.type, oneOf(transitKeyTypes));
    // Vault's own lower bound.
    check.optional(`${at}.rotationPeriod`, key.rotationPeriod, duration({ min: "1h", unit: "s" }));
    check.optional(`${at}.minDecryptionVersion`, key.minDecryptionVersion, version);
    if (key.convergentEncryption && !key.derived) {
      const allowed = "convergent encryption with a derived key only";
      check.add({ property: `${at}.convergentEncryption`, given: true, allowed, fix: "set derived: true" });
    }
    if (key.derived && !/^(aes|chacha|ed25519)/.test(key.type ?? "aes256-gcm96")) {
      const allowed = "a derived key of AES, ChaCha20 or Ed25519";
      check.add({ property: `${at}.derived`, given: key.type, allowed, fix: "choose another type" });
    }
    if ("exportable" in key) {
      const allowed = "keys that never leave Vault";
      check.add({ property: `${at}.exportable`, given: key.exportable, allowed, fix: "remove it" });
    }
  }
}
