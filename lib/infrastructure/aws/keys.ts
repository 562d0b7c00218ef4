import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { AwsKey, type AwsKeyTransform } from "./key";
import { dataStatements, sealingStatement } from "./key-policy";
import { SEALING_ACTIONS } from "./node-policy";
import type { AwsNodeRole } from "./node-role";
import type { AwsPlace } from "./place";
import { checkPlace } from "./place-check";
import type { PolicyStatement } from "./policy-document";
import { kmsKeyArn, roleArn } from "./rules";

export interface AwsKeysProps extends AwsPlace {
  /** Roles of the nodes that run Vault. */
  readonly vaultRoles: readonly AwsNodeRole[];
  /** Roles of the nodes that run Nomad's servers. */
  readonly nomadRoles: readonly AwsNodeRole[];
  /** ARN of the role by which Auto Scaling starts nodes with encrypted disks. */
  readonly autoScalingRoleArn: string;
  /**
   * ARN of a key that seals Vault. Its own policy must let Vault's roles decrypt, encrypt and describe.
   *
   * @default - one is made
   */
  readonly sealKeyArn?: string;
  /**
   * ARN of a key that encrypts Nomad's keyring. Its own policy must let the roles of Nomad's servers decrypt, encrypt and
   * describe.
   *
   * @default - one is made
   */
  readonly keyringKeyArn?: string;
  /**
   * ARN of a key for disks, buckets, secrets and logs. Its own policy must let the account use it through these
   * services, and Auto Scaling's role use it.
   *
   * @default - one is made
   */
  readonly dataKeyArn?: string;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly seal?: AwsKeyTransform;
    readonly keyring?: AwsKeyTransform;
    readonly data?: AwsKeyTransform;
  };
}

/**
 * The three keys of an environment: the seal key of Vault, the key of Nomad's keyring, and the data key of disks,
 * buckets, secrets and logs. Who loses the seal key loses everything in Vault; who may use it can read Vault's disk.
 *
 * The roles get the right to use the very keys they need, also where a key is given.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsKeys extends Construct {
  readonly sealKeyArn: string;
  readonly keyringKeyArn: string;
  readonly dataKeyArn: string;

  constructor(scope: Construct, id: string, props: AwsKeysProps) {
    const check = new PropsCheck("AwsKeys", scope, id);
    checkPlace(check, props);
    check.optional("sealKeyArn", props.sealKeyArn, kmsKeyArn);
    check.optional("keyringKeyArn", props.keyringKeyArn, kmsKeyArn);
    check.optional("dataKeyArn", props.dataKeyArn, kmsKeyArn);
    check.required("autoScalingRoleArn", props.autoScalingRoleArn, roleArn);
    check.done();
    super(scope, id);

    const { environment, accountId, region, vaultRoles, nomadRoles, transform } = props;
    const make = (purpose: "seal" | "keyring" | "data", description: string, users: readonly PolicyStatement[]) =>
      new AwsKey(this, purpose, {
        environment,
        accountId,
        region,
        purpose,
        description: `${description} of the environment ${environment}`,
        users,
        transform: transform?.[purpose],
      }).arn;

    this.sealKeyArn = props.sealKeyArn ?? make("seal", "Seals Vault", [sealing(vaultRoles)]);
    this.keyringKeyArn = props.keyringKeyArn ?? make("keyring", "Encrypts the keyring of Nomad", [sealing(nomadRoles)]);
    this.dataKeyArn =
      props.dataKeyArn ??
      make("data", "Encrypts disks, buckets, secrets and logs", dataStatements(props, props.autoScalingRoleArn));

    for (const role of vaultRoles) role.allow("seal", [use("UseSealKey", this.sealKeyArn)]);
    for (const role of nomadRoles) role.allow("keyring", [use("UseKeyringKey", this.keyringKeyArn)]);
  }
}

function sealing(roles: readonly AwsNodeRole[]): PolicyStatement {
  return sealingStatement(roles.map((role) => role.roleArn));
}

function use(sid: string, keyArn: string): PolicyStatement {
  return { sid, actions: SEALING_ACTIONS, resources: [keyArn] };
}
