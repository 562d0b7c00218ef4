import { ConfigEntry } from "@cdktf/provider-consul/lib/config-entry";
import { ConfigEntryServiceIntentions } from "@cdktf/provider-consul/lib/config-entry-service-intentions";
import { Node } from "@cdktf/provider-consul/lib/node";
import { Service } from "@cdktf/provider-consul/lib/service";
import { Construct } from "constructs";
import { hcl } from "../core/hcl";
import { formatDuration } from "../core/values";
import { externalNodePrefix } from "../node/names";
import { NomadJob } from "../nomad";
import type { Job } from "../nomad/spec";
import type { PlatformContract } from "../platform/contract";
import { type ConsulAgent, consulClient } from "./consul-agent";
import { gatewayJob } from "./gateways/gateway-job";
import type { SupportImages } from "./images";
import { ConsulGrant, supportNamespaces } from "./namespaces";

/** A service that does not run here: a database of the cloud, another company's API. */
export interface ExternalService {
  /** Host name or IP address. */
  readonly address: string;
  readonly port: number;
  /** Services of the mesh that may call it, by the way of the terminating gateway. */
  readonly allow: readonly string[];
  /** @default "tcp" */
  readonly protocol?: "tcp" | "http" | "http2" | "grpc";
  /**
   * TLS towards it, by authorities that everybody knows; `sni` is the name that is asked of it. Callers speak plainly, and
   * within the mesh by the mesh's own TLS.
   *
   * @default - it is not encrypted anew: what the caller sends arrives as it is
   */
  readonly tls?: { readonly sni: string };
  /**
   * How it is seen to work, asked by consul-esm: a connection, or a path that answers 2xx.
   *
   * @default { type: "tcp", interval: "30s", timeout: "5s" }
   */
  readonly check?: {
    readonly type: "tcp" | "http";
    readonly path?: string;
    readonly interval?: string;
    readonly timeout?: string;
  };
}

export interface ExternalServicesProps {
  readonly platform: PlatformContract;
  readonly services: Readonly<Record<string, ExternalService>>;
  readonly nodePool: string;
  readonly agent: ConsulAgent;
  readonly ca?: string;
  readonly images: SupportImages;
  /** What the jobs' namespaces are made by. */
  readonly namespaces: readonly Construct[];
}

export const terminatingGateway = "terminating-gateway";
export const externalServiceMonitor = "consul-esm";

/** Name of the node in Consul's catalog under which a service outside stands. */
export const externalNode = (service: string) => `${externalNodePrefix}${service}`;

/** Certificates of authorities in Envoy's image. */
const PUBLIC_CA = "/etc/ssl/certs/ca-certificates.crt";

const everything = { "": "read" } as const;

/**
 * Services outside, as if they were in the mesh: in Consul's catalog, watched by consul-esm, called through a terminating
 * gateway by whom an intention allows.
 */
export class ExternalServices extends Construct {
  constructor(scope: Construct, id: string, props: ExternalServicesProps) {
    super(scope, id);
    const { platform, services, namespaces, nodePool, agent, ca, images } = props;
    const names = Object.keys(services);

    const gateway = new ConfigEntry(this, "gateway", {
      kind: "terminating-gateway",
      name: terminatingGateway,
      configJson: hcl.json({
        Services: Object.entries(services).map(([Name, { tls }]) =>
          tls === undefined ? { Name } : { Name, CAFile: PUBLIC_CA, SNI: tls.sni },
        ),
      }),
    });
    const entries = Object.entries(services).map(([name, service]) => this.register(name, service));
    gateway.node.addDependency(...entries);

    const gatewayRights = new ConsulGrant(this, "gateway-rights", {
      platform,
      area: "gateways",
      jobId: terminatingGateway,
      description: "The terminating gateway stands for the services outside",
      rules: {
        node_prefix: everything,
        service: Object.fromEntries([terminatingGateway, ...names].map((name) => [name, "write" as const])),
        service_prefix: everything,
      },
    });
    const common = { nodePool, agent, ca, images };
    const out = new NomadJob(this, "gateway-job", {
      job: gatewayJob({
        ...common,
        kind: "terminating",
        service: terminatingGateway,
        resources: { cpu: 200, memory: 192 },
      }),
      policy: {},
    });
    out.node.addDependency(...namespaces, gateway, gatewayRights);

    const monitorRights = new ConsulGrant(this, "monitor-rights", {
      platform,
      area: "operations",
      jobId: externalServiceMonitor,
      description: "consul-esm says how the services outside are",
      rules: {
        agent_prefix: everything,
        key_prefix: { [`${externalServiceMonitor}/`]: "write" },
        node: Object.fromEntries(names.map((name) => [externalNode(name), "write" as const])),
        node_prefix: everything,
        service: Object.fromEntries([externalServiceMonitor, ...names].map((name) => [name, "write" as const])),
        service_prefix: everything,
        session_prefix: { "": "write" },
      },
    });
    const monitor = new NomadJob(this, "monitor-job", { job: monitorJob(common), policy: {} });
    monitor.node.addDependency(...namespaces, monitorRights, ...entries);
  }

  private register(name: string, external: ExternalService): Construct {
    const all = new Construct(this, name);
    const { address, port, allow, protocol = "tcp", check = { type: "tcp" } } = external;
    const node = new Node(all, "node", {
      name: externalNode(name),
      address,
      meta: { "external-node": "true", "external-probe": "false" },
    });
    const defaults = new ConfigEntry(all, "defaults", {
      kind: "service-defaults",
      name,
      configJson: hcl.json({ Protocol: protocol }),
    });
    const where = { tcp: { tcp: `${address}:${port}` }, http: { http: `${urlOf(external)}${check.path ?? "/"}` } };
    new Service(all, "service", {
      name,
      nodeAttribute: node.name,
      port,
      check: [
        {
          checkId: `${name}-esm`,
          name: "asked by consul-esm",
          status: "critical",
          interval: formatDuration(check.interval ?? "30s"),
          timeout: formatDuration(check.timeout ?? "5s"),
          ...where[check.type],
        },
      ],
    });
    if (allow.length > 0) {
      const intentions = new ConfigEntryServiceIntentions(all, "intentions", {
        name,
        sources: allow.map((from) => ({ name: from, type: "consul", action: "allow" })),
      });
      intentions.node.addDependency(defaults);
    }
    return all;
  }
}

function urlOf({ address, port, tls }: ExternalService): string {
  return `${tls === undefined ? "http" : "https"}://${address}:${port}`;
}

/** https://github.com/hashicorp/consul-esm */
function monitorJob({
  nodePool,
  agent,
  ca,
  images,
}: Pick<ExternalServicesProps, "nodePool" | "agent" | "ca" | "images">): Job {
  const client = consulClient(agent, ca);
  const configuration = {
    consul_service: externalServiceMonitor,
    consul_kv_path: `${externalServiceMonitor}/`,
    external_node_meta: { "external-node": "true" },
    http_addr: agent.address,
    ...(ca === undefined ? {} : { ca_file: "/secrets/consul-ca.pem" }),
  };
  return {
    id: externalServiceMonitor,
    namespace: supportNamespaces.operations,
    nodePool,
    group: {
      monitor: {
        // A second one takes over.
        count: 2,
        constraint: { operator: "distinct_hosts", value: "true" },
        network: { mode: "host" },
        task: {
          monitor: {
            driver: "docker",
            config: {
              image: images.consulEsm,
              args: ["-config-file=/local/config.json"],
              readonlyRootfs: true,
              capDrop: ["all"],
              securityOpt: ["no-new-privileges"],
            },
            consul: {},
            env: client.env,
            template: [
              ...client.template,
              { destination: "local/config.json", data: `${JSON.stringify(configuration)}\n` },
            ],
            resources: { cpu: 100, memory: 64 },
          },
        },
      },
    },
  };
}
