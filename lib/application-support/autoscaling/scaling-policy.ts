import { type InfrastructureContract, isOnCloud } from "../../infrastructure/contract";
import { byCloud, type NodeCloud } from "../../node/cloud/clouds";

/** When a group of workers grows and shrinks: how full its nodes are with what jobs have reserved. */
export interface WorkerScaling {
  /** The fewest workers. @default - the group's own `min` */
  readonly min?: number;
  /** The most workers. @default - the group's own `max` */
  readonly max?: number;
  /** Percent of their processors that jobs have reserved. @default 70 */
  readonly cpu?: number;
  /** Percent of their memory that jobs have reserved. @default 70 */
  readonly memory?: number;
  /** The rest after a change: a new machine takes some minutes. @default "5m" */
  readonly cooldown?: string;
  /** How often it looks. @default "30s" */
  readonly evaluationInterval?: string;
  /** How long a node's jobs get to move before its machine ends. @default "10m" */
  readonly drainDeadline?: string;
}

/**
 * The group of machines behind a group of workers, in the words of the Autoscaler's plugins:
 * https://developer.hashicorp.com/nomad/tools/autoscaling/plugins/target
 */
export type ScalingTarget =
  | { readonly plugin: "aws-asg"; readonly autoScalingGroup: string }
  | { readonly plugin: "azure-vmss"; readonly resourceGroup: string; readonly scaleSet: string }
  | {
      readonly plugin: "gce-mig";
      readonly project: string;
      readonly instanceGroup: string;
      /** Where it stands: in a zone, or over all of a region. */
      readonly zone?: string;
      readonly region?: string;
    };

export interface WorkerGroupScaling extends WorkerScaling {
  readonly nodePool: string;
  readonly target: ScalingTarget;
}

/** The machines of a worker group by what the cloud calls them: name of an Auto Scaling group, a scale set, an instance group. */
export function scalingTarget(cloud: NodeCloud, machineGroup: string): ScalingTarget {
  return byCloud<ScalingTarget>(cloud, {
    aws: () => ({ plugin: "aws-asg", autoScalingGroup: machineGroup }),
    azure: ({ resourceGroup }) => ({ plugin: "azure-vmss", resourceGroup, scaleSet: machineGroup }),
    gcp: ({ project, region }) => ({ plugin: "gce-mig", project, region, instanceGroup: machineGroup }),
  });
}

/** The policy of a group of workers, as the Autoscaler reads it from a file. */
export function workerPolicy(name: string, group: WorkerGroupScaling): object {
  const { min = 1, max = min, cpu = 70, memory = 70, cooldown = "5m", evaluationInterval = "30s" } = group;
  const check = (query: string, target: number) => ({
    source: "nomad-apm",
    query,
    strategy: { "target-value": { target: String(target) } },
  });
  return {
    scaling: {
      [`workers_${name.replaceAll("-", "_")}`]: {
        enabled: true,
        min,
        max,
        policy: {
          cooldown,
          evaluation_interval: evaluationInterval,
          check: { cpu: check("percentage-allocated_cpu", cpu), memory: check("percentage-allocated_memory", memory) },
          target: {
            [group.target.plugin]: {
              ...targetConfig(group.target),
              node_pool: group.nodePool,
              node_drain_deadline: group.drainDeadline ?? "10m",
              // What every node runs moves nowhere.
              node_drain_ignore_system_jobs: "true",
              // The Auto Scaling group removes the machine itself; Nomad's own list of nodes is cleaned by its servers.
              node_purge: "false",
              node_selector_strategy: "least_busy",
            },
          },
        },
      },
    },
  };
}

function targetConfig(target: ScalingTarget): Readonly<Record<string, string>> {
  switch (target.plugin) {
    case "aws-asg":
      return { aws_asg_name: target.autoScalingGroup };
    case "azure-vmss":
      return { resource_group: target.resourceGroup, vm_scale_set: target.scaleSet };
    case "gce-mig":
      return {
        project: target.project,
        mig_name: target.instanceGroup,
        ...(target.zone === undefined ? {} : { zone: target.zone }),
        ...(target.region === undefined ? {} : { region: target.region }),
      };
  }
}

/** The agent's configuration: its plugins, and Nomad by the socket that a task has with its own identity. */
export function autoscalerConfiguration(plugins: Readonly<Record<string, Readonly<Record<string, string>>>>): object {
  const builtIn = ["nomad-apm"] as const;
  return {
    log_json: true,
    http: { bind_address: "127.0.0.1", bind_port: 8080 },
    policy: { dir: "/local/policies", default_cooldown: "5m", default_evaluation_interval: "30s" },
    apm: Object.fromEntries(builtIn.map((driver) => [driver, { driver }])),
    strategy: { "target-value": { driver: "target-value" } },
    target: Object.fromEntries(Object.entries(plugins).map(([driver, config]) => [driver, { driver, config }])),
  };
}

/** What a plugin must know of the cloud beside its groups. */
export function pluginConfig(infrastructure: InfrastructureContract): Record<string, Record<string, string>> {
  if (!isOnCloud(infrastructure)) return {};
  return byCloud<Record<string, Record<string, string>>>(infrastructure.static.access.cloud, {
    aws: ({ region }) => ({ "aws-asg": { aws_region: region } }),
    azure: ({ subscriptionId, tenantId }) => ({
      "azure-vmss": { subscription_id: subscriptionId, tenant_id: tenantId },
    }),
    // The plugin asks the metadata service for everything.
    gcp: () => ({ "gce-mig": {} }),
  });
}
