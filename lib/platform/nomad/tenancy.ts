import { Namespace, type NamespaceConfig } from "@cdktf/provider-nomad/lib/namespace";
import { NodePool, type NodePoolConfig } from "@cdktf/provider-nomad/lib/node-pool";
import { SchedulerConfig, type SchedulerConfigConfig } from "@cdktf/provider-nomad/lib/scheduler-config";
import { Construct } from "constructs";
import { hcl } from "../../core/hcl";
import { type Transform, transformed } from "../../layer/transform";
import { waiveByChoice } from "../../policy";

/** A namespace of Nomad, and what its jobs may use. */
export interface NomadNamespaceProps {
  /** @default - none */
  readonly description?: string;
  /**
   * The task drivers that its jobs may use.
   *
   * @default - all that nodes have but raw_exec, which is root on the node
   */
  readonly drivers?: readonly string[];
  /**
   * The network modes that its jobs may use: `"bridge"`, `"none"`, `"cni/*"`, `"host"`.
   *
   * @default - all but host, which reaches what listens on the node's loopback
   */
  readonly networks?: readonly string[];
  /** @default - none */
  readonly meta?: Readonly<Record<string, string>>;
}

/** A node pool. A scheduler of its own is Nomad Enterprise's, and so is a quota of a namespace. */
export interface NomadNodePoolProps {
  /** @default - none */
  readonly description?: string;
  /** @default - none */
  readonly meta?: Readonly<Record<string, string>>;
}

/** How Nomad chooses a node. */
export interface NomadScheduler {
  /**
   * Fill a node before the next, or spread over all.
   *
   * @default "spread": the loss of a node takes the fewest allocations along
   */
  readonly algorithm?: "binpack" | "spread";
  /** Whether tasks may use memory beyond what they reserve, up to `memory_max`. @default false */
  readonly memoryOversubscription?: boolean;
  /** Which kinds of jobs may push out those of lower priority. @default ["system"] */
  readonly preemption?: readonly ("batch" | "service" | "sysbatch" | "system")[];
}

/** A namespace with a change of its own. */
export interface TenantNamespace extends NomadNamespaceProps {
  readonly transform?: Transform<NamespaceConfig>;
}

export interface NomadTenancyProps {
  readonly namespaces: Readonly<Record<string, TenantNamespace>>;
  readonly nodePools: Readonly<Record<string, NomadNodePoolProps>>;
  readonly scheduler: NomadScheduler;
  /** @default - none */
  readonly transform?: NomadTenancyTransform;
}

export interface NomadTenancyTransform {
  /** Laid on all namespaces. */
  readonly namespace?: Transform<NamespaceConfig>;
  /** Laid on all node pools. */
  readonly nodePool?: Transform<NodePoolConfig>;
  readonly scheduler?: Transform<SchedulerConfigConfig>;
}

/** Who shares Nomad with whom: namespaces, node pools, and how nodes are chosen. */
export class NomadTenancy extends Construct {
  readonly namespaces: Readonly<Record<string, Namespace>>;

  constructor(scope: Construct, id: string, { namespaces, nodePools, scheduler, transform }: NomadTenancyProps) {
    super(scope, id);
    this.namespaces = Object.fromEntries(
      Object.entries(namespaces).map(([name, props]) => [name, this.namespace(name, props, transform?.namespace)]),
    );
    for (const [name, { description, meta }] of Object.entries(nodePools)) {
      new NodePool(
        this,
        `pool-${name}`,
        transformed(transform?.nodePool, {
          name,
          ...(description === undefined ? {} : { description: hcl.text(description) }),
          ...(meta === undefined ? {} : { meta: hcl.value({ ...meta }) }),
        }),
      );
    }
    const preempts = scheduler.preemption ?? ["system"];
    const preemption = (["batch", "service", "sysbatch", "system"] as const).map(
      (kind) => [`${kind}_scheduler_enabled`, preempts.includes(kind)] as const,
    );
    new SchedulerConfig(
      this,
      "scheduler",
      transformed(transform?.scheduler, {
        schedulerAlgorithm: scheduler.algorithm ?? "spread",
        memoryOversubscriptionEnabled: scheduler.memoryOversubscription ?? false,
        preemptionConfig: Object.fromEntries(preemption),
      }),
    );
  }

  private namespace(
    name: string,
    { description, drivers, networks, meta, transform: own }: TenantNamespace,
    shared: Transform<NamespaceConfig> | undefined,
  ): Namespace {
    const props: NamespaceConfig = {
      name,
      ...(description === undefined ? {} : { description: hcl.text(description) }),
      ...(meta === undefined ? {} : { meta: hcl.value({ ...meta }) }),
      capabilities: {
        ...(drivers === undefined ? { disabledTaskDrivers: ["raw_exec"] } : { enabledTaskDrivers: [...drivers] }),
        ...(networks === undefined ? { disabledNetworkModes: ["host"] } : { enabledNetworkModes: [...networks] }),
      },
    };
    const namespace = new Namespace(this, `namespace-${name}`, transformed(own, transformed(shared, props)));
    const chosen = [
      ["nomad-raw-exec", "drivers", drivers, "raw_exec"],
      ["nomad-host-network", "networks", networks, "host"],
    ] as const;
    for (const [rule, prop, given, what] of chosen) {
      // An empty list enables nothing, which Nomad takes for no list.
      if (given === undefined || (given.length > 0 && !given.includes(what))) continue;
      waiveByChoice(namespace, { rule, reason: `the jobs of ${name} may use ${what}`, prop });
    }
    return namespace;
  }
}
