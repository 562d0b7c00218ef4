import { Lazy } from "cdktf";
import type { Construct } from "constructs";
import type { PropsCheck } from "../core/errors";
import { hcl } from "../core/hcl";
import type { InfrastructureContract } from "../infrastructure/contract";
import { LayerStack } from "../layer/layer-stack";
import { clusterCa } from "../platform/servers";
import { checkApplicationSupport } from "./application-support-check";
import type { ApplicationSupportStackProps } from "./application-support-props";
import { Autoscaler } from "./autoscaling/autoscaler";
import { scaledWorkers } from "./autoscaling/scaled-workers";
import { pluginConfig } from "./autoscaling/scaling-policy";
import { consulAgentOf } from "./consul-agent";
import { type ApplicationSupportContract, applicationSupportSchema, type CsiKind, localContract } from "./contract";
import { ExternalServices, terminatingGateway } from "./external-services";
import { ApiGateway, ingress } from "./gateways/api-gateway";
import { defaultImages } from "./images";
import { SupportNamespace, supportNamespaces } from "./namespaces";
import { Observability } from "./observability";
import { makeProviders } from "./providers";
import type { RouteTable } from "./route-table";
import { Csi, HostVolumes } from "./storage/csi";
import { controllersOf, storageOf } from "./storage/storage-of";

/**
 * What applications stand on: gateways and the routes to services, storage, services outside the mesh, observability and
 * scaling.
 *
 * It is applied by whoever applies the platform (`deployer`): routes and gateways change all of the mesh, and its jobs get
 * rights of their own. Providers act as whoever runs Terraform: `VAULT_TOKEN`, `CONSUL_HTTP_TOKEN`, `NOMAD_TOKEN`.
 *
 * @throws InvalidPropsError for wrong props, all of them at once
 */
export class ApplicationSupportStack extends LayerStack {
  readonly contract: ApplicationSupportContract;

  constructor(scope: Construct, id: string, props: ApplicationSupportStackProps) {
    super(scope, id, props);
    const { platform, infrastructure, externalServices = {} } = props;
    const { appsDomain } = platform.static;
    makeProviders(this, platform.static);

    const nodePool = props.nodePool ?? systemPool(infrastructure);
    const shared = {
      platform,
      agent: props.consulAgent ?? consulAgentOf(infrastructure),
      ca: clusterCa(this, infrastructure),
      images: { ...defaultImages, ...props.images },
    };
    const gateways = new SupportNamespace(this, "gateways-namespace", {
      platform,
      area: "gateways",
      description: "Gateways of the mesh",
      networks: ["host"],
      services: [],
    });
    const operations = new SupportNamespace(this, "operations-namespace", {
      platform,
      area: "operations",
      description: "What watches and scales the platform",
      networks: ["host", "bridge"],
      services: [],
    });

    let api: ApiGateway | undefined;
    if (appsDomain !== undefined) {
      api = new ApiGateway(this, "ingress", { ...shared, ...props.ingress, appsDomain, namespace: gateways });
      api.routes.add(props.routes ?? []);
    }
    const csi = this.makeStorage(props, nodePool);
    const observability = this.makeObservability(props, api?.routes);
    // Its volumes are made by plugins that are healthy, and go before them.
    const plugins = this.node.tryFindChild("csi");
    if (plugins !== undefined) observability?.node.addDependency(plugins);
    const outside = Object.keys(externalServices);
    if (outside.length > 0) {
      new ExternalServices(this, "external-services", {
        ...shared,
        nodePool,
        services: externalServices,
        namespaces: [gateways, operations],
      });
    }

    const scaled = scaledWorkers(this, props);
    const autoscaling = props.autoscaling === false ? undefined : props.autoscaling;
    if (Object.keys(scaled).length > 0 || autoscaling !== undefined) {
      new Autoscaler(this, "autoscaler", {
        ...shared,
        nodePool,
        workers: scaled,
        plugins: { ...pluginConfig(infrastructure), ...autoscaling?.plugins },
        namespace: operations,
      });
    }

    const published = applicationSupportSchema.publish(
      this,
      {
        environment: props.environment.name,
        namespaces: supportNamespaces,
        ...(appsDomain === undefined ? {} : { ingress: { ...ingress, appsDomain } }),
        ...(outside.length === 0 ? {} : { terminating: { service: terminatingGateway, services: outside } }),
        csiPlugins: csi,
        observability: observability?.services ?? {},
      },
      // Carts of this app add theirs after this stack is made.
      {
        routes: Lazy.anyValue({ produce: () => hcl.value({ ...api?.routes.services }) }) as unknown as Record<
          string,
          string
        >,
      },
    );
    this.contract = localContract(published, this, api?.routes);
  }

  /** Ids of the plugins, by their kinds. */
  private makeStorage(props: ApplicationSupportStackProps, controllerPool: string): Partial<Record<CsiKind, string>> {
    const { plugins, nodePools } = storageOf(props);
    const { volumes = {}, hostVolumes = {} } = props.storage ?? {};
    if (Object.keys(hostVolumes).length > 0) new HostVolumes(this, "host-volumes", hostVolumes);
    if (nodePools.length === 0) return {};
    const namespace = new SupportNamespace(this, "storage-namespace", {
      platform: props.platform,
      area: "storage",
      description: "Storage plugins, which are privileged on the nodes that mount volumes",
      networks: ["bridge"],
      services: [],
    });
    const controllers = controllersOf(props, controllerPool);
    new Csi(this, "csi", { plugins, controllerPool, controllers, nodePools, volumes, namespace });
    return Object.fromEntries(Object.entries(plugins).map(([kind, { id }]) => [kind, id]));
  }

  /** Grafana is the one part that people reach, by the gateway where there is one. */
  private makeObservability(props: ApplicationSupportStackProps, routes?: RouteTable): Observability | undefined {
    const { platform, infrastructure, observability } = props;
    if (observability === undefined) return undefined;
    const { grafana } = observability;
    const isReached = grafana !== undefined && routes !== undefined;
    if (isReached) routes.add([{ host: grafana.host ?? "grafana", service: "grafana" }]);
    return new Observability(this, "observability", {
      platform,
      infrastructure,
      ...observability,
      allows: isReached ? { grafana: [ingress.service] } : {},
    });
  }

  protected static override checkProps(check: PropsCheck, props: ApplicationSupportStackProps): void {
    LayerStack.checkProps(check, props);
    checkApplicationSupport(check, props);
  }
}

function systemPool({ static: known }: InfrastructureContract): string {
  const groups = Object.values<{ readonly nodePool: string; readonly system?: boolean }>(known.workerGroups ?? {});
  return groups.find(({ system }) => system === true)?.nodePool ?? "default";
}
