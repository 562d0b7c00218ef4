import { ConfigEntryServiceIntentions } from "@cdktf/provider-consul/lib/config-entry-service-intentions";
import type { Namespace } from "@cdktf/provider-nomad/lib/namespace";
import { Construct, type IConstruct } from "constructs";
import { PropsCheck } from "../../core/errors";
import type { InfrastructureContract } from "../../infrastructure/contract";
import type { PlatformContract } from "../../platform/contract";
import { waiveByChoice } from "../../policy";
import type { ObservabilityService } from "../contract";
import { SupportNamespace } from "../namespaces";
import { Alertmanager, type AlertmanagerSettings, checkAlertmanager } from "./alertmanager/alertmanager";
import { Collector, type CollectorSettings, checkCollector } from "./collector/collector";
import { checkGrafana, Grafana, type GrafanaSettings } from "./grafana/grafana";
import { defaultObservabilityImages, type ObservabilityImages, pinnedImage } from "./images";
import { checkLoki, Loki, type LokiSettings } from "./logs/loki";
import { NodeExporter } from "./prometheus/node-exporter";
import { checkPrometheus, Prometheus, type PrometheusSettings } from "./prometheus/prometheus";
import {
  nodeExporterService,
  type ObservabilityServiceName,
  observabilityCalls,
  observabilityServices,
} from "./services";
import { checkTempo, Tempo, type TempoSettings } from "./traces/tempo";

/** What is watched, and with what. Each part is there because it is named: `{ prometheus: {}, loki: {} }`. */
export interface ObservabilitySettings {
  /** Figures and alerts, with node exporter on every worker. @default - none */
  readonly prometheus?: PrometheusSettings;
  /** Who is told of alerts. Needs `prometheus`. @default - nobody is */
  readonly alertmanager?: AlertmanagerSettings;
  /** Dashboards. @default - none */
  readonly grafana?: GrafanaSettings;
  /** Lines of tasks and nodes, with the collector on every worker; groups of workers need `nodeLogs()`. @default - none */
  readonly loki?: LokiSettings;
  /** Traces, with the collector on every worker. @default - none */
  readonly tempo?: TempoSettings;
  /** The collector that `loki` and `tempo` bring along. */
  readonly collector?: CollectorSettings;
  /** Images instead of those of this release, as from a mirror. @default - those of this release */
  readonly images?: Partial<ObservabilityImages>;
}

export interface ObservabilityProps extends ObservabilitySettings {
  readonly platform: PlatformContract;
  readonly infrastructure: InfrastructureContract;
  /** Services of the mesh beside Grafana that may call a part, such as the ingress: `{ grafana: ["api-gateway"] }`. @default - none */
  readonly allows?: Partial<Readonly<Record<ObservabilityServiceName, readonly string[]>>>;
}

/**
 * The observability of a cluster, of parts: Prometheus with alert rules, Alertmanager, Grafana with dashboards, Loki, Tempo
 * and the OpenTelemetry collector. They talk through the mesh, each with whom it must and nobody else; figures of nodes and
 * sidecars Prometheus asks directly.
 *
 * @throws InvalidPropsError for wrong props, all of them at once
 */
export class Observability extends Construct {
  /** Services by what they are, for the contract. */
  readonly services: Readonly<Record<string, ObservabilityService>>;

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const check = new PropsCheck("Observability", scope, id);
    checkObservability(check, props);
    check.done();
    const { platform, infrastructure, prometheus, alertmanager, grafana, loki, tempo } = props;
    const images = { ...defaultObservabilityImages, ...props.images };
    const there = partsOf(props);
    const services = Object.fromEntries(there.map((name) => [name, observabilityServices[name]]));

    const space = new SupportNamespace(this, "namespace", {
      platform,
      area: "observability",
      description: "Figures, alerts, lines and traces",
      networks: ["bridge", ...(prometheus === undefined ? [] : ["host"])],
      services: [
        ...Object.values(services).map(({ service }) => service),
        ...(prometheus === undefined ? [] : [nodeExporterService]),
      ],
    });
    if (prometheus !== undefined) {
      waiveByChoice(space.node.findChild("Default") as Namespace, {
        rule: "nomad-host-network",
        reason:
          "node exporter counts what the node's own interfaces carry; no other job of this namespace asks for them",
        prop: "observability.prometheus",
      });
    }
    const { namespace } = space;
    const before: IConstruct[] = [space, ...this.intentions(there, props.allows ?? {})];
    const common = { platform, infrastructure, namespace };
    const toolsImage = images.journal;
    const parts: IConstruct[] = [];
    if (alertmanager !== undefined) {
      const image = images.alertmanager;
      parts.push(new Alertmanager(this, "alertmanager", { ...common, ...alertmanager, image }));
    }
    if (prometheus !== undefined) {
      parts.push(new NodeExporter(this, "node-exporter", { namespace, image: images.nodeExporter }));
      const hasAlertmanager = alertmanager !== undefined;
      parts.push(new Prometheus(this, "prometheus", { ...common, ...prometheus, images, hasAlertmanager }));
    }
    if (loki !== undefined) parts.push(new Loki(this, "loki", { ...common, ...loki, image: images.loki, toolsImage }));
    if (tempo !== undefined)
      parts.push(new Tempo(this, "tempo", { ...common, ...tempo, image: images.tempo, toolsImage }));
    if (there.includes("otlp")) {
      const [hasLoki, hasTempo] = [loki !== undefined, tempo !== undefined];
      parts.push(new Collector(this, "collector", { namespace, images, hasLoki, hasTempo, ...props.collector }));
    }
    if (grafana !== undefined) {
      const sources = {
        prometheus: prometheus !== undefined,
        alertmanager: alertmanager !== undefined,
        loki: loki !== undefined,
        tempo: tempo !== undefined,
      };
      parts.push(new Grafana(this, "grafana", { ...common, ...grafana, sources, image: images.grafana }));
    }
    for (const part of parts) part.node.addDependency(...before);
    this.services = services;
  }

  /** One entry a service that is called, with those that call it; a service without one is called by nobody. */
  private intentions(
    there: readonly ObservabilityServiceName[],
    allows: Partial<Readonly<Record<ObservabilityServiceName, readonly string[]>>>,
  ): IConstruct[] {
    return there.flatMap((to) => {
      const callers = observabilityCalls.filter(([from, called]) => called === to && there.includes(from));
      const names = [...callers.map(([from]) => observabilityServices[from].service), ...(allows[to] ?? [])];
      if (names.length === 0) return [];
      return [
        new ConfigEntryServiceIntentions(this, `intentions-${observabilityServices[to].service}`, {
          name: observabilityServices[to].service,
          sources: [...new Set(names)].sort().map((name) => ({ name, type: "consul", action: "allow" })),
        }),
      ];
    });
  }
}

/** Which services there are. */
function partsOf(settings: ObservabilitySettings): ObservabilityServiceName[] {
  const { prometheus, alertmanager, grafana, loki, tempo } = settings;
  return [
    ...(prometheus === undefined ? [] : (["prometheus"] as const)),
    ...(alertmanager === undefined ? [] : (["alertmanager"] as const)),
    ...(grafana === undefined ? [] : (["grafana"] as const)),
    ...(loki === undefined ? [] : (["loki"] as const)),
    ...(tempo === undefined ? [] : (["tempo", "tempoOtlp"] as const)),
    ...(loki === undefined && tempo === undefined ? [] : (["otlp"] as const)),
  ];
}

/** Checks what an observability is told, each part below its name. */
export function checkObservability(check: PropsCheck, settings: ObservabilitySettings): void {
  const { prometheus, alertmanager, grafana, loki, tempo, collector, images = {} } = settings;
  if (prometheus !== undefined) checkPrometheus(check.under("prometheus"), prometheus);
  if (alertmanager !== undefined) checkAlertmanager(check.under("alertmanager"), alertmanager);
  if (grafana !== undefined) checkGrafana(check.under("grafana"), grafana);
  if (loki !== undefined) checkLoki(check.under("loki"), loki);
  if (tempo !== undefined) checkTempo(check.under("tempo"), tempo);
  if (collector !== undefined) checkCollector(check.under("collector"), collector);
  for (const [name, image] of Object.entries(images)) check.optional(`images.${name}`, image, pinnedImage);
  if (alertmanager !== undefined && prometheus === undefined) {
    const allowed = "Alertmanager beside Prometheus";
    check.add({ property: "alertmanager", given: alertmanager, allowed, fix: "add prometheus: {}, or remove it" });
  }
  if (grafana !== undefined && prometheus === undefined) {
    const allowed = "Grafana beside Prometheus, which its dashboards ask";
    check.add({ property: "grafana", given: "no prometheus", allowed, fix: "add prometheus: {}, or remove it" });
  }
  if (collector !== undefined && loki === undefined && tempo === undefined) {
    const allowed = "a collector for loki or tempo";
    check.add({ property: "collector", given: collector, allowed, fix: "add loki: {} or tempo: {}, or remove it" });
  }
}
