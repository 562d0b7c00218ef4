import { AclBindingRule } from "@cdktf/provider-consul/lib/acl-binding-rule";
import { ConfigEntry } from "@cdktf/provider-consul/lib/config-entry";
import { Construct } from "constructs";
import { hcl } from "../../core/hcl";
import { ports } from "../../core/traffic";
import { NomadJob } from "../../nomad";
import type { PlatformContract } from "../../platform/contract";
import type { ConsulAgent } from "../consul-agent";
import type { SupportImages } from "../images";
import { supportNamespaces } from "../namespaces";
import { RouteTable } from "../route-table";
import { CERTIFICATE_FILE, CertificateSource, type GatewayCertificate } from "./certificate";
import { gatewayJob } from "./gateway-job";

/** The gateway's service in the mesh, and its one listener. */
export const ingress = { service: "api-gateway", listener: "https", port: ports.ingress } as const;

/** How requests from outside reach the mesh. */
export interface IngressProps {
  /** @default "vault" */
  readonly certificate?: GatewayCertificate;
  /**
   * The nodes that it runs on, each of them: a pool, or `"all"`.
   *
   * @default "all": the people's balancer asks every worker
   */
  readonly nodePool?: string;
  /** Oldest version of TLS that it speaks. @default "TLSv1_2" */
  readonly tlsMinVersion?: "TLSv1_2" | "TLSv1_3";
  /** In MHz and MiB. @default { cpu: 500, memory: 256 } */
  readonly resources?: { readonly cpu: number; readonly memory: number };
}

export interface ApiGatewayProps extends IngressProps {
  readonly platform: PlatformContract;
  readonly appsDomain: string;
  readonly agent: ConsulAgent;
  readonly ca?: string;
  readonly images: SupportImages;
  /** What the job's namespace is made by. */
  readonly namespace: Construct;
}

/**
 * The way in: Consul's API gateway, which Envoy runs on every worker behind the people's balancer, with TLS, for hosts below the
 * applications' domain. Whose requests a host's are, `routes` says; that a service answers them its own intention allows.
 */
export class ApiGateway extends Construct {
  readonly routes: RouteTable;

  constructor(scope: Construct, id: string, props: ApiGatewayProps) {
    super(scope, id);
    const { platform, appsDomain, agent, ca, images, namespace } = props;
    const { certificate = "vault", nodePool = "all", tlsMinVersion = "TLSv1_2" } = props;
    const { service, listener, port } = ingress;

    const source = new CertificateSource(this, "certificate", { platform, appsDomain, jobId: service, certificate });
    const files = new ConfigEntry(this, "certificate-entry", {
      kind: "file-system-certificate",
      name: service,
      configJson: hcl.json({ Certificate: CERTIFICATE_FILE, PrivateKey: CERTIFICATE_FILE }),
    });
    const gateway = new ConfigEntry(this, "gateway", {
      kind: "api-gateway",
      name: service,
      configJson: hcl.json({
        Listeners: [
          {
            Name: listener,
            Hostname: `*.${appsDomain}`,
            Port: port,
            Protocol: "http",
            TLS: {
              Certificates: [{ Kind: "file-system-certificate", Name: service }],
              MinVersion: tlsMinVersion,
            },
          },
        ],
      }),
    });
    gateway.node.addDependency(files);
    this.routes = new RouteTable(this, "routes", {
      appsDomain,
      gateway: service,
      listener,
      teams: platform.static.teams,
      after: [gateway],
    });

    const rights = new AclBindingRule(this, "rights", {
      authMethod: platform.static.workloads.consulMethod,
      bindType: "templated-policy",
      bindName: "builtin/api-gateway",
      bindVars: { name: service },
      selector: `"nomad_service" not in value and value.nomad_namespace=="${supportNamespaces.gateways}" and value.nomad_job_id=="${service}"`,
      description: "The API gateway",
    });
    const job = new NomadJob(this, "job", {
      job: gatewayJob({
        kind: "api",
        service,
        port,
        nodePool,
        agent,
        ca,
        images,
        template: [source.template],
        vaultRole: source.vaultRole,
        resources: props.resources ?? { cpu: 500, memory: 256 },
      }),
      policy: {},
    });
    job.node.addDependency(namespace, source, gateway, rights);
  }
}
