import { ConfigEntry } from "@cdktf/provider-consul/lib/config-entry";
import { Lazy } from "cdktf";
import type { Construct } from "constructs";
import type { PropsCheck } from "../core/errors";
import { hcl } from "../core/hcl";
import { ports } from "../core/traffic";
import { LayerStack } from "../layer/layer-stack";
import { checkApplicationSupport } from "./application-support-check";
import type { ApplicationSupportStackProps } from "./application-support-props";
import { type ApplicationSupportContract, applicationSupportSchema, localContract } from "./contract";
import { supportNamespaces } from "./namespaces";
import { Observability } from "./observability";
import { makeProviders } from "./providers";
import { RouteTable } from "./route-table";

/** The gateway's service in the mesh, and its one listener. */
const INGRESS = { service: "api-gateway", listener: "https", port: ports.ingress } as const;

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
    const { platform } = props;
    makeProviders(this, platform.static);

    const { appsDomain } = platform.static;
    const routes = appsDomain === undefined ? undefined : this.makeIngress(props, appsDomain);
    const observability = this.makeObservability(props, routes);
    const published = applicationSupportSchema.publish(
      this,
      {
        environment: props.environment.name,
        namespaces: supportNamespaces,
        ...(appsDomain === undefined ? {} : { ingress: { ...INGRESS, appsDomain } }),
        csiPlugins: {},
        observability: observability?.services ?? {},
      },
      // Carts of this app add theirs after this stack is made.
      {
        routes: Lazy.anyValue({ produce: () => hcl.value({ ...routes?.services }) }) as unknown as Record<
          string,
          string
        >,
      },
    );
    this.contract = localContract(published, this, routes);
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
      allows: isReached ? { grafana: [INGRESS.service] } : {},
    });
  }

  protected static override checkProps(check: PropsCheck, props: ApplicationSupportStackProps): void {
    LayerStack.checkProps(check, props);
    checkApplicationSupport(check, props);
  }

  private makeIngress({ platform, routes = [] }: ApplicationSupportStackProps, appsDomain: string): RouteTable {
    const listener = { Name: INGRESS.listener, Hostname: `*.${appsDomain}`, Port: INGRESS.port, Protocol: "http" };
    const gateway = new ConfigEntry(this, "api-gateway-entry", {
      kind: "api-gateway",
      name: INGRESS.service,
      configJson: hcl.json({ Listeners: [listener] }),
    });
    const { teams } = platform.static;
    const table = new RouteTable(this, "routes", {
      appsDomain,
      gateway: INGRESS.service,
      listener: INGRESS.listener,
      teams,
      after: [gateway],
    });
    table.add(routes);
    return table;
  }
}
