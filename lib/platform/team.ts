import type { NamespaceConfig } from "@cdktf/provider-nomad/lib/namespace";
import type { JwtAuthBackendRoleConfig } from "@cdktf/provider-vault/lib/jwt-auth-backend-role";
import type { Transform } from "../layer/transform";
import type { Pipeline } from "./identity/ci";
import type { PolicyTransforms } from "./platform-transform";
import type { ConsulPolicyRules } from "./policy/consul-rules";
import type { NomadCapability, NomadPolicyRules } from "./policy/nomad-rules";
import type { VaultPathRule } from "./policy/vault-rules";

/** A team: who they are, and what is theirs in all three products. */
export interface Team {
  /** 1 to 32 lower-case letters, digits and hyphens. Nomad's namespace and Vault's folder are called by it. */
  readonly name: string;
  /** @default - none */
  readonly description?: string;
  /** The group of the people's identity provider that they are. @default - nobody signs in as this team */
  readonly group?: string;
  /** The pipeline that deploys their Carts. @default - none */
  readonly ci?: Pipeline;
  /**
   * Names of the services that their jobs may register; in a name a final `*` stands for any characters.
   *
   * @default - the team's name, and what begins with it and a hyphen
   */
  readonly services?: readonly string[];
  /**
   * Host names below the applications' domain that they may expose: `"shop"`. Whose requests they are, the team says by
   * entries of its entrance, the service `host-shop`.
   *
   * @default - the team's name
   */
  readonly hosts?: readonly string[];
  /** Node pools that they see. Community editions restrict no namespace to pools. @default ["default"] */
  readonly pools?: readonly string[];
  /** Task drivers that their jobs may use. @default - all but raw_exec */
  readonly drivers?: readonly string[];
  /** Network modes that their jobs may use. @default - all but host */
  readonly networks?: readonly string[];
  /** Changes to the props of what is this team's alone. @default - none */
  readonly transform?: TeamTransform;
}

export interface TeamTransform {
  readonly namespace?: Transform<NamespaceConfig>;
  /** The policies of its people. */
  readonly people?: PolicyTransforms;
  /** The policies of its pipeline, and the role by which it signs in to Vault. */
  readonly ci?: PolicyTransforms & { readonly role?: Transform<JwtAuthBackendRoleConfig> };
}

export function teamServices({ name, services = [name, `${name}-*`] }: Team): readonly string[] {
  return services;
}

export function teamHosts({ name, hosts = [name] }: Team): readonly string[] {
  return hosts;
}

/** What the names of entrances begin with; no team's service does. */
export const ENTRANCE_PREFIX = "host-";

/**
 * The service to which the gateway sends the requests of each host. It has no instances: the team's pipeline says by a
 * service-resolver or a service-splitter of that name where they go on. A route itself (`http-route`) Consul lets only
 * those write who may change all of the mesh.
 */
export function teamEntrances(team: Team): Record<string, string> {
  return Object.fromEntries(teamHosts(team).map((host) => [host, `${ENTRANCE_PREFIX}${host}`]));
}

/** Name of the policies of a team's people, in all three products. */
export const teamPolicy = (team: string) => `team-${team}`;

/** Name of the policies of a team's pipeline. */
export const teamCiPolicy = (team: string) => `ci-${team}`;

/** A team's own secrets, by their mount: all of its namespace's jobs. */
export function teamVaultRules({ name }: Team, kvMount: string): VaultPathRule[] {
  return [
    { path: `${kvMount}/data/${name}/*`, capabilities: ["create", "read", "update", "patch", "delete"] },
    { path: `${kvMount}/metadata/${name}`, capabilities: ["list"] },
    { path: `${kvMount}/metadata/${name}/*`, capabilities: ["read", "list", "delete"] },
    { path: `${kvMount}/delete/${name}/*`, capabilities: ["update"] },
    { path: `${kvMount}/undelete/${name}/*`, capabilities: ["update"] },
  ];
}

const DEVELOPER: readonly NomadCapability[] = [
  "submit-job",
  "dispatch-job",
  "read-logs",
  "read-fs",
  "scale-job",
  "alloc-exec",
  "alloc-lifecycle",
  "csi-mount-volume",
];

/** A pipeline needs no look into allocations, and no shell in them. */
const PIPELINE: readonly NomadCapability[] = [
  "list-jobs",
  "parse-job",
  "read-job",
  "submit-job",
  "dispatch-job",
  "scale-job",
  "host-volume-create",
  "host-volume-read",
  "host-volume-delete",
  "csi-list-volume",
  "csi-read-volume",
  "csi-write-volume",
  "csi-mount-volume",
];

/** Names of a team's volumes on nodes, as `teamServices` writes names: whoever registers a job needs a right to each. */
export const teamVolumes = (team: string): readonly string[] => [team, `${team}-*`];

export function teamNomadRules({ name, pools = ["default"] }: Team, who: "people" | "ci"): NomadPolicyRules {
  const rights =
    who === "people" ? ({ policy: "read", capabilities: DEVELOPER } as const) : ({ capabilities: PIPELINE } as const);
  return {
    node: { policy: "read" },
    node_pool: Object.fromEntries(pools.map((pool) => [pool, { policy: "read" as const }])),
    host_volume: Object.fromEntries(teamVolumes(name).map((volume) => [volume, { policy: "write" as const }])),
    namespace: { [name]: { ...rights, variables: { "*": ["list", "read", "write", "destroy"] } } },
  };
}

/** People look at everything in the mesh; the pipeline writes entries and intentions of its own services and entrances. */
export function teamConsulRules(team: Team, who: "people" | "ci"): ConsulPolicyRules {
  const everything = { "": "read" } as const;
  if (who === "people") {
    return { key_prefix: { [`${team.name}/`]: "write" }, node_prefix: everything, service_prefix: everything };
  }
  const own = { policy: "write", intentions: "write" } as const;
  const services = teamServices(team);
  const exact = services.filter((service) => !service.endsWith("*"));
  const entrances = Object.values(teamEntrances(team)).map((entrance) => [entrance, "write" as const]);
  const prefixes = services.filter((service) => service.endsWith("*")).map((service) => service.slice(0, -1));
  return {
    key_prefix: { [`${team.name}/`]: "write" },
    node_prefix: everything,
    service: Object.fromEntries([...exact.map((service) => [service, own]), ...entrances]),
    service_prefix: { ...everything, ...Object.fromEntries(prefixes.map((prefix) => [prefix, own])) },
  };
}
