import { ports } from "../core/traffic";
import type { CloudInfrastructureStatic } from "../infrastructure/contract";
import { byCloud } from "../node/cloud/clouds";
import { AwsCloud, type AwsCloudProps } from "./aws/cloud";
import { AzureCloud, type AzureCloudProps } from "./azure/cloud";
import type { Cloud } from "./cloud";
import { GcpCloud, type GcpCloudProps } from "./gcp/cloud";

/** What an infrastructure's outputs say, as far as operations need it. */
export interface ToldInfrastructure {
  readonly static: CloudInfrastructureStatic;
  readonly serverMachineGroups: Readonly<Record<string, string>>;
  readonly workerMachineGroups: Readonly<Record<string, string>>;
  readonly ciIdentities: Readonly<Record<string, string>>;
  readonly publicCaSecretId: string;
  readonly bootstrapSecretId: string;
}

/** Settings of a cloud other than those of the contract: for an imitation, or for credentials of one's own. */
export interface CloudOverrides {
  readonly aws?: Pick<AwsCloudProps, "credentials" | "endpoint">;
  readonly azure?: Pick<AzureCloudProps, "token" | "endpoint">;
  readonly gcp?: Pick<GcpCloudProps, "credentials" | "endpoint">;
}

/** The cloud that an infrastructure stands on. */
export function cloudOf(told: ToldInfrastructure, overrides: CloudOverrides = {}): Cloud {
  const { region, clusterBucket, deployerIdentity, plannerIdentity, access } = told.static;
  const secrets = { "public-ca": told.publicCaSecretId, bootstrap: told.bootstrapSecretId };
  return byCloud<Cloud>(access.cloud, {
    aws: () =>
      new AwsCloud({
        region,
        bucket: clusterBucket,
        secrets,
        deployerRoleArn: deployerIdentity,
        plannerRoleArn: plannerIdentity,
        autoScalingGroups: told.serverMachineGroups,
        workerAutoScalingGroups: told.workerMachineGroups,
        ...overrides.aws,
      }),
    azure: ({ subscriptionId, tenantId, resourceGroup }) =>
      new AzureCloud({
        subscriptionId,
        tenantId,
        resourceGroup,
        container: clusterBucket,
        secrets,
        ciObjectIds: {
          deployer: told.ciIdentities["deployer"] ?? "",
          planner: told.ciIdentities["planner"] ?? "",
        },
        scaleSets: wantedGroups(told),
        workerScaleSets: told.workerMachineGroups,
        serverPorts: serverPorts(told),
        ...overrides.azure,
      }),
    gcp: ({ project }) =>
      new GcpCloud({
        project,
        region,
        bucket: clusterBucket,
        secrets,
        deployerEmail: deployerIdentity,
        plannerEmail: plannerIdentity,
        instanceGroups: wantedGroups(told),
        workerInstanceGroups: told.workerMachineGroups,
        serverPorts: serverPorts(told),
        ...overrides.gcp,
      }),
  });
}

/** Where a cloud's group knows only how many machines it has, the contract says how many it is to have. */
function wantedGroups({ serverMachineGroups, static: { access } }: ToldInfrastructure) {
  return Object.fromEntries(
    Object.entries(serverMachineGroups).map(([group, name]) => [
      group,
      { name, wanted: access.servers[group]?.count ?? 1 },
    ]),
  );
}

function serverPorts({ static: { serverGroups } }: ToldInfrastructure) {
  return Object.fromEntries(
    Object.entries(serverGroups).map(([group, runs]) => [group, runs.map((product) => ports[product])]),
  );
}
