import { KmsKeyRing, type KmsKeyRingConfig } from "@cdktf/provider-google/lib/kms-key-ring";
import { Construct } from "constructs";
import { PropsCheck, rule } from "../../core/errors";
import { matching } from "../../core/rules";
import { protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { customRoleName } from "./custom-roles";
import { GcpKey, type GcpKeyTransform } from "./key";
import { keyRingName } from "./names";
import type { GcpNodeAccount } from "./node-account";
import type { GcpPlace } from "./place";
import { checkPlace } from "./place-check";
import { cryptoKeyName } from "./rules";
import { type GcpEncryptingService, GcpServiceAgents } from "./service-agents";

/** Keys that exist, by their full names: `projects/<project>/locations/<region>/keyRings/<ring>/cryptoKeys/<key>`. */
export interface GcpGivenKeys {
  /**
   * The key that seals Vault, in the environment's project and region. Its owner lets the accounts of Vault's servers encrypt,
   * decrypt and see it.
   *
   * @default - one is made
   */
  readonly sealKeyName?: string;
  /**
   * The key that encrypts Nomad's keyring, in the environment's project and region. Its owner lets the accounts of Nomad's
   * servers encrypt, decrypt and see it.
   *
   * @default - one is made
   */
  readonly keyringKeyName?: string;
  /**
   * The key of disks, buckets, secrets and logs, in the environment's region. Its owner lets the service agents of Compute
   * Engine, Cloud Storage, Secret Manager and Cloud Logging encrypt and decrypt with it.
   *
   * @default - one is made
   */
  readonly dataKeyName?: string;
  /**
   * Name of the key ring that is made. A ring and its keys cannot be deleted: an environment that was torn down and is made
   * anew needs another.
   *
   * @default "caravan-<environment>-keys"
   */
  readonly keyRingName?: string;
}

export interface GcpKeysProps extends GcpPlace, GcpGivenKeys {
  /** Accounts of the nodes that run Vault, by their groups. */
  readonly vaultAccounts: Readonly<Record<string, GcpNodeAccount>>;
  /** Accounts of the nodes that run Nomad's servers, by their groups. */
  readonly nomadAccounts: Readonly<Record<string, GcpNodeAccount>>;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly keyRing?: Transform<KmsKeyRingConfig>;
    readonly seal?: GcpKeyTransform;
    readonly keyring?: GcpKeyTransform;
    readonly data?: GcpKeyTransform;
  };
}

/** A key as Vault and Nomad are told it. */
export interface GcpKeyReference {
  /** Name of the ring, in the environment's region. */
  readonly keyRing: string;
  readonly cryptoKey: string;
}

/** How Google's own services use a key. */
const ENCRYPTS = "roles/cloudkms.cryptoKeyEncrypterDecrypter";

const SERVICES: readonly GcpEncryptingService[] = ["compute", "storage", "secretManager", "logging"];

/** Name of a key ring, without its place. */
export const keyRingShortName = matching(
  /[\w-]{1,63}/,
  "1 to 63 letters, digits, hyphens and underscores",
  'use "caravan-prod-2"',
);

/** Checks keys that exist. */
export function checkGivenKeys(check: PropsCheck, place: GcpPlace, keys: GcpGivenKeys): void {
  const at = `projects/${place.project}/locations/${place.region}/`;
  const here = rule<string>({
    allowed: `${cryptoKeyName.allowed}, below ${at}`,
    fix: "Vault and Nomad look for their keys in their own project and region; give one that is there",
    accepts: (value) => cryptoKeyName.accepts(value) && value.startsWith(at),
  });
  for (const key of ["sealKeyName", "keyringKeyName"] as const) {
    if (check.optional(key, keys[key], cryptoKeyName)) check.required(key, keys[key], here);
  }
  if (check.optional("dataKeyName", keys.dataKeyName, cryptoKeyName)) {
    const inRegion = rule<string>({
      allowed: `a key of Cloud KMS in ${place.region}, where what it encrypts is`,
      fix: "give a key of that region; one of another, or a global one, encrypts nothing there",
      accepts: (value) => String(value).includes(`/locations/${place.region}/`),
    });
    check.required("dataKeyName", keys.dataKeyName, inRegion);
  }
  check.optional("keyRingName", keys.keyRingName, keyRingShortName);
}

/**
 * The three keys of an environment in a ring of its region: the seal key of Vault, the key of Nomad's keyring, and the data key
 * of disks, buckets, secrets and logs. Who loses the seal key loses everything in Vault; who may use it can read Vault's disk.
 *
 * Each is used by those who need it only: seal and keyring key by the accounts of the servers that seal with them, the data key
 * by Google's own services.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpKeys extends Construct {
  readonly sealKeyName: string;
  readonly keyringKeyName: string;
  readonly dataKeyName: string;
  readonly seal: GcpKeyReference;
  readonly keyring: GcpKeyReference;

  constructor(scope: Construct, id: string, props: GcpKeysProps) {
    const check = new PropsCheck("GcpKeys", scope, id);
    checkPlace(check, props);
    checkGivenKeys(check, props, props);
    check.done();
    super(scope, id);
    const { project, region, transform } = props;
    const made = [props.sealKeyName, props.keyringKeyName, props.dataKeyName].includes(undefined);
    const ring = made
      ? protect(
          new KmsKeyRing(
            this,
            "key-ring",
            transformed(transform?.keyRing, {
              project,
              location: region,
              name: props.keyRingName ?? keyRingName(props.environment),
            }),
          ),
        )
      : undefined;
    const make = (purpose: "seal" | "keyring" | "data", role: string, users: Readonly<Record<string, string>>) =>
      new GcpKey(this, purpose, { keyRingId: ring?.id ?? "", purpose, role, users, transform: transform?.[purpose] });
    const sealing = (purpose: "seal" | "keyring", accounts: Readonly<Record<string, GcpNodeAccount>>) => {
      const given = props[`${purpose}KeyName`];
      if (given !== undefined) return { keyName: given, reference: referenceOf(given) };
      const key = make(purpose, customRoleName(props, "seal"), members(accounts));
      return { keyName: key.keyName, reference: { keyRing: ring?.name ?? "", cryptoKey: key.shortName } };
    };
    const seal = sealing("seal", props.vaultAccounts);
    const keyring = sealing("keyring", props.nomadAccounts);
    this.sealKeyName = seal.keyName;
    this.seal = seal.reference;
    this.keyringKeyName = keyring.keyName;
    this.keyring = keyring.reference;
    this.dataKeyName = props.dataKeyName ?? make("data", ENCRYPTS, this.services(props)).keyName;
  }

  private services(place: GcpPlace): Record<string, string> {
    const agents = new GcpServiceAgents(this, "service-agents", place);
    return Object.fromEntries(SERVICES.map((service) => [service, agents.member(service)]));
  }
}

function members(accounts: Readonly<Record<string, GcpNodeAccount>>): Record<string, string> {
  return Object.fromEntries(Object.entries(accounts).map(([group, { member }]) => [group, member]));
}

/** Ring and key of a full name. */
function referenceOf(keyName: string): GcpKeyReference {
  const parts = keyName.split("/");
  return { keyRing: parts[5] ?? "", cryptoKey: parts[7] ?? "" };
}
