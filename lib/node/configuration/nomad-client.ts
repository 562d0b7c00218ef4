import { dynamicPorts, ports } from "../../core/traffic";
import { vaultMounts, workloadRole } from "../names";
import { clusterRuns, machineHost, nodePoolOf, runsOf, type WorkerNodeProps } from "../node-props";
import { files } from "../paths";
import { registriesPath, registryHelper } from "../registries";
import { envoyImage } from "../versions";
import type { ConfigurationBlock } from "./block";
import { retryJoin } from "./discovery";

/** The clouds a worker does not stand on; each costs a client seconds of waiting for an answer. */
const otherClouds = "env_azure,env_digitalocean,env_gce";

/** What only a Nomad client's configuration has. */
export function nomadClient(props: WorkerNodeProps): ConfigurationBlock {
  const image = envoyImage(props);
  return {
    client: {
      enabled: true,
      node_pool: nodePoolOf(props),
      server_join: { retry_join: retryJoin(props, "nomad"), retry_interval: "5s" },
      // Where the distribution's package and HashiCorp's put the plugins.
      cni_path: "/usr/lib/cni:/opt/cni/bin",
      min_dynamic_port: dynamicPorts.from,
      max_dynamic_port: dynamicPorts.to,
      options: { "fingerprint.denylist": otherClouds },
      meta: {
        ...props.labels,
        "caravan.environment": props.environment,
        "caravan.group": props.group,
        "connect.sidecar_image": image,
        "connect.gateway_image": image,
      },
      reserved: {
        memory: 512,
        disk: 2048,
        reserved_ports: [ports.consul, ports.consulGrpc, ports.consulDns, ports.consulGossip, ports.nomad]
          .sort((a, b) => a - b)
          .join(","),
      },
      drain_on_shutdown: { deadline: "5m", force: false, ignore_system_jobs: false },
      host_volume: Object.fromEntries(
        Object.entries(props.hostVolumes ?? {}).map(([name, { path, readOnly = true }]) => [
          name,
          { path, read_only: readOnly },
        ]),
      ),
    },
    plugin: {
      docker: {
        config: {
          allow_privileged: (props.system ?? false) || (props.csi ?? false),
          volumes: { enabled: props.system ?? false },
          extra_labels: ["namespace", "job_name", "task_group_name", "task_name"],
          gc: { image: true, image_delay: "1h" },
          pull_activity_timeout: "10m",
          auth: registryHelper(props) === undefined ? undefined : { config: registriesPath },
        },
      },
      raw_exec: { config: { enabled: props.rawExec ?? false } },
    },
    vault: clusterRuns(props, "vault")
      ? {
          enabled: true,
          address: `https://${machineHost(props, "vault")}:${ports.vault}`,
          ca_file: files.clusterCa.path,
          jwt_auth_backend_path: vaultMounts.workloads,
          create_from_role: workloadRole,
        }
      : undefined,
    consul: runsOf(props).includes("consul")
      ? {
          address: `127.0.0.1:${ports.consul}`,
          ssl: true,
          ca_file: files.clusterCa.path,
          grpc_address: `127.0.0.1:${ports.consulGrpc}`,
          grpc_ca_file: files.clusterCa.path,
          auto_advertise: false,
          server_auto_join: false,
          client_auto_join: false,
          service_auth_method: workloadRole,
          task_auth_method: workloadRole,
        }
      : undefined,
  };
}
