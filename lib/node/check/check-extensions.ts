import type { PropsCheck } from "../../core/errors";
import type { ConsulExtension } from "../configuration/consul-types";
import type { NomadClientExtension, NomadExtension, NomadServerExtension } from "../configuration/nomad-types";
import type { VaultAgentExtension, VaultExtension } from "../configuration/vault-types";
import type { NodeExtensions } from "../extensions";

/** Every name of a type, once: a name that is added to the type and not here does not compile, nor the other way round. */
function namesOf<T>(names: Record<keyof Required<T>, true>): ReadonlySet<string> {
  return new Set(Object.keys(names));
}

const vault = namesOf<VaultExtension>({
  ui: true,
  log_level: true,
  log_format: true,
  log_requests_level: true,
  default_lease_ttl: true,
  max_lease_ttl: true,
  default_max_request_duration: true,
  cache_size: true,
  plugin_directory: true,
  deny_slash_in_templated_paths: true,
  enable_response_header_hostname: true,
  enable_response_header_raft_node_id: true,
  telemetry: true,
  user_lockout: true,
});

const vaultAgent = namesOf<VaultAgentExtension>({
  log_level: true,
  log_format: true,
  telemetry: true,
  template_config: true,
});

const consul = namesOf<ConsulExtension>({
  log_level: true,
  log_json: true,
  node_meta: true,
  recursors: true,
  dns_config: true,
  ui_config: true,
  limits: true,
  telemetry: true,
  connect: true,
  autopilot: true,
  performance: true,
  raft_snapshot_threshold: true,
  raft_snapshot_interval: true,
  reconnect_timeout: true,
  session_ttl_min: true,
});

const nomad = namesOf<NomadExtension>({
  log_level: true,
  log_json: true,
  ui: true,
  limits: true,
  telemetry: true,
  autopilot: true,
  server: true,
  client: true,
  plugin: true,
});

const nomadServer = namesOf<NomadServerExtension>({
  heartbeat_grace: true,
  min_heartbeat_ttl: true,
  max_heartbeats_per_second: true,
  job_gc_interval: true,
  job_gc_threshold: true,
  eval_gc_threshold: true,
  batch_eval_gc_threshold: true,
  deployment_gc_threshold: true,
  node_gc_threshold: true,
  root_key_gc_interval: true,
  root_key_rotation_threshold: true,
  num_schedulers: true,
  enabled_schedulers: true,
  job_default_priority: true,
  job_max_priority: true,
  job_max_source_size: true,
  job_tracked_versions: true,
  oidc_issuer: true,
  raft_multiplier: true,
  event_buffer_size: true,
  default_scheduler_config: true,
});

const nomadClient = namesOf<NomadClientExtension>({
  node_class: true,
  options: true,
  reserved: true,
  cpu_total_compute: true,
  memory_total_mb: true,
  disk_total_mb: true,
  max_kill_timeout: true,
  network_interface: true,
  bridge_network_subnet: true,
  bridge_network_hairpin_mode: true,
  gc_interval: true,
  gc_disk_usage_threshold: true,
  gc_inode_usage_threshold: true,
  gc_max_allocs: true,
  gc_parallel_destroys: true,
  no_host_uuid: true,
  drain_on_shutdown: true,
  template: true,
  artifact: true,
});

const files = namesOf<NodeExtensions>({ vault: true, consul: true, nomad: true, vaultAgent: true });

/** Checks what a user adds to the products' files: nothing that the cluster stands on, and nothing that opens a node to jobs. */
export function checkExtensions(check: PropsCheck, property: string, extend: NodeExtensions, system: boolean): void {
  only(check, property, extend, files, "");
  only(check, `${property}.vault`, extend.vault, vault, "storage, seal, listener and addresses are the cluster's own");
  only(check, `${property}.vaultAgent`, extend.vaultAgent, vaultAgent, "its sign-in and templates are the node's own");
  only(check, `${property}.consul`, extend.consul, consul, "acl, tls, ports, gossip and joining are the cluster's own");
  only(
    check,
    `${property}.nomad`,
    extend.nomad,
    nomad,
    "acl, tls, keyring, identities and joining are the cluster's own",
  );
  only(
    check,
    `${property}.nomad.server`,
    extend.nomad?.server,
    nomadServer,
    "joining and introduction are the cluster's own",
  );
  only(
    check,
    `${property}.nomad.client`,
    extend.nomad?.client,
    nomadClient,
    "pool, labels and host volumes are props of the group",
  );
  checkDrivers(check, `${property}.nomad`, extend, system);
}

function only(
  check: PropsCheck,
  property: string,
  block: object | undefined,
  known: ReadonlySet<string>,
  why: string,
): void {
  for (const [name, value] of Object.entries(block ?? {})) {
    if (known.has(name)) continue;
    check.add({
      property: `${property}.${name}`,
      given: value,
      allowed: `one of ${[...known].join(", ")}${why === "" ? "" : `; ${why}`}`,
      fix: "remove it, or look the name up in the product's documentation",
    });
  }
}

function checkDrivers(check: PropsCheck, property: string, { nomad: given }: NodeExtensions, system: boolean): void {
  const { raw_exec: raw, docker } = given?.plugin ?? {};
  if (raw?.config?.["enabled"] === true) {
    check.add({
      property: `${property}.plugin.raw_exec.config.enabled`,
      given: true,
      allowed: "false: a raw_exec job is root on the node, and whoever may submit it is too",
      fix: "use the docker or the exec driver, or write rawExec: true on a worker group of such jobs' own",
    });
  }
  if (docker?.config?.["allow_privileged"] === true && !system) {
    check.add({
      property: `${property}.plugin.docker.config.allow_privileged`,
      given: true,
      allowed: "false, but on worker groups with system: true",
      fix: "run the privileged job in a system pool",
    });
  }
  const options = Object.keys(given?.client?.options ?? {}).filter((name) => name.startsWith("driver.raw_exec"));
  for (const name of options) {
    check.add({
      property: `${property}.client.options["${name}"]`,
      given: given?.client?.options?.[name],
      allowed: "any option but those of raw_exec",
      fix: "remove it",
    });
  }
}
