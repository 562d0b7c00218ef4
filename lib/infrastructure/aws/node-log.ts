import { CloudwatchLogGroup, type CloudwatchLogGroupConfig } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { type Transform, transformed } from "../../layer/transform";
import { logGroupPrefix } from "./names";
import type { AwsNodeRole } from "./node-role";
import { type AwsPlace, regionalArn } from "./place";
import { checkPlace } from "./place-check";
import { kmsKeyArn } from "./rules";

export interface AwsNodeLogProps extends AwsPlace {
  /** ARN of the key that encrypts it: the environment's data key. */
  readonly kmsKeyArn: string;
  /** Roles of all nodes: each writes, none reads. */
  readonly roles: readonly AwsNodeRole[];
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: { readonly logGroup?: Transform<CloudwatchLogGroupConfig> };
}

/**
 * What first boot, snapshots and leaving say on the nodes, also when a boot fails and nothing else of the node can be
 * reached: a log group in CloudWatch with a stream for each machine (`main/i-0123456789abcdef0`). It is kept for a year
 * (CKV_AWS_338).
 *
 * The roles get what they need, but for given ones.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsNodeLog extends Construct {
  readonly logGroupName: string;

  constructor(scope: Construct, id: string, props: AwsNodeLogProps) {
    const check = new PropsCheck("AwsNodeLog", scope, id);
    checkPlace(check, props);
    check.required("kmsKeyArn", props.kmsKeyArn, kmsKeyArn);
    check.done();
    super(scope, id);
    const name = `${logGroupPrefix(props.environment)}nodes`;
    const logGroup = new CloudwatchLogGroup(
      this,
      "Default",
      transformed(props.transform?.logGroup, { name, kmsKeyId: props.kmsKeyArn, retentionInDays: 365 }),
    );
    this.logGroupName = logGroup.name;
    for (const role of props.roles) {
      role.allow("log", [
        {
          sid: "SayWhatItDoes",
          actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
          resources: [regionalArn(props, "logs", `log-group:${name}:*`)],
        },
      ]);
    }
  }
}
