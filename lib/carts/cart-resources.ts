import { ConfigEntry } from "@cdktf/provider-consul/lib/config-entry";
import { ConfigEntryServiceIntentions } from "@cdktf/provider-consul/lib/config-entry-service-intentions";
import { Construct, type IDependable } from "constructs";
import { hcl } from "../core/hcl";
import { protect } from "../layer/protection";
import { type Job, type JobException, NomadCsiVolume, NomadHostVolume, NomadJob } from "../nomad";
import { type Intention, intentionSource } from "../platform/consul/mesh";
import type { CartCall, CartService, CartVolumeOfJob, DerivedCart } from "./derived";

export interface CartResourcesProps {
  readonly cart: DerivedCart;
  /** The calls within the stack, by the service that is called. */
  readonly calls: ReadonlyMap<string, readonly CartCall[]>;
  readonly namespace: string;
  /** The gateway's service in the mesh. */
  readonly gateway: string | undefined;
  readonly timeout: string;
  readonly exceptions: (job: Job) => readonly JobException[];
}

/** The resources of one Cart. What a job needs is there before it starts, and goes after it. */
export class CartResources extends Construct {
  readonly jobs = new Map<string, NomadJob>();

  constructor(scope: Construct, id: string, props: CartResourcesProps) {
    super(scope, id);
    const { cart, namespace, timeout, exceptions } = props;
    const before = cart.services
      .filter(({ mesh, listens }) => mesh && listens)
      .flatMap((service) => this.entries(service, sourcesOf(service, props)));
    const volumes = new Map<string, IDependable[]>();
    for (const volume of cart.volumes) {
      const pool = cart.jobs.find(({ id }) => id === volume.job)?.nodePool ?? "default";
      const own = volume.existing === true ? [] : this.volume(volume, namespace, pool);
      volumes.set(volume.job, [...(volumes.get(volume.job) ?? []), ...own]);
    }
    for (const job of cart.jobs) {
      const made = new NomadJob(this, `job-${job.id}`, { job, timeout, policy: { exceptions: exceptions(job) } });
      made.node.addDependency(...before, ...(volumes.get(job.id) ?? []));
      this.jobs.set(job.id, made);
    }
  }

  /** What Consul knows of a service beside its instances: what it speaks, and who may call it. */
  private entries({ name, protocol, declared }: CartService, sources: readonly Omit<Intention, "to">[]): IDependable[] {
    const defaults = declared
      ? [
          new ConfigEntry(this, `defaults-${name}`, {
            kind: "service-defaults",
            name,
            configJson: hcl.json({ Protocol: protocol }),
          }),
        ]
      : [];
    if (sources.length === 0) return defaults;
    const intentions = new ConfigEntryServiceIntentions(this, `intentions-${name}`, {
      name,
      sources: sources.map(intentionSource),
    });
    // Rules for HTTP are refused while the service is not known to speak it.
    intentions.node.addDependency(...defaults);
    return [...defaults, intentions];
  }

  private volume(volume: CartVolumeOfJob, namespace: string, pool: string): IDependable[] {
    const { name, type = "host", size, accessMode, count, parameters } = volume;
    const common = {
      namespace,
      ...(size === undefined ? {} : { capacityMin: size }),
      ...(parameters === undefined ? {} : { parameters }),
      ...(accessMode === undefined ? {} : { capabilities: [{ accessMode }] }),
    };
    const names = count === undefined ? [name] : Array.from({ length: count }, (_, index) => `${name}[${index}]`);
    return names.map((one, index) => {
      const id = count === undefined ? `volume-${name}` : `volume-${name}-${index}`;
      if (type === "csi") {
        const { plugin = "" } = volume;
        const made = new NomadCsiVolume(this, id, { ...common, name: one, plugin });
        protect(made.resource);
        return made;
      }
      const plugin = volume.plugin === undefined ? {} : { plugin: volume.plugin };
      // Nomad would choose a node of any pool, where the job may not run.
      const place = pool === "all" ? {} : { nodePool: pool };
      const made = new NomadHostVolume(this, id, { ...common, ...plugin, ...place, name: one });
      protect(made.resource);
      return made;
    });
  }
}

/** Who may call a service: callers in the stack, those that its Cart allows, and the gateway where it is exposed. */
function sourcesOf(service: CartService, { cart, calls, gateway }: CartResourcesProps): Omit<Intention, "to">[] {
  const sources = new Map<string, Omit<Intention, "to">>();
  const isExposed = cart.exposures.some((exposure) => exposure.service === service.name);
  if (isExposed && gateway !== undefined) sources.set(gateway, { from: gateway });
  for (const caller of service.allows) {
    const one = typeof caller === "string" ? { from: caller } : { from: caller.service, http: caller.http };
    sources.set(one.from, one);
  }
  for (const { from, http } of calls.get(service.name) ?? []) {
    sources.set(from, { from, ...(http === undefined ? {} : { http }) });
  }
  return [...sources.values()].sort((one, other) => (one.from < other.from ? -1 : 1));
}
