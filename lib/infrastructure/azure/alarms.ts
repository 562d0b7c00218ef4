import { MonitorActionGroup, type MonitorActionGroupConfig } from "@cdktf/provider-azurerm/lib/monitor-action-group";
import { MonitorMetricAlert, type MonitorMetricAlertConfig } from "@cdktf/provider-azurerm/lib/monitor-metric-alert";
import {
  MonitorScheduledQueryRulesAlertV2,
  type MonitorScheduledQueryRulesAlertV2Config,
} from "@cdktf/provider-azurerm/lib/monitor-scheduled-query-rules-alert-v2";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { integer, matching, oneOf, text } from "../../core/rules";
import { ports } from "../../core/traffic";
import { type Transform, transformed } from "../../layer/transform";
import { type Product, products } from "../../node/products";
import { alertName } from "./names";
import { poolName, settingsName } from "./people-gateway";
import type { AzurePlace } from "./place";
import { checkPlace } from "./place-check";
import { actionGroupId } from "./rules";

/** A group of servers to watch. */
export interface AzureWatchedGroup {
  readonly scaleSetId: string;
  /** How many servers it must have. */
  readonly size: number;
}

/** How long a window of a query may be, in whole hours: https://learn.microsoft.com/en-us/azure/azure-monitor/alerts/alerts-types */
const SNAPSHOT_AGES = ["1h", "2h", "3h", "4h", "5h", "6h", "24h"] as const;

/** What is told, and to whom. */
export interface AzureAlarmChoice {
  /**
   * Id of the action group that is told.
   *
   * @default - one is made
   */
  readonly actionGroupId?: string;
  /**
   * Addresses that the action group which is made writes to. Without any it tells nobody until somebody adds to it.
   *
   * @default - none
   */
  readonly emails?: readonly string[];
  /**
   * How old the last snapshot of a product may be: 1h to 6h, or 24h.
   *
   * @default "6h"
   */
  readonly snapshotAge?: (typeof SNAPSHOT_AGES)[number];
}

export interface AzureAlarmsProps extends AzurePlace, AzureAlarmChoice {
  /** The machine address. */
  readonly machine: { readonly loadBalancerId: string };
  /**
   * The people's address, which asks Vault's servers who of them leads.
   *
   * @default - a Vault without a leader is told by its snapshots only
   */
  readonly people?: { readonly gatewayId: string };
  /** Name of the storage account of the cluster's container. */
  readonly bucketAccount: string;
  /** Id of the Log Analytics workspace that is told what is written there. */
  readonly workspaceId: string;
  /** The groups of servers, by name. */
  readonly groups: Readonly<Record<string, AzureWatchedGroup>>;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly actionGroup?: Transform<MonitorActionGroupConfig>;
    /** Laid on each of the alarms that look at metrics. */
    readonly metricAlert?: Transform<MonitorMetricAlertConfig>;
    /** Laid on each of the alarms that look for snapshots. */
    readonly snapshotAlert?: Transform<MonitorScheduledQueryRulesAlertV2Config>;
  };
}

/** What Azure Monitor looks at, and when it is bad. */
interface Watch {
  readonly description: string;
  readonly scope: string;
  readonly metricNamespace: string;
  readonly metricName: string;
  readonly aggregation: "Maximum" | "Total";
  readonly threshold: number;
  readonly dimension?: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly windowSize: "PT5M" | "PT15M";
}

/** A roll has a group below its size for as long as a server takes to come up. */
const GROUP_MINUTES = 15;

const email = matching(/[^@\s]+@[^@\s]+\.[^@\s]+/, "an address of mail", 'write it like "on-call@example.com"');

/** Checks what is told, and to whom. */
export function checkAlarms(check: PropsCheck, props: AzureAlarmChoice): void {
  check.optional("actionGroupId", props.actionGroupId, actionGroupId);
  check.each("emails", props.emails, email);
  check.optional("snapshotAge", props.snapshotAge, oneOf(SNAPSHOT_AGES));
  if (props.actionGroupId === undefined || props.emails === undefined) return;
  check.add({
    property: "emails",
    given: props.emails,
    allowed: "nothing beside actionGroupId, whose owner decides",
    fix: "add the addresses to that action group, and remove emails here",
  });
}

/**
 * What wakes people: a sealed Vault, a product without a leader, a snapshot that is too old, a group of servers below its
 * size. Azure Monitor looks at what balancers, scale sets and storage say of themselves.
 *
 * An alarm on a metric does not ring where the metric has no value at all, as when a scale set is empty: Azure has no setting for
 * that. Snapshots are looked for in a log, whose silence rings: they tell when nothing of the cluster lives.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureAlarms extends Construct {
  /** Who is told. */
  readonly actionGroupId: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AzureAlarmsProps,
  ) {
    const check = new PropsCheck("AzureAlarms", scope, id);
    checkPlace(check, props);
    checkAlarms(check, props);
    check.required("bucketAccount", props.bucketAccount, text);
    check.required("workspaceId", props.workspaceId, text);
    for (const [name, { size }] of Object.entries(props.groups)) {
      check.required(`groups.${name}.size`, size, integer(1, 5, "servers"));
    }
    check.done();
    super(scope, id);
    const { machine, people, groups } = props;
    this.actionGroupId = props.actionGroupId ?? this.addActionGroup();

    this.add("vault-sealed", {
      ...probesOf(machine.loadBalancerId, "vault", [{ name: "BackendIPAddress", values: ["*"] }]),
      description: "A server of Vault is sealed, not initialised or does not answer",
    });
    for (const product of ["consul", "nomad"] as const) {
      this.add(`${product}-no-leader`, {
        ...probesOf(machine.loadBalancerId, product),
        description: `No server of ${product === "consul" ? "Consul" : "Nomad"} knows a leader`,
      });
    }
    if (people !== undefined) {
      this.add("vault-no-leader", {
        description: "No server of Vault leads",
        scope: people.gatewayId,
        metricNamespace: "Microsoft.Network/applicationGateways",
        metricName: "HealthyHostCount",
        aggregation: "Maximum",
        threshold: 1,
        dimension: [{ name: "BackendSettingsPool", values: [`${poolName("vault")}~${settingsName("vault")}`] }],
        windowSize: "PT5M",
      });
    }
    for (const product of products) this.watchSnapshots(product);
    for (const [name, { scaleSetId, size }] of Object.entries(groups)) {
      this.add(`group-${name}`, {
        description: `The server group ${name} has fewer servers that run than its ${size}`,
        scope: scaleSetId,
        metricNamespace: "Microsoft.Compute/virtualMachineScaleSets",
        // Each machine that runs says 1 a minute; one that is gone says nothing.
        metricName: "VmAvailabilityMetric",
        aggregation: "Total",
        threshold: (size - 0.5) * GROUP_MINUTES,
        windowSize: `PT${GROUP_MINUTES}M`,
      });
    }
  }

  private addActionGroup(): string {
    const { environment, resourceGroup, emails = [], transform } = this.props;
    return new MonitorActionGroup(
      this,
      "action-group",
      transformed(transform?.actionGroup, {
        name: alertName(environment, "alarms"),
        resourceGroupName: resourceGroup,
        shortName: "caravan",
        emailReceiver: emails.map((emailAddress) => ({
          name: emailAddress,
          emailAddress,
          useCommonAlertSchema: true,
        })),
      }),
    ).id;
  }

  private add(id: string, watch: Watch): void {
    const { environment, resourceGroup, transform } = this.props;
    const { description, scope, windowSize, dimension = [], ...criteria } = watch;
    new MonitorMetricAlert(
      this,
      id,
      transformed(transform?.metricAlert, {
        name: alertName(environment, ...id.split("-")),
        resourceGroupName: resourceGroup,
        description: `${environment}: ${description}`,
        scopes: [scope],
        severity: 1,
        frequency: "PT1M",
        windowSize,
        criteria: [
          {
            ...criteria,
            operator: "LessThan",
            dimension: dimension.map(({ name, values }) => ({ name, operator: "Include", values: [...values] })),
          },
        ],
        action: [{ actionGroupId: this.actionGroupId }],
      }),
    );
  }

  /** What was written below a prefix, in the log of the account: what did not arrive was no snapshot. */
  private watchSnapshots(product: Product): void {
    const {
      environment,
      resourceGroup,
      region,
      workspaceId,
      bucketAccount,
      snapshotAge = "6h",
      transform,
    } = this.props;
    const id = `${product}-snapshot-too-old`;
    new MonitorScheduledQueryRulesAlertV2(
      this,
      id,
      transformed(transform?.snapshotAlert, {
        name: alertName(environment, ...id.split("-")),
        resourceGroupName: resourceGroup,
        location: region,
        description: `${environment}: The last snapshot of ${product} is older than ${snapshotAge}`,
        scopes: [workspaceId],
        severity: 1,
        evaluationFrequency: "PT30M",
        windowDuration: snapshotAge === "24h" ? "P1D" : `PT${snapshotAge.toUpperCase()}`,
        criteria: [
          {
            query: [
              "StorageBlobLogs",
              `| where AccountName == '${bucketAccount}'`,
              "| where OperationName in ('PutBlob', 'PutBlockList') and StatusText == 'Success'",
              `| where ObjectKey contains '/snapshots/${product}/'`,
            ].join("\n"),
            timeAggregationMethod: "Count",
            operator: "LessThan",
            threshold: 1,
            failingPeriods: { numberOfEvaluationPeriods: 1, minimumFailingPeriodsToTriggerAlert: 1 },
          },
        ],
        autoMitigationEnabled: true,
        // The table is made with the first object that is written.
        skipQueryValidation: true,
        action: { actionGroups: [this.actionGroupId] },
      }),
    );
  }
}

/** Whether no probe of a product's port went well for minutes: of any server, or of each that a dimension tells apart. */
function probesOf(
  loadBalancerId: string,
  product: Product,
  apart: NonNullable<Watch["dimension"]> = [],
): Omit<Watch, "description"> {
  return {
    scope: loadBalancerId,
    metricNamespace: "Microsoft.Network/loadBalancers",
    metricName: "DipAvailability",
    aggregation: "Maximum",
    threshold: 1,
    dimension: [{ name: "BackendPort", values: [String(ports[product])] }, ...apart],
    windowSize: "PT5M",
  };
}
