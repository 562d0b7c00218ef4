import type { Job, Template } from "../../nomad/spec";
import { type ConsulAgent, consulClient } from "../consul-agent";
import type { SupportImages } from "../images";
import { supportNamespaces } from "../namespaces";

export interface GatewayJobProps {
  readonly kind: "api" | "terminating";
  /** Its service in Consul, and the job's id. */
  readonly service: string;
  /** The port on the node. @default - one that Nomad chooses */
  readonly port?: number;
  readonly nodePool: string;
  readonly agent: ConsulAgent;
  readonly ca?: string;
  readonly images: Pick<SupportImages, "consul" | "envoy">;
  /** Files beside, such as a certificate. */
  readonly template?: readonly Template[];
  /** Role in Vault, where a file needs it. */
  readonly vaultRole?: string;
  /** In MHz and MiB. */
  readonly resources: { readonly cpu: number; readonly memory: number };
}

/** User of Envoy in its image. */
const ENVOY_UID = 101;

const hardened = {
  readonlyRootfs: true,
  capDrop: ["all"],
  securityOpt: ["no-new-privileges"],
  // Consul hands Envoy its configuration, with the token in it, by a pipe here: it is on no disk.
  mount: { type: "tmpfs", target: "/tmp" },
} as const;

/**
 * A gateway of the mesh: Consul's own program registers it with the node's agent and becomes Envoy. Nomad makes gateways of
 * its own for other kinds; it has none for `api`, and for `terminating` its servers would need to write to all of the mesh.
 *
 * It is on the node's network, as the agent listens on loopback only.
 *
 * https://developer.hashicorp.com/consul/commands/connect/envoy
 */
export function gatewayJob(props: GatewayJobProps): Job {
  const { kind, service, port, nodePool, agent, ca, images, template = [], vaultRole, resources } = props;
  const client = consulClient(agent, ca);
  const job = {
    id: service,
    namespace: supportNamespaces.gateways,
    nodePool,
    priority: 80,
    group: {
      gateway: {
        network: { mode: "host" as const, port: { mesh: port === undefined ? {} : { static: port }, admin: {} } },
        restart: { attempts: 3, interval: "5m", delay: "15s", mode: "delay" as const },
        task: {
          // Envoy's image has no Consul, and Consul's no Envoy.
          consul: {
            driver: "docker" as const,
            lifecycle: { hook: "prestart" as const, sidecar: false },
            config: {
              image: images.consul,
              entrypoint: ["/bin/cp"],
              args: ["/bin/consul", "${NOMAD_ALLOC_DIR}/consul"],
              readonlyRootfs: true,
              capDrop: ["all"],
            },
            resources: { cpu: 50, memory: 64 },
          },
          gateway: {
            driver: "docker" as const,
            user: `${ENVOY_UID}`,
            config: {
              image: images.envoy,
              entrypoint: ["${NOMAD_ALLOC_DIR}/consul"],
              args: [
                "connect",
                "envoy",
                `-gateway=${kind}`,
                "-register",
                `-service=${service}`,
                `-proxy-id=${service}-\${NOMAD_SHORT_ALLOC_ID}`,
                "-address=${NOMAD_IP_mesh}:${NOMAD_PORT_mesh}",
                "-admin-bind=127.0.0.1:${NOMAD_PORT_admin}",
                "-deregister-after-critical=1m",
                "--",
                "--concurrency",
                "2",
              ],
              ...hardened,
            },
            consul: {},
            ...(vaultRole === undefined ? {} : { vault: { role: vaultRole } }),
            env: client.env,
            template: [...client.template, ...template].map((file) => ({ uid: ENVOY_UID, perms: "0400", ...file })),
            resources,
            killTimeout: "20s",
          },
        },
      },
    },
  };
  // People come in by any worker; the mesh goes out by two.
  if (kind === "api") return { ...job, type: "system" };
  const { gateway } = job.group;
  return {
    ...job,
    type: "service",
    group: { gateway: { ...gateway, count: 2, constraint: { operator: "distinct_hosts", value: "true" } } },
  };
}
