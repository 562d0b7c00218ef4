import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";

const ID = "aws-account";

/**
 * The account that Terraform acts in, and the partition (commercial, China, GovCloud) that ARNs begin with; read at
 * plan, once a stack.
 */
export class AwsAccount extends Construct {
  /** The one of the stack around a construct. */
  static of(scope: Construct): AwsAccount {
    const stack = TerraformStack.of(scope);
    const existing = stack.node.tryFindChild(ID);
    return existing === undefined ? new AwsAccount(stack) : (existing as AwsAccount);
  }

  /** The account's 12 digits. */
  readonly id: string;
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string;

  private constructor(stack: TerraformStack) {
    super(stack, ID);
    this.id = new DataAwsCallerIdentity(this, "identity").accountId;
    this.partition = new DataAwsPartition(this, "partition").partition;
  }
}
