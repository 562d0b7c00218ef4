import {
  LogAnalyticsWorkspaceTableCustomLog,
  type LogAnalyticsWorkspaceTableCustomLogConfig,
} from "@cdktf/provider-azurerm/lib/log-analytics-workspace-table-custom-log";
import {
  MonitorDataCollectionEndpoint,
  type MonitorDataCollectionEndpointConfig,
} from "@cdktf/provider-azurerm/lib/monitor-data-collection-endpoint";
import {
  MonitorDataCollectionRule,
  type MonitorDataCollectionRuleConfig,
} from "@cdktf/provider-azurerm/lib/monitor-data-collection-rule";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { text } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";
import { dataCollectionName } from "./names";
import type { AzureNodeIdentity } from "./node-identity";
import type { AzurePlace } from "./place";
import { checkPlace } from "./place-check";

export interface AzureNodeLogProps extends AzurePlace {
  /** Id of the workspace that keeps it. */
  readonly workspaceId: string;
  /** Identities of all nodes: each writes, none reads. */
  readonly identities: readonly AzureNodeIdentity[];
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly table?: Transform<LogAnalyticsWorkspaceTableCustomLogConfig>;
    readonly endpoint?: Transform<MonitorDataCollectionEndpointConfig>;
    readonly rule?: Transform<MonitorDataCollectionRuleConfig>;
  };
}

/** Its name ends as Log Analytics wants it of tables that are not its own. */
const TABLE = "CaravanNodes_CL";
const STREAM = `Custom-${TABLE}`;

/** What a line is; first boot writes exactly these. */
const COLUMNS = [
  { name: "TimeGenerated", type: "datetime" },
  { name: "Node", type: "string" },
  { name: "Message", type: "string" },
] as const;

/**
 * What first boot, snapshots and leaving say on the nodes, also when a boot fails and nothing else of the node can be reached: the
 * table `CaravanNodes_CL` of the environment's workspace, with the group and the id of the machine in each line.
 *
 * Nodes write with their identity, through a data collection rule and its endpoint, which the internet reaches as all of Azure
 * Monitor: a private one takes a private link scope, which a network has one of, for everything in it.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureNodeLog extends Construct {
  /** Where nodes send what they say: the address of the rule's stream. */
  readonly streamAddress: string;

  constructor(scope: Construct, id: string, props: AzureNodeLogProps) {
    const check = new PropsCheck("AzureNodeLog", scope, id);
    checkPlace(check, props);
    check.required("workspaceId", props.workspaceId, text);
    check.done();
    super(scope, id);
    const { environment, region, resourceGroup, transform } = props;
    const where = {
      name: dataCollectionName(environment, "nodes"),
      location: region,
      resourceGroupName: resourceGroup,
    };
    const table = new LogAnalyticsWorkspaceTableCustomLog(
      this,
      "table",
      transformed(transform?.table, {
        name: TABLE,
        workspaceId: props.workspaceId,
        column: COLUMNS.map((column) => ({ ...column })),
      }),
    );
    const endpoint = new MonitorDataCollectionEndpoint(this, "endpoint", transformed(transform?.endpoint, where));
    const rule = new MonitorDataCollectionRule(
      this,
      "Default",
      transformed(transform?.rule, {
        ...where,
        description: `What nodes of the environment ${environment} say of first boot, snapshots and leaving`,
        dataCollectionEndpointId: endpoint.id,
        streamDeclaration: [{ streamName: STREAM, column: COLUMNS.map((column) => ({ ...column })) }],
        destinations: { logAnalytics: [{ name: "workspace", workspaceResourceId: props.workspaceId }] },
        dataFlow: [{ streams: [STREAM], destinations: ["workspace"], outputStream: STREAM, transformKql: "source" }],
        dependsOn: [table],
      }),
    );
    this.streamAddress = `${endpoint.logsIngestionEndpoint}/dataCollectionRules/${rule.immutableId}/streams/${STREAM}`;
    for (const each of props.identities) each.allow("say", { right: "say", scope: rule.id });
  }
}
