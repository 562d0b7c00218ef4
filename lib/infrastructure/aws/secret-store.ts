import { SecretsmanagerSecret, type SecretsmanagerSecretConfig } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import {
  SecretsmanagerSecretPolicy,
  type SecretsmanagerSecretPolicyConfig,
} from "@cdktf/provider-aws/lib/secretsmanager-secret-policy";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { integer } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";
import type { ClusterSecret } from "../cluster-objects";
import { secretNamePrefix } from "./names";
import type { AwsNodeRole } from "./node-role";
import { type AwsPlace, regionalService } from "./place";
import { checkPlace } from "./place-check";
import { type PolicyStatement, policyDocument } from "./policy-document";
import { kmsKeyArn, roleArn } from "./rules";

export interface AwsSecretStoreProps extends AwsPlace {
  /** ARN of the key that encrypts them: the environment's data key. */
  readonly kmsKeyArn: string;
  /** Roles of the servers: they write all three, and read the public CA only. */
  readonly servers: readonly AwsNodeRole[];
  /** Roles of the workers: they read the public CA only. */
  readonly workers: readonly AwsNodeRole[];
  /** ARN of the role that applies: it alone reads the bootstrap tokens. */
  readonly deployerRoleArn: string;
  /** ARN of the role that plans: it reads the public CA only. */
  readonly plannerRoleArn: string;
  /**
   * How many days a deleted secret can be brought back, 7 to 30: what Secrets Manager offers.
   *
   * @default 30
   */
  readonly recoveryWindowDays?: number;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    /** Laid on each of the secrets. */
    readonly secret?: Transform<SecretsmanagerSecretConfig>;
    /** Laid on the policy of each. */
    readonly policy?: Transform<SecretsmanagerSecretPolicyConfig>;
  };
}

const HOLDS: Readonly<Record<ClusterSecret, string>> = {
  "public-ca": "Certificates of the cluster's own CA, which nodes and CI trust",
  bootstrap: "Bootstrap tokens of Consul and Nomad, for the first apply of the platform",
  "recovery-keys": "Recovery keys of Vault, for the people who would restore it",
};

/** Reading many at once asks for this right to each. */
const READ = ["secretsmanager:GetSecretValue"] as const;

/**
 * The secrets that a cluster hands out, one an audience: containers that Terraform owns and never looks into. The servers fill
 * them at first boot.
 *
 * Each has a policy that denies those it is not for, whatever their own policies allow: recovery keys to every node and to
 * CI, bootstrap tokens to all but the deployer. The roles of nodes get what they need, but for given ones; what deployer and
 * planner need, `AwsStateStack` gives them.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsSecretStore extends Construct {
  readonly publicCaSecretArn: string;
  readonly bootstrapSecretArn: string;
  readonly recoveryKeysSecretArn: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AwsSecretStoreProps,
  ) {
    const check = new PropsCheck("AwsSecretStore", scope, id);
    checkPlace(check, props);
    check.required("kmsKeyArn", props.kmsKeyArn, kmsKeyArn);
    check.required("deployerRoleArn", props.deployerRoleArn, roleArn);
    check.required("plannerRoleArn", props.plannerRoleArn, roleArn);
    check.optional("recoveryWindowDays", props.recoveryWindowDays, integer(7, 30, "days"));
    check.done();
    super(scope, id);
    const { servers, workers, deployerRoleArn, plannerRoleArn } = props;
    const nodes = [...servers, ...workers].map((role) => role.roleArn);
    const isNone = (roleArns: readonly string[]) => ({ ArnNotEquals: { "aws:PrincipalArn": roleArns } });
    const isOne = (roleArns: readonly string[]) => ({ ArnEquals: { "aws:PrincipalArn": roleArns } });

    this.publicCaSecretArn = this.add("public-ca", [
      this.deny("OnlyServersWrite", ["secretsmanager:PutSecretValue"], isNone(servers.map((role) => role.roleArn))),
    ]);
    this.bootstrapSecretArn = this.add("bootstrap", [this.deny("OnlyDeployerReads", READ, isNone([deployerRoleArn]))]);
    this.recoveryKeysSecretArn = this.add("recovery-keys", [
      this.deny("NeitherNodesNorCiRead", READ, isOne([...nodes, deployerRoleArn, plannerRoleArn])),
    ]);

    const all = [this.publicCaSecretArn, this.bootstrapSecretArn, this.recoveryKeysSecretArn];
    for (const role of servers) role.allow("secrets", [...this.read(), ...this.write(all)]);
    for (const role of workers) role.allow("secrets", this.read());
  }

  private add(secret: ClusterSecret, statements: readonly PolicyStatement[]): string {
    const { environment, recoveryWindowDays = 30, transform } = this.props;
    const { arn } = new SecretsmanagerSecret(
      this,
      secret,
      transformed(transform?.secret, {
        namePrefix: secretNamePrefix(environment, secret),
        description: HOLDS[secret],
        kmsKeyId: this.props.kmsKeyArn,
        recoveryWindowInDays: recoveryWindowDays,
      }),
    );
    new SecretsmanagerSecretPolicy(
      this,
      `${secret}-policy`,
      transformed(transform?.policy, {
        secretArn: arn,
        blockPublicPolicy: true,
        policy: policyDocument("resource", `${this.node.path}/${secret}-policy`, statements),
      }),
    );
    return arn;
  }

  private deny(
    sid: string,
    actions: readonly string[],
    conditions: NonNullable<PolicyStatement["conditions"]>,
  ): PolicyStatement {
    // In a secret's own policy "*" is the secret.
    return { sid, effect: "Deny", principals: { aws: ["*"] }, actions, resources: ["*"], conditions };
  }

  private read(): PolicyStatement[] {
    return [
      { sid: "ReadPublicCa", actions: ["secretsmanager:GetSecretValue"], resources: [this.publicCaSecretArn] },
      this.useKey("DecryptPublicCa", ["kms:Decrypt"], [this.publicCaSecretArn]),
    ];
  }

  private write(secretArns: readonly string[]): PolicyStatement[] {
    return [
      { sid: "WriteSecrets", actions: ["secretsmanager:PutSecretValue"], resources: secretArns },
      // Secrets Manager also decrypts when it writes: it compares with the version that is there.
      this.useKey("EncryptSecrets", ["kms:Decrypt", "kms:GenerateDataKey"], secretArns),
    ];
  }

  private useKey(sid: string, actions: readonly string[], secretArns: readonly string[]): PolicyStatement {
    return {
      sid,
      actions,
      resources: [this.props.kmsKeyArn],
      conditions: {
        StringEquals: {
          "kms:ViaService": regionalService("secretsmanager", this.props),
          "kms:EncryptionContext:SecretARN": secretArns,
        },
      },
    };
  }
}
