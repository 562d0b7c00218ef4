import { AutoscalingAttachment } from "@cdktf/provider-aws/lib/autoscaling-attachment";
import { LbTargetGroup, type LbTargetGroupConfig } from "@cdktf/provider-aws/lib/lb-target-group";
import { Construct } from "constructs";
import { physicalName } from "../../core/naming";
import { type Transform, transformed } from "../../layer/transform";
import type { HealthCheck } from "../health";

export interface AwsTargetGroupProps {
  /** Name of the environment. */
  readonly environment: string;
  /** Whose targets they are, and what they serve: `["machine", "vault"]`. */
  readonly name: readonly [balancer: string, service: string];
  readonly vpcId: string;
  readonly port: number;
  /** TCP is passed through; HTTPS is opened at the balancer and encrypted anew. */
  readonly protocol: "TCP" | "HTTPS";
  readonly health: HealthCheck;
  /** Names of the Auto Scaling groups whose nodes are the targets, by a name of ours. */
  readonly autoScalingGroups: Readonly<Record<string, string>>;
  readonly transform?: Transform<LbTargetGroupConfig>;
}

/** Nodes that serve one port behind a load balancer. Their groups join and leave it as they grow and shrink. */
export class AwsTargetGroup extends Construct {
  readonly arn: string;
  /** What CloudWatch calls it. */
  readonly arnSuffix: string;

  constructor(scope: Construct, id: string, props: AwsTargetGroupProps) {
    super(scope, id);
    const passesThrough = props.protocol === "TCP";
    const group = new LbTargetGroup(
      this,
      "Default",
      transformed(props.transform, {
        name: physicalName({ kind: "awsTargetGroup", parts: ["caravan", props.environment, ...props.name] }),
        vpcId: props.vpcId,
        targetType: "instance",
        port: props.port,
        protocol: props.protocol,
        deregistrationDelay: "60",
        // A server is its own client by way of the balancer. With the client's address kept the packets would come from
        // itself, and be dropped: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-troubleshooting.html
        ...(passesThrough ? { preserveClientIp: "false", connectionTermination: true } : {}),
        healthCheck: {
          protocol: "HTTPS",
          port: "traffic-port",
          path: props.health.path,
          matcher: props.health.healthy,
          interval: 10,
          timeout: 5,
          healthyThreshold: 2,
          unhealthyThreshold: 2,
        },
      }),
    );
    for (const [name, autoscalingGroupName] of Object.entries(props.autoScalingGroups)) {
      new AutoscalingAttachment(this, name, { autoscalingGroupName, lbTargetGroupArn: group.arn });
    }
    this.arn = group.arn;
    this.arnSuffix = group.arnSuffix;
  }
}
