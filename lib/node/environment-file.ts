import { Token } from "cdktf";
import { hcl } from "../core/hcl";

/**
 * Everything about a node that is known only after apply, or whose value is nobody's business in a document that is the
 * same everywhere. The order is the file's.
 */
const variables = {
  account: "CARAVAN_ACCOUNT",
  bucket: "CARAVAN_BUCKET",
  bucketKey: "CARAVAN_BUCKET_KEY",
  sealKey: "VAULT_AWSKMS_SEAL_KEY_ID",
  // go-kms-wrapping's own name, read by Nomad. It goes before Vault's, whose unit therefore unsets it.
  keyringKey: "AWSKMS_WRAPPER_KEY_ID",
  publicCaSecret: "CARAVAN_SECRET_PUBLIC_CA",
  bootstrapTokensSecret: "CARAVAN_SECRET_BOOTSTRAP_TOKENS",
  recoveryKeysSecret: "CARAVAN_SECRET_RECOVERY_KEYS",
  deployerRoles: "CARAVAN_DEPLOYER_ROLES",
  plannerRoles: "CARAVAN_PLANNER_ROLES",
  nodeRoles: "CARAVAN_NODE_ROLES",
  logGroup: "CARAVAN_LOG_GROUP",
  dataVolume: "CARAVAN_DATA_VOLUME",
} as const;

/** Values of the environment file, by what they are. Tokens are welcome. */
export interface EnvironmentValues {
  /** Number of the AWS account. */
  readonly account: string;
  /** Name of the cluster's encrypted bucket. */
  readonly bucket: string;
  /** ARN of the KMS key that encrypts the bucket's objects. */
  readonly bucketKey: string;
  /** ARN or id of the KMS key that unseals Vault. */
  readonly sealKey: string;
  /** ARN or id of the KMS key that wraps Nomad's keyring. */
  readonly keyringKey: string;
  /** ARN or name of the secret that holds the cluster's public CA: for nodes, planner and deployer. */
  readonly publicCaSecret: string;
  /** ARN or name of the secret that holds Consul's and Nomad's bootstrap tokens: for the deployer. */
  readonly bootstrapTokensSecret: string;
  /** ARN or name of the secret that holds Vault's recovery keys: servers write, none reads. */
  readonly recoveryKeysSecret: string;
  /** ARNs of CI's roles that apply. */
  readonly deployerRoles: readonly string[];
  /** ARNs of CI's roles that plan. */
  readonly plannerRoles: readonly string[];
  /** ARN of the IAM role of each group, by `nodeRoleName`: `{ "server-main": "arn:...", "worker-general": "arn:..." }`. */
  readonly nodeRoles: Readonly<Record<string, string>>;
  /** Name of the log group that takes what this library's units say on the nodes: first boot's steps, leaving, snapshots. */
  readonly logGroup: string;
  /**
   * Id of the volume for the data of a lone server, which outlives its machines: whichever of them runs attaches it.
   *
   * @default - the cloud attaches a new volume to each machine, if any
   */
  readonly dataVolume?: string;
}

/**
 * The environment file: one `NAME="value"` a line, for systemd (`EnvironmentFile=`) and for bash (`source`) alike. Lists and maps
 * stand in it as JSON.
 *
 * Whatever a value holds arrives as it is. What Terraform knows only later is quoted by Terraform, by the same rule. Control
 * characters but newline and tab cannot be had: systemd drops a variable with one.
 */
export function environmentFile(values: EnvironmentValues): string {
  return (Object.keys(variables) as (keyof typeof variables)[])
    .flatMap((name) => {
      const value = values[name];
      if (value === undefined) return [];
      return `${variables[name]}="${escaped(typeof value === "string" ? value : json(value))}"\n`;
    })
    .join("");
}

/** Name of a value in the environment file, for scripts and tests. */
export function environmentVariable(name: keyof EnvironmentValues): string {
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
