import {
  LogAnalyticsWorkspace,
  type LogAnalyticsWorkspaceConfig,
} from "@cdktf/provider-azurerm/lib/log-analytics-workspace";
import {
  MonitorDiagnosticSetting,
  type MonitorDiagnosticSettingConfig,
} from "@cdktf/provider-azurerm/lib/monitor-diagnostic-setting";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { integer } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";
import { workspaceName } from "./names";
import type { AzurePlace } from "./place";
import { checkPlace } from "./place-check";

export interface AzureLogWorkspaceProps extends AzurePlace {
  /**
   * How many days a log is kept, 90 to 730: what Log Analytics offers for its interactive retention.
   *
   * @default 365
   */
  readonly keepLogsDays?: number;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: { readonly workspace?: Transform<LogAnalyticsWorkspaceConfig> };
}

/**
 * The workspace of an environment's logs: what nodes say, who used which key and secret, who read and wrote the cluster's
 * container. It takes no shared key, only identities of Entra ID.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureLogWorkspace extends Construct {
  readonly workspaceId: string;

  constructor(scope: Construct, id: string, props: AzureLogWorkspaceProps) {
    const check = new PropsCheck("AzureLogWorkspace", scope, id);
    checkPlace(check, props);
    check.optional("keepLogsDays", props.keepLogsDays, integer(90, 730, "days"));
    check.done();
    super(scope, id);
    const workspace = new LogAnalyticsWorkspace(
      this,
      "Default",
      transformed(props.transform?.workspace, {
        name: workspaceName(props.environment),
        location: props.region,
        resourceGroupName: props.resourceGroup,
        sku: "PerGB2018",
        retentionInDays: props.keepLogsDays ?? 365,
        localAuthenticationEnabled: false,
      }),
    );
    this.workspaceId = workspace.id;
  }
}

/** Has a resource's own log of who asked what of it kept in a workspace. */
export function auditTo(
  scope: Construct,
  id: string,
  props: { readonly resourceId: string; readonly workspaceId: string; readonly categories: readonly string[] },
  transform?: Transform<MonitorDiagnosticSettingConfig>,
): void {
  new MonitorDiagnosticSetting(
    scope,
    id,
    transformed(transform, {
      name: "audit",
      targetResourceId: props.resourceId,
      logAnalyticsWorkspaceId: props.workspaceId,
      enabledLog: props.categories.map((category) => ({ category })),
    }),
  );
}
