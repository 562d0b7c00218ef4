import { DataNomadPlugin } from "@cdktf/provider-nomad/lib/data-nomad-plugin";
import { Construct } from "constructs";
import {
  type Job,
  NomadCsiVolume,
  type NomadCsiVolumeProps,
  NomadHostVolume,
  type NomadHostVolumeProps,
  NomadJob,
} from "../../nomad";
import type { CsiKind } from "../contract";
import { supportNamespaces } from "../namespaces";
import type { CsiPlugin } from "./csi-plugins";

/** A volume that a plugin makes in the cloud. */
export interface CsiVolume extends Omit<NomadCsiVolumeProps, "plugin" | "name"> {
  /** A disk that one node mounts at a time, or files that many mount. @default "block" */
  readonly kind?: CsiKind;
}

/** A volume that is a directory of one node. */
export type HostVolume = Omit<NomadHostVolumeProps, "name">;

export interface CsiProps {
  /** The plugins, by their kinds. */
  readonly plugins: Readonly<Partial<Record<CsiKind, CsiPlugin>>>;
  /** A pool whose containers reach the cloud's identity: where controllers run. */
  readonly controllerPool: string;
  /** How many of each controller. */
  readonly controllers: number;
  /** Pools whose nodes mount volumes. */
  readonly nodePools: readonly string[];
  /** Volumes by name. */
  readonly volumes: Readonly<Record<string, CsiVolume>>;
  /** What the jobs' namespace is made by. */
  readonly namespace: Construct;
}

/**
 * Storage of the cloud as volumes of Nomad: of each plugin a controller, which calls the cloud, and a node part on each pool
 * that mounts. Volumes are made once the plugin is healthy, and go before it does.
 *
 * https://developer.hashicorp.com/nomad/docs/concepts/plugins/storage/csi
 */
export class Csi extends Construct {
  constructor(scope: Construct, id: string, props: CsiProps) {
    super(scope, id);
    const { plugins, controllerPool, controllers, nodePools, volumes, namespace } = props;
    const healthy: Partial<Record<CsiKind, Construct>> = {};
    for (const [kind, plugin] of Object.entries(plugins) as [CsiKind, CsiPlugin][]) {
      const all = new Construct(this, plugin.id);
      const job = controllerJob(plugin, { nodePool: controllerPool, count: controllers });
      const controller = new NomadJob(all, "controller", { job, policy: {} });
      const nodes = nodePools.map(
        (pool) =>
          new NomadJob(all, `node-${pool}`, {
            job: nodeJob(plugin, pool),
            policy: {
              exceptions: [
                {
                  rule: "privilege",
                  group: "node",
                  reason: "it mounts file systems for other containers, which only root of the node may",
                },
              ],
            },
          }),
      );
      for (const job of [controller, ...nodes]) job.node.addDependency(namespace);
      const wait = new DataNomadPlugin(all, "healthy", { pluginId: plugin.id, waitForHealthy: true });
      wait.node.addDependency(controller, ...nodes);
      healthy[kind] = all;
    }
    for (const [name, { kind = "block", ...volume }] of Object.entries(volumes)) {
      const made = new NomadCsiVolume(this, `volume-${name}`, { ...volume, name, plugin: plugins[kind]?.id ?? "" });
      const after = healthy[kind];
      if (after !== undefined) made.node.addDependency(after);
    }
  }
}

/** Volumes on nodes, by name. */
export class HostVolumes extends Construct {
  constructor(scope: Construct, id: string, volumes: Readonly<Record<string, HostVolume>>) {
    super(scope, id);
    for (const [name, volume] of Object.entries(volumes)) new NomadHostVolume(this, name, { ...volume, name });
  }
}

const csi = (plugin: CsiPlugin, type: "controller" | "node") => ({
  csiPlugin: { id: plugin.id, type, mountDir: "/csi" } as const,
  env: { CSI_NODE_NAME: "${attr.unique.hostname}" },
  resources: { cpu: 100, memory: 128 },
  // The plugin leaves after what is mounted has been unmounted.
  killTimeout: "30s",
});

export function controllerJob(
  plugin: CsiPlugin,
  { nodePool, count }: { readonly nodePool: string; readonly count: number },
): Job {
  return {
    id: `${plugin.id}-controller`,
    namespace: supportNamespaces.storage,
    nodePool,
    priority: 90,
    group: {
      controller: {
        count,
        constraint: { operator: "distinct_hosts", value: "true" },
        task: {
          plugin: {
            driver: "docker",
            config: {
              image: plugin.image,
              args: plugin.controller,
              capDrop: ["all"],
              securityOpt: ["no-new-privileges"],
            },
            ...csi(plugin, "controller"),
          },
        },
      },
    },
  };
}

export function nodeJob(plugin: CsiPlugin, nodePool: string): Job {
  return {
    id: `${plugin.id}-node-${nodePool}`,
    type: "system",
    namespace: supportNamespaces.storage,
    nodePool,
    priority: 90,
    group: {
      node: {
        task: {
          plugin: {
            driver: "docker",
            // On the node's network it reaches the metadata service, which containers of this pool else do not.
            config: { image: plugin.image, args: plugin.node, privileged: true, networkMode: "host" },
            ...csi(plugin, "node"),
          },
        },
      },
    },
  };
}
