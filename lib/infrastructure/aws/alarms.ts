import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
} from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { S3BucketMetric, type S3BucketMetricConfig } from "@cdktf/provider-aws/lib/s3-bucket-metric";
import { SnsTopic, type SnsTopicConfig } from "@cdktf/provider-aws/lib/sns-topic";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { physicalName } from "../../core/naming";
import { integer, text } from "../../core/rules";
import { duration, parseDuration } from "../../core/values";
import { type Transform, transformed } from "../../layer/transform";
import { type Product, products } from "../../node/products";
import type { AwsPlace } from "./place";
import { checkPlace } from "./place-check";
import { kmsKeyArn, topicArn } from "./rules";
import type { AwsTargetGroup } from "./target-group";

/** A balancer and its target groups, as CloudWatch knows them: `AwsMachineAddress` is one. */
export interface AwsWatchedBalancer {
  readonly loadBalancerArnSuffix: string;
  readonly targetGroups: Readonly<Record<Product, Pick<AwsTargetGroup, "arnSuffix">>>;
}

/** A group of servers to watch. */
export interface AwsWatchedGroup {
  /** Its metrics must be on: `GroupInServiceInstances`. */
  readonly autoScalingGroupName: string;
  /** How many servers it must have. */
  readonly size: number;
}

/** What is told, and to whom. */
export interface AwsAlarmChoice {
  /**
   * ARN of the topic of SNS that is told, in this region.
   *
   * @default - one is made, to which people and programs subscribe
   */
  readonly topicArn?: string;
  /**
   * How old the last snapshot of a product may be, in whole hours, up to 24h.
   *
   * @default "6h"
   */
  readonly snapshotAge?: string;
}

export interface AwsAlarmsProps extends AwsPlace, AwsAlarmChoice {
  /** ARN of the key that encrypts the topic: the environment's data key. Its policy must let CloudWatch use it. */
  readonly kmsKeyArn: string;
  /** The machine address. */
  readonly machine: AwsWatchedBalancer;
  /**
   * The people's address, which asks Vault's servers who of them leads.
   *
   * @default - a Vault without a leader is told by its snapshots only
   */
  readonly people?: AwsWatchedBalancer;
  /** Name of the cluster's bucket. */
  readonly bucketName: string;
  /** The groups of servers, by name. */
  readonly groups: Readonly<Record<string, AwsWatchedGroup>>;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly topic?: Transform<SnsTopicConfig>;
    /** Laid on each of the alarms. */
    readonly alarm?: Transform<CloudwatchMetricAlarmConfig>;
    /** Laid on what S3 counts of each product's snapshots. */
    readonly snapshotMetric?: Transform<S3BucketMetricConfig>;
  };
}

/** What CloudWatch looks at, and when it is bad. */
interface Watch {
  readonly description: string;
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Record<string, string>;
  readonly statistic: "Maximum" | "Minimum" | "Sum";
  readonly comparisonOperator: "GreaterThanThreshold" | "LessThanThreshold";
  readonly threshold: number;
  readonly period: number;
  readonly periods: number;
}

const HOUR = 3600;

/** Checks what is told, and to whom. */
export function checkAlarms(check: PropsCheck, props: AwsAlarmChoice): void {
  check.optional("topicArn", props.topicArn, topicArn);
  check.optional("snapshotAge", props.snapshotAge, duration({ min: "1h", max: "24h", unit: "h" }));
}

/**
 * What wakes people: a sealed Vault, a product without a leader, a snapshot that is too old, a group of servers below its
 * size. CloudWatch looks at what the balancers, Auto Scaling and S3 say of themselves, so that the alarms ring when nothing of
 * the cluster lives.
 *
 * S3 charges for what it counts: some 6 USD a month for three products (https://aws.amazon.com/cloudwatch/pricing/).
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsAlarms extends Construct {
  /** Who is told. */
  readonly topicArn: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AwsAlarmsProps,
  ) {
    const check = new PropsCheck("AwsAlarms", scope, id);
    checkPlace(check, props);
    checkAlarms(check, props);
    check.required("kmsKeyArn", props.kmsKeyArn, kmsKeyArn);
    check.required("bucketName", props.bucketName, text);
    for (const [name, { size }] of Object.entries(props.groups)) {
      check.required(`groups.${name}.size`, size, integer(1, 5, "servers"));
    }
    check.done();
    super(scope, id);
    const { machine, people, groups } = props;
    this.topicArn = props.topicArn ?? this.addTopic();

    this.add("vault-sealed", {
      ...unhealthy("AWS/NetworkELB", machine, "vault"),
      description: "A server of Vault is sealed, not initialised or does not answer",
    });
    this.add("consul-no-leader", {
      ...nobodyHealthy("AWS/NetworkELB", machine, "consul"),
      description: "No server of Consul knows a leader",
    });
    this.add("nomad-no-leader", {
      ...nobodyHealthy("AWS/NetworkELB", machine, "nomad"),
      description: "No server of Nomad knows a leader",
    });
    if (people !== undefined) {
      this.add("vault-no-leader", {
        ...nobodyHealthy("AWS/ApplicationELB", people, "vault"),
        description: "No server of Vault leads",
      });
    }
    for (const product of products) this.watchSnapshots(product);
    for (const [name, group] of Object.entries(groups)) {
      this.add(`group-${name}`, {
        description: `The server group ${name} has fewer servers in service than its ${group.size}`,
        namespace: "AWS/AutoScaling",
        metricName: "GroupInServiceInstances",
        dimensions: { AutoScalingGroupName: group.autoScalingGroupName },
        statistic: "Minimum",
        comparisonOperator: "LessThanThreshold",
        threshold: group.size,
        period: 60,
        // A roll has a group below its size for as long as a server takes to come up.
        periods: 15,
      });
    }
  }

  private addTopic(): string {
    const { environment, kmsKeyArn, transform } = this.props;
    return new SnsTopic(
      this,
      "topic",
      transformed(transform?.topic, {
        name: physicalName({ kind: "awsSnsTopic", parts: ["caravan", environment, "alarms"] }),
        kmsMasterKeyId: kmsKeyArn,
      }),
    ).arn;
  }

  /** S3 counts the bytes that arrive below a prefix: what did not arrive was no snapshot. */
  private watchSnapshots(product: Product): void {
    const { bucketName, transform, snapshotAge = "6h" } = this.props;
    const filter = `snapshots-${product}`;
    const metric = new S3BucketMetric(
      this,
      filter,
      transformed(transform?.snapshotMetric, {
        bucket: bucketName,
        name: filter,
        filter: { prefix: `snapshots/${product}/` },
      }),
    );
    this.add(`${product}-snapshot-too-old`, {
      description: `The last snapshot of ${product} is older than ${snapshotAge}`,
      namespace: "AWS/S3",
      metricName: "BytesUploaded",
      dimensions: { BucketName: bucketName, FilterId: metric.nameInput ?? filter },
      statistic: "Sum",
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      period: HOUR,
      periods: parseDuration(snapshotAge, "h"),
    });
  }

  private add(id: string, { description, period, periods, ...watch }: Watch): void {
    const { environment, transform } = this.props;
    new CloudwatchMetricAlarm(
      this,
      id,
      transformed(transform?.alarm, {
        alarmName: physicalName({ kind: "awsAlarm", parts: ["caravan", environment, ...id.split("-")] }),
        alarmDescription: `${environment}: ${description}`,
        ...watch,
        period,
        evaluationPeriods: periods,
        datapointsToAlarm: periods,
        // Who is gone says nothing of itself.
        treatMissingData: "breaching",
        alarmActions: [this.topicArn],
        okActions: [this.topicArn],
      }),
    );
  }
}

function unhealthy(namespace: string, balancer: AwsWatchedBalancer, product: Product): Omit<Watch, "description"> {
  return {
    namespace,
    metricName: "UnHealthyHostCount",
    dimensions: dimensionsOf(balancer, product),
    statistic: "Maximum",
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    period: 60,
    periods: 5,
  };
}

function nobodyHealthy(namespace: string, balancer: AwsWatchedBalancer, product: Product): Omit<Watch, "description"> {
  return {
    namespace,
    metricName: "HealthyHostCount",
    dimensions: dimensionsOf(balancer, product),
    statistic: "Maximum",
    comparisonOperator: "LessThanThreshold",
    threshold: 1,
    period: 60,
    periods: 3,
  };
}

function dimensionsOf(balancer: AwsWatchedBalancer, product: Product): Record<string, string> {
  return { LoadBalancer: balancer.loadBalancerArnSuffix, TargetGroup: balancer.targetGroups[product].arnSuffix };
}
