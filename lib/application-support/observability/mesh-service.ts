import type { GroupPart, Job, Service, Upstream } from "../../nomad";
import { extendGroup, httpCheck, upstream } from "../../nomad";
import { envoyMetricsPort, scrapeMeta } from "./services";

export interface MeshServiceProps {
  readonly service: string;
  /** Where the program listens, on loopback inside the group's network. */
  readonly port: number;
  /** Path that answers 200 when it works, and its port where that is another. */
  readonly health: string;
  /** @default - the service's */
  readonly healthPort?: number;
  /** Path of its figures. @default - it has none of its own */
  readonly metrics?: string;
  /** @default - the service's */
  readonly metricsPort?: number;
  /** Services that it calls: `[service, local port]`. @default - none */
  readonly calls?: readonly (readonly [service: string, port: number])[];
}

/**
 * A program that only its sidecar reaches: it listens on loopback, and who may call it an intention says. Its health and its
 * figures, nothing else, are let through to the node's Consul and to Prometheus.
 */
export function meshService(props: MeshServiceProps): GroupPart {
  const { service: name, port, health, healthPort, metrics, metricsPort = port, calls = [] } = props;
  const suffix = name.replace(/-/g, "_");
  const upstreams: Upstream[] = calls.map(([called, local]) => upstream(called, local));
  const opened = {
    ...(metrics === undefined ? {} : { [`metrics_${suffix}`]: { path: metrics, localPathPort: metricsPort } }),
    ...(healthPort === undefined ? {} : { [`health_${suffix}`]: { path: health, localPathPort: healthPort } }),
  };
  const path = Object.entries(opened).map(([listenerPort, where]) => ({ ...where, listenerPort }));
  const service: Service = {
    name,
    port: String(port),
    check: httpCheck(health, healthPort === undefined ? { expose: true } : { port: `health_${suffix}` }),
    ...(metrics === undefined
      ? {}
      : { meta: { [scrapeMeta.port]: `\${NOMAD_HOST_PORT_metrics_${suffix}}`, [scrapeMeta.path]: metrics } }),
    connect: {
      sidecarService: {
        proxy: {
          ...(upstreams.length === 0 ? {} : { upstreams }),
          ...(path.length === 0 ? {} : { expose: { path } }),
        },
      },
    },
  };
  const ports = Object.fromEntries(Object.keys(opened).map((label) => [label, { to: -1 }]));
  return { network: { mode: "bridge", ...(path.length === 0 ? {} : { port: ports }) }, service };
}

/**
 * A job whose sidecars tell Prometheus their own figures: requests, errors and times of every call, in and out. Each gets a
 * port of the node, which says nothing but these. Services that a Cart provides have this already; this is for jobs that
 * write their sidecars themselves.
 *
 * ```ts
 * new NomadJob(this, "shop", { job: withEnvoyMetrics(job) });
 * ```
 */
export function withEnvoyMetrics(job: Job): Job {
  const groups = Object.entries(job.group).map(([name, group]) => {
    const services = group.service === undefined ? [] : [group.service].flat();
    let next = envoyMetricsPort;
    const port: Record<string, { readonly to: number }> = {};
    const told = services.map((service) => {
      const sidecar = service.connect?.sidecarService;
      if (sidecar === undefined) return service;
      const own = next++;
      const label = `envoy_${(service.name ?? name).replace(/\W/g, "_")}`;
      port[label] = { to: own };
      const config = { ...sidecar.proxy?.config, envoy_prometheus_bind_addr: `0.0.0.0:${own}` };
      return {
        ...service,
        meta: { ...service.meta, [scrapeMeta.envoyPort]: `\${NOMAD_HOST_PORT_${label}}` },
        connect: { ...service.connect, sidecarService: { ...sidecar, proxy: { ...sidecar.proxy, config } } },
      } as Service;
    });
    if (next === envoyMetricsPort) return [name, group] as const;
    return [name, extendGroup({ ...group, service: told }, { network: { port } })] as const;
  });
  return { ...job, group: Object.fromEntries(groups) };
}
