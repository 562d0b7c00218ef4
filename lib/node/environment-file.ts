import { Token } from "cdktf";
import { hcl } from "../core/hcl";
import type { CloudName } from "./cloud/clouds";

/**
 * Everything about a node that is known only after apply, or whose value is nobody's business in a document that is the
 * same everywhere. The order is the file's.
 */
const variables = {
  account: "CARAVAN_ACCOUNT",
  bucket: "CARAVAN_BUCKET",
  bucketKey: "CARAVAN_BUCKET_KEY",
  sealKey: "VAULT_AWSKMS_SEAL_KEY_ID",
  // go-kms-wrapping's own name, read by Nomad. It goes before Vault's, whose unit therefore unsets it. So with the other clouds.
  keyringKey: "AWSKMS_WRAPPER_KEY_ID",
  sealKeyVault: "VAULT_AZUREKEYVAULT_VAULT_NAME",
  sealKeyName: "VAULT_AZUREKEYVAULT_KEY_NAME",
  keyringKeyVault: "AZUREKEYVAULT_WRAPPER_VAULT_NAME",
  keyringKeyName: "AZUREKEYVAULT_WRAPPER_KEY_NAME",
  sealKeyRing: "VAULT_GCPCKMS_SEAL_KEY_RING",
  sealCryptoKey: "VAULT_GCPCKMS_SEAL_CRYPTO_KEY",
  keyringKeyRing: "GCPCKMS_WRAPPER_KEY_RING",
  keyringCryptoKey: "GCPCKMS_WRAPPER_CRYPTO_KEY",
  publicCaSecret: "CARAVAN_SECRET_PUBLIC_CA",
  bootstrapTokensSecret: "CARAVAN_SECRET_BOOTSTRAP_TOKENS",
  recoveryKeysSecret: "CARAVAN_SECRET_RECOVERY_KEYS",
  deployerRoles: "CARAVAN_DEPLOYER_ROLES",
  plannerRoles: "CARAVAN_PLANNER_ROLES",
  nodeRoles: "CARAVAN_NODE_ROLES",
  logGroup: "CARAVAN_LOG_GROUP",
  dataVolume: "CARAVAN_DATA_VOLUME",
} as const;

/** What the environment file may say. */
export type EnvironmentValue = keyof typeof variables;

/** Values of the environment file on every cloud, by what they are. Tokens are welcome. */
interface CommonEnvironmentValues {
  /** The cluster's encrypted bucket: its name, on Azure the address of the container. */
  readonly bucket: string;
  /**
   * The secret that holds the cluster's public CA, for nodes, planner and deployer: an ARN or a name on AWS, on Azure its address
   * (`https://<vault>.vault.azure.net/secrets/public-ca`), on Google Cloud `projects/<project>/secrets/<name>`.
   */
  readonly publicCaSecret: string;
  /** The secret that holds Consul's and Nomad's bootstrap tokens: for the deployer. Written like `publicCaSecret`. */
  readonly bootstrapTokensSecret: string;
  /** The secret that holds Vault's recovery keys: servers write, none reads. Written like `publicCaSecret`. */
  readonly recoveryKeysSecret: string;
  /**
   * Identities of CI that apply: ARNs of roles on AWS, object ids of managed identities on Azure, e-mail addresses of service
   * accounts on Google Cloud.
   */
  readonly deployerRoles: readonly string[];
  /** Identities of CI that plan. Written like `deployerRoles`. */
  readonly plannerRoles: readonly string[];
  /** Identity of each group, by `nodeRoleName` and written like `deployerRoles`: `{ "server-main": "arn:...", ... }`. */
  readonly nodeRoles: Readonly<Record<string, string>>;
  /**
   * Where what this library's units say on the nodes is kept (first boot's steps, leaving, snapshots): name of the log group on AWS,
   * on Azure the address of a data collection rule's stream, on Google Cloud `projects/<project>/logs/<name>`.
   */
  readonly logGroup: string;
  /**
   * Id of the volume for the data of a lone server, which outlives its machines: whichever of them runs attaches it.
   *
   * @default - the cloud attaches a new volume to each machine, if any
   */
  readonly dataVolume?: string;
}

export interface AwsEnvironmentValues extends CommonEnvironmentValues {
  /** Number of the AWS account. */
  readonly account: string;
  /** ARN of the KMS key that encrypts the bucket's objects. */
  readonly bucketKey: string;
  /** ARN or id of the KMS key that unseals Vault. */
  readonly sealKey: string;
  /** ARN or id of the KMS key that wraps Nomad's keyring. */
  readonly keyringKey: string;
}

export interface AzureEnvironmentValues extends CommonEnvironmentValues {
  /** Name of the Key Vault with the key that unseals Vault. */
  readonly sealKeyVault: string;
  /** Name of that key. */
  readonly sealKeyName: string;
  /** Name of the Key Vault with the key that wraps Nomad's keyring. */
  readonly keyringKeyVault: string;
  /** Name of that key. */
  readonly keyringKeyName: string;
}

export interface GcpEnvironmentValues extends CommonEnvironmentValues {
  /** Name of the key ring, in the cluster's region, of the key that unseals Vault. */
  readonly sealKeyRing: string;
  /** Name of that key. */
  readonly sealCryptoKey: string;
  /** Name of the key ring of the key that wraps Nomad's keyring. */
  readonly keyringKeyRing: string;
  /** Name of that key. */
  readonly keyringCryptoKey: string;
}

/** Values of the environment file, by what they are. Tokens are welcome. */
export type EnvironmentValues = AwsEnvironmentValues | AzureEnvironmentValues | GcpEnvironmentValues;

/** The names under which Vault and Nomad read the ids of their keys. */
export const keyVariables: Readonly<Record<CloudName, { readonly seal: string; readonly keyring: string }>> = {
  aws: { seal: variables.sealKey, keyring: variables.keyringKey },
  azure: {
    seal: `${variables.sealKeyVault} ${variables.sealKeyName}`,
    keyring: `${variables.keyringKeyVault} ${variables.keyringKeyName}`,
  },
  gcp: {
    seal: `${variables.sealKeyRing} ${variables.sealCryptoKey}`,
    keyring: `${variables.keyringKeyRing} ${variables.keyringCryptoKey}`,
  },
};

/**
 * The environment file: one `NAME="value"` a line, for systemd (`EnvironmentFile=`) and for bash (`source`) alike. Lists and maps
 * stand in it as JSON.
 *
 * Whatever a value holds arrives as it is. What Terraform knows only later is quoted by Terraform, by the same rule. Control
 * characters but newline and tab cannot be had: systemd drops a variable with one.
 */
export function environmentFile(values: EnvironmentValues): string {
  const given: Partial<Record<EnvironmentValue, string | readonly string[] | Readonly<Record<string, string>>>> =
    values;
  return (Object.keys(variables) as EnvironmentValue[])
    .flatMap((name) => {
      const value = given[name];
      if (value === undefined) return [];
      return `${variables[name]}="${escaped(typeof value === "string" ? value : json(value))}"\n`;
    })
    .join("");
}

/** Name of a value in the environment file, for scripts and tests. */
export function environmentVariable(name: EnvironmentValue): string {
  return variables[name];
}

/** Inside double quotes, bash and systemd both take a backslash before these four, and before nothing else, as an escape. */
function escaped(value: string): string {
  if (!Token.isUnresolved(value)) return value.replace(/[\\"$`]/g, "\\$&");
  return hcl.callString("replace", value, '/([\\\\"$`])/', "\\$1");
}

function json(value: readonly string[] | Readonly<Record<string, string>>): string {
  const sorted = Array.isArray(value) ? value : Object.fromEntries(Object.entries(value).sort(byName));
  return containsToken(value) ? hcl.callString("jsonencode", sorted) : JSON.stringify(sorted);
}

function containsToken(value: readonly string[] | Readonly<Record<string, string>>): boolean {
  return Token.isUnresolved(value) || Object.values(value).some((entry) => Token.isUnresolved(entry));
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
