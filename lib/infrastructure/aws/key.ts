import { KmsAlias, type KmsAliasConfig } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey, type KmsKeyConfig } from "@cdktf/provider-aws/lib/kms-key";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { text } from "../../core/rules";
import { protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { administerStatement } from "./key-policy";
import { keyAlias } from "./names";
import type { AwsPlace } from "./place";
import { checkPlace } from "./place-check";
import { type PolicyStatement, policyDocument } from "./policy-document";

export interface AwsKeyProps extends AwsPlace {
  /** One word that becomes the end of its alias, `"seal"`. */
  readonly purpose: string;
  /** What it encrypts, for the person who finds it in the account. */
  readonly description: string;
  /** Who uses it, beside the account's right to administer it. */
  readonly users: readonly PolicyStatement[];
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: AwsKeyTransform;
}

export interface AwsKeyTransform {
  readonly key?: Transform<KmsKeyConfig>;
  readonly alias?: Transform<KmsAliasConfig>;
}

/**
 * The longest wait that AWS offers before a key, and all it encrypted, is lost:
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
 */
const DELETION_WINDOW_DAYS = 30;

/**
 * A symmetric KMS key with its alias: rotated every year, protected from being destroyed, with a policy of its own by
 * which the account administers it and only those named use it.
 *
 * AWS refuses a key policy that names a role which does not exist: give `users` the ARNs of roles as references, not as
 * texts, and Terraform makes the roles first.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsKey extends Construct {
  /** The key itself, not its alias. */
  readonly arn: string;

  constructor(scope: Construct, id: string, props: AwsKeyProps) {
    const check = new PropsCheck("AwsKey", scope, id);
    checkPlace(check, props);
    check.required("purpose", props.purpose, text);
    check.required("description", props.description, text);
    check.done();
    super(scope, id);

    const key = protect(
      new KmsKey(
        this,
        "Default",
        transformed(props.transform?.key, {
          description: props.description,
          enableKeyRotation: true,
          deletionWindowInDays: DELETION_WINDOW_DAYS,
          policy: policyDocument("resource", this.node.path, [administerStatement(props), ...props.users]),
        }),
      ),
    );
    new KmsAlias(
      this,
      "alias",
      transformed(props.transform?.alias, {
        name: keyAlias(props.environment, props.purpose),
        targetKeyId: key.keyId,
      }),
    );
    this.arn = key.arn;
  }
}
