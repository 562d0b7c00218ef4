import { LoggingMetric, type LoggingMetricConfig } from "@cdktf/provider-google/lib/logging-metric";
import {
  MonitoringAlertPolicy,
  type MonitoringAlertPolicyAlertStrategy,
  type MonitoringAlertPolicyConditions,
  type MonitoringAlertPolicyConfig,
} from "@cdktf/provider-google/lib/monitoring-alert-policy";
import {
  MonitoringNotificationChannel,
  type MonitoringNotificationChannelConfig,
} from "@cdktf/provider-google/lib/monitoring-notification-channel";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { hcl } from "../../core/hcl";
import { integer, matching, text } from "../../core/rules";
import { ports } from "../../core/traffic";
import { duration, parseDuration } from "../../core/values";
import { type Transform, transformed } from "../../layer/transform";
import { type Product, products } from "../../node/products";
import { ENVIRONMENT_LABEL, resourceName } from "./names";
import type { GcpPlace } from "./place";
import { checkPlace } from "./place-check";
import { channelName } from "./rules";

/** A group of servers to watch. */
export interface GcpWatchedGroup {
  /** Short name of its instance group. */
  readonly instanceGroupName: string;
  /** How many servers it must have. */
  readonly size: number;
  /** The products that its servers run. */
  readonly runs: readonly Product[];
}

/** What is told, and to whom. */
export interface GcpAlarmChoice {
  /**
   * Full names of notification channels that are told: a pager, a chat, a topic of Pub/Sub.
   *
   * @default - none
   */
  readonly channelNames?: readonly string[];
  /**
   * People who are told by e-mail; a channel is made for each.
   *
   * @default - none: with no channel either, incidents are seen in Cloud Monitoring only
   */
  readonly emails?: readonly string[];
  /**
   * How old the last snapshot of a product may be, in whole hours, up to 23h.
   *
   * @default "6h"
   */
  readonly snapshotAge?: string;
}

export interface GcpAlarmsProps extends GcpPlace, GcpAlarmChoice {
  /** Where nodes say that they have saved a snapshot, `GcpNodeLog.logName`. */
  readonly logName: string;
  /** The groups of servers, by name. */
  readonly groups: Readonly<Record<string, GcpWatchedGroup>>;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    /** Laid on the channel of each person. */
    readonly channel?: Transform<MonitoringNotificationChannelConfig>;
    /** Laid on each of the alarms. */
    readonly alarm?: Transform<MonitoringAlertPolicyConfig>;
    /** Laid on what is counted of each product's snapshots. */
    readonly snapshotMetric?: Transform<LoggingMetricConfig>;
  };
}

/** Google closes an incident of a log after half an hour at the soonest. */
const CLOSED_AFTER = "1800s";
const TOLD_EVERY = "300s";

const email = matching(/[^\s@]+@[^\s@]+\.[^\s@]+/, "an e-mail address", 'write it like "on-call@example.com"');

/** Metric absence is told of 23.5 hours at most: https://cloud.google.com/monitoring/alerts/types-of-conditions#metric-absence */
const snapshotAge = duration({ min: "1h", max: "23h", unit: "h" });

/** Checks what is told, and to whom. */
export function checkAlarms(check: PropsCheck, props: GcpAlarmChoice): void {
  check.each("channelNames", props.channelNames, channelName);
  check.each("emails", props.emails, email);
  check.optional("snapshotAge", props.snapshotAge, snapshotAge);
}

const UNWELL: Readonly<Record<Product, { readonly id: string; readonly means: string }>> = {
  vault: { id: "vault-sealed", means: "is sealed, not initialised or does not answer" },
  consul: { id: "consul-no-leader", means: "knows no leader or does not answer" },
  nomad: { id: "nomad-no-leader", means: "knows no leader or does not answer" },
};

/**
 * What wakes people: a server of Vault that is sealed, one of Consul or Nomad that knows no leader, a snapshot that is too old, a
 * group of servers below its size. Google looks at what load balancers' health checks, nodes and groups say of themselves, so
 * that the alarms ring when nothing of the cluster lives.
 *
 * Google's load balancers count no healthy servers, they only log when one becomes unhealthy. The first three therefore ring for
 * each server that does, also while it is replaced, and are over half an hour later whether it is well again or not; that no
 * server of Vault leads is told by its snapshots only. The age of snapshots is watched from the first one on.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpAlarms extends Construct {
  /** Full names of the channels that are told. */
  readonly channelNames: readonly string[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: GcpAlarmsProps,
  ) {
    const check = new PropsCheck("GcpAlarms", scope, id);
    checkPlace(check, props);
    checkAlarms(check, props);
    check.required("logName", props.logName, text);
    for (const [name, { size, instanceGroupName }] of Object.entries(props.groups)) {
      check.required(`groups.${name}.size`, size, integer(1, 5, "servers"));
      check.required(`groups.${name}.instanceGroupName`, instanceGroupName, text);
    }
    check.done();
    super(scope, id);
    this.channelNames = [...(props.channelNames ?? []), ...new Set(props.emails)].map((told) =>
      told.includes("@") ? this.addChannel(told) : told,
    );
    for (const group of Object.values(props.groups)) {
      for (const product of group.runs) this.watchServers(product, group);
    }
    for (const product of products) this.watchSnapshots(product);
    for (const [name, group] of Object.entries(props.groups)) this.watchSize(name, group);
  }

  private addChannel(address: string): string {
    const { project, environment, transform } = this.props;
    return new MonitoringNotificationChannel(
      this,
      address,
      transformed(transform?.channel, {
        project,
        type: "email",
        displayName: `${environment}: ${address}`,
        labels: { email_address: address },
        userLabels: { [ENVIRONMENT_LABEL]: environment },
      }),
    ).id;
  }

  /** The health checks of the machine address log who becomes unhealthy: https://cloud.google.com/load-balancing/docs/health-check-logging */
  private watchServers(product: Product, { instanceGroupName }: GcpWatchedGroup): void {
    const { id, means } = UNWELL[product];
    const filter = [
      'log_id("compute.googleapis.com/healthchecks")',
      'resource.type="gce_instance_group"',
      `resource.labels.instance_group_name="${instanceGroupName}"`,
      `jsonPayload.healthCheckProbeResult.targetPort=${ports[product]}`,
      'jsonPayload.healthCheckProbeResult.healthState="UNHEALTHY"',
    ].join(" AND ");
    this.add(id, `A server of ${title(product)} ${means}`, [{ conditionMatchedLog: { filter: hcl.text(filter) } }], {
      notificationRateLimit: { period: TOLD_EVERY },
      autoClose: CLOSED_AFTER,
    });
  }

  /** A product's leader says so when it has saved a snapshot: who has not said so has saved none. */
  private watchSnapshots(product: Product): void {
    const { project, environment, logName, transform, snapshotAge: age = "6h" } = this.props;
    const metric = new LoggingMetric(
      this,
      `${product}-snapshots`,
      transformed(transform?.snapshotMetric, {
        project,
        name: resourceName(environment, product, "snapshots"),
        description: `Snapshots of ${title(product)} that were saved`,
        filter: hcl.text(`logName="${logName}" AND textPayload:"saved snapshots/${product}/"`),
        metricDescriptor: { metricKind: "DELTA", valueType: "INT64", unit: "1" },
      }),
    );
    const filter = hcl.text(
      `metric.type="logging.googleapis.com/user/${metric.name}" AND resource.type="gce_instance"`,
    );
    const period = `${parseDuration(age, "s")}s`;
    const counted = { alignmentPeriod: period, perSeriesAligner: "ALIGN_DELTA", crossSeriesReducer: "REDUCE_SUM" };
    this.add(`${product}-snapshot-too-old`, `The last snapshot of ${product} is older than ${age}`, [
      // Of what is not there Google says either nothing or 0.
      {
        conditionThreshold: {
          filter,
          comparison: "COMPARISON_LT",
          thresholdValue: 1,
          duration: "0s",
          aggregations: [counted],
        },
      },
      { conditionAbsent: { filter, duration: period, aggregations: [{ ...counted, alignmentPeriod: "300s" }] } },
    ]);
  }

  private watchSize(name: string, { instanceGroupName, size }: GcpWatchedGroup): void {
    const filter = [
      'metric.type="compute.googleapis.com/instance_group/size"',
      'resource.type="instance_group"',
      `resource.labels.instance_group_name="${instanceGroupName}"`,
    ].join(" AND ");
    this.add(`group-${name}`, `The server group ${name} has fewer servers than its ${size}`, [
      {
        conditionThreshold: {
          filter: hcl.text(filter),
          comparison: "COMPARISON_LT",
          thresholdValue: size,
          // A roll has a group below its size for as long as a server takes to come up.
          duration: "900s",
          evaluationMissingData: "EVALUATION_MISSING_DATA_ACTIVE",
          aggregations: [{ alignmentPeriod: "60s", perSeriesAligner: "ALIGN_MIN", crossSeriesReducer: "REDUCE_SUM" }],
        },
      },
    ]);
  }

  private add(
    id: string,
    description: string,
    conditions: readonly Omit<MonitoringAlertPolicyConditions, "displayName">[],
    alertStrategy?: MonitoringAlertPolicyAlertStrategy,
  ): void {
    const { project, environment, transform } = this.props;
    const told = `${environment}: ${description}`;
    new MonitoringAlertPolicy(
      this,
      id,
      transformed(transform?.alarm, {
        project,
        displayName: resourceName(environment, ...id.split("-")),
        combiner: "OR",
        severity: "CRITICAL",
        conditions: conditions.map((condition) => ({ displayName: told, ...condition })),
        documentation: { subject: told, content: told, mimeType: "text/markdown" },
        notificationChannels: [...this.channelNames],
        userLabels: { [ENVIRONMENT_LABEL]: environment },
        alertStrategy,
      }),
    );
  }
}

function title(product: Product): string {
  return product.charAt(0).toUpperCase() + product.slice(1);
}
