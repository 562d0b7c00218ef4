import type { Check, ExposePath, Group, GroupPart, Port, Service } from "../nomad";
import { listOf } from "./cart";
import type { ConsumedService, ProvidedService } from "./declarations";

export type Upstreams = readonly ConsumedService[];

/**
 * Facts of a service in Consul by which Prometheus finds its figures: ports on the node, and the path of the program's own.
 * Through the mesh nobody could ask without being a service.
 */
export const metricsMeta = { port: "metrics_port", path: "metrics_path", envoyPort: "envoy_metrics_port" } as const;

/** Port of a sidecar's own figures inside the group's network; a second sidecar of the group has the next. */
const ENVOY_METRICS = 9102;

/** The label of a service's port, which the environment variable `NOMAD_PORT_<label>` holds. */
export const portLabel = (service: string) => service.replace(/-/g, "_");

/** What a provided service adds to its group. `sidecar` counts those of the group, from 0. */
export function servicePart(service: ProvidedService, group: Group, upstreams: Upstreams, sidecar: number): GroupPart {
  return (service.mesh ?? true) ? meshPart(service, group, upstreams, sidecar) : plainPart(service, group);
}

function meshPart(service: ProvidedService, group: Group, upstreams: Upstreams, sidecar: number): GroupPart {
  const { name, port, metrics } = service;
  const label = portLabel(name);
  const ports: Record<string, Port> = { [`envoy_${label}`]: { to: ENVOY_METRICS + sidecar } };
  const paths: ExposePath[] = [];
  /** Opens a path beside the mesh, on a port of its own. */
  const open = (path: string, localPathPort: number, listenerPort: string) => {
    ports[listenerPort] = { to: -1 };
    paths.push({ path, localPathPort, listenerPort });
    return listenerPort;
  };
  const metricsPort = metrics?.port ?? port;
  const figures =
    metrics === undefined || metricsPort === undefined
      ? undefined
      : { label: `metrics_${label}`, path: metrics.path ?? "/metrics" };
  if (figures !== undefined && metricsPort !== undefined) open(figures.path, metricsPort, figures.label);
  const checks = listOf(service.health).map((check, index): Check => {
    if (check.type !== "http" && check.type !== "grpc") return check;
    if (check.port === undefined || !/^\d+$/.test(check.port)) return { expose: true, ...check };
    // A port that is not the service's: Nomad opens no way to it by itself.
    const path = check.type === "http" ? check.path : "/grpc.health.v1.Health/Check";
    return { ...check, port: open(path, Number(check.port), `check_${label}_${index}`) };
  });
  const whole: Service = {
    ...common(service, group, checks, {
      ...figuresOf(figures),
      [metricsMeta.envoyPort]: `\${NOMAD_HOST_PORT_envoy_${label}}`,
    }),
    ...(port === undefined ? {} : { port: String(port) }),
    connect: {
      sidecarService: {
        proxy: {
          config: { envoy_prometheus_bind_addr: `0.0.0.0:${ENVOY_METRICS + sidecar}` },
          ...(upstreams.length === 0 ? {} : { upstreams: upstreams.map(upstreamOf) }),
          ...(paths.length === 0 ? {} : { expose: { path: paths } }),
        },
      },
    },
  };
  return { network: networkOf(group, "bridge", ports), service: whole };
}

function plainPart(service: ProvidedService, group: Group): GroupPart {
  const { name, port, network = "bridge", staticPort, metrics } = service;
  if (port === undefined) return { service: { name } };
  const label = portLabel(name);
  const metricsLabel = metrics?.port === undefined || metrics.port === port ? label : `metrics_${label}`;
  const opened = (to: number): Port => (network === "bridge" ? { to } : {});
  const ports: Record<string, Port> = {
    [label]: { ...opened(port), ...(staticPort === undefined ? {} : { static: staticPort }) },
    ...(metricsLabel === label || metrics?.port === undefined ? {} : { [metricsLabel]: opened(metrics.port) }),
  };
  const figures = metrics === undefined ? undefined : { label: metricsLabel, path: metrics.path ?? "/metrics" };
  return {
    network: networkOf(group, network, ports),
    service: { ...common(service, group, listOf(service.health), figuresOf(figures)), port: label },
  };
}

/** A network that the group has already keeps its mode. */
function networkOf(group: Group, mode: "bridge" | "host", port: Readonly<Record<string, Port>>) {
  return {
    ...(group.network?.mode === undefined ? { mode } : {}),
    ...(Object.keys(port).length === 0 ? {} : { port }),
  };
}

function common(
  { name, tags }: ProvidedService,
  group: Group,
  checks: readonly Check[],
  meta: Readonly<Record<string, string>>,
) {
  const tasks = Object.keys(group.task);
  return {
    name,
    ...(tags === undefined ? {} : { tags }),
    ...(checks.length === 0 ? {} : { check: checks.map((check) => placed(check, tasks)) }),
    ...(Object.keys(meta).length === 0 ? {} : { meta }),
  };
}

function figuresOf(
  figures: { readonly label: string; readonly path: string } | undefined,
): Readonly<Record<string, string>> {
  if (figures === undefined) return {};
  return {
    [metricsMeta.port]: `\${NOMAD_HOST_PORT_${figures.label}}`,
    [metricsMeta.path]: figures.path,
  };
}

/** A program is run inside a task: the only one, where none is named. */
const placed = (check: Check, tasks: readonly string[]): Check =>
  check.type === "script" && check.task === undefined && tasks.length === 1 && tasks[0] !== undefined
    ? { ...check, task: tasks[0] }
    : check;

function upstreamOf({ service, localPort }: ConsumedService) {
  return { destinationName: typeof service === "string" ? service : service.external, localBindPort: localPort };
}
