import { CloudwatchLogGroup, type CloudwatchLogGroupConfig } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { FlowLog, type FlowLogConfig } from "@cdktf/provider-aws/lib/flow-log";
import { IamRole, type IamRoleConfig } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy, type IamRolePolicyConfig } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Construct } from "constructs";
import { type Transform, transformed } from "../../layer/transform";
import { iamPath, logGroupPrefix, roleName } from "./names";
import { type AwsPlace, regionalArn } from "./place";
import { type PolicyStatement, policyDocument } from "./policy-document";

export interface AwsFlowLogTransform {
  readonly flowLog?: Transform<FlowLogConfig>;
  readonly flowLogGroup?: Transform<CloudwatchLogGroupConfig>;
  readonly flowLogRole?: Transform<IamRoleConfig>;
  readonly flowLogRolePolicy?: Transform<IamRolePolicyConfig>;
}

export interface AwsFlowLogProps extends AwsPlace {
  readonly vpcId: string;
  /** ARN of the key that encrypts the log group. */
  readonly kmsKeyArn: string;
  readonly retentionDays: number;
  readonly permissionsBoundaryArn?: string;
  readonly transform?: AwsFlowLogTransform;
}

/** Who talked to whom in a VPC, accepted and refused, in a CloudWatch log group (CIS AWS v5.0 3.7, Trivy AWS-0178). */
export class AwsFlowLog extends Construct {
  constructor(scope: Construct, id: string, props: AwsFlowLogProps) {
    super(scope, id);
    const { transform, environment } = props;
    const logGroup = new CloudwatchLogGroup(
      this,
      "log-group",
      transformed(transform?.flowLogGroup, {
        name: `${logGroupPrefix(environment)}flow-log`,
        kmsKeyId: props.kmsKeyArn,
        retentionInDays: props.retentionDays,
      }),
    );
    const role = new IamRole(
      this,
      "role",
      transformed(transform?.flowLogRole, {
        name: roleName(environment, "flow", "log"),
        path: iamPath(environment),
        description: `Writes the flow log of the network of the environment ${environment}`,
        assumeRolePolicy: policyDocument("trust", `${this.node.path}/role`, [trust(props)]),
        permissionsBoundary: props.permissionsBoundaryArn,
      }),
    );
    const rolePolicy = new IamRolePolicy(
      this,
      "role-policy",
      transformed(transform?.flowLogRolePolicy, {
        name: "write",
        role: role.name,
        policy: policyDocument("identity", `${this.node.path}/role-policy`, [write(logGroup.arn)]),
      }),
    );
    new FlowLog(
      this,
      "Default",
      transformed(transform?.flowLog, {
        vpcId: props.vpcId,
        trafficType: "ALL",
        logDestination: logGroup.arn,
        iamRoleArn: role.arn,
        tags: { Name: environment },
        dependsOn: [rolePolicy],
      }),
    );
  }
}

/** Against use of the role on behalf of another account: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html */
function trust(place: AwsPlace): PolicyStatement {
  return {
    sid: "FlowLogs",
    principals: { service: ["vpc-flow-logs.amazonaws.com"] },
    actions: ["sts:AssumeRole"],
    conditions: {
      StringEquals: { "aws:SourceAccount": place.accountId },
      ArnLike: { "aws:SourceArn": regionalArn(place, "ec2", "vpc-flow-log/*") },
    },
  };
}

/** AWS's example also creates and lists log groups; the group exists, and its delivery needs neither. */
function write(logGroupArn: string): PolicyStatement {
  return {
    sid: "Write",
    actions: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
    resources: [`${logGroupArn}:*`],
  };
}
