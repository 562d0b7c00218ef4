import { type AccessProps, nodeNamePrefix, type TokenName } from "./access-props";
import type { ConsulRules, Level } from "./access-rules";
import { consulRoles, externalNodePrefix } from "./names";

export interface ConsulPolicy {
  readonly name: string;
  readonly description: string;
  readonly rules: ConsulRules;
}

export interface ConsulToken {
  /** Which of the cluster document's secrets it has. */
  readonly name: TokenName;
  readonly description: string;
  /** Names of policies. */
  readonly policies: readonly string[];
}

export interface ConsulAccess {
  readonly policies: readonly ConsulPolicy[];
  /** They bear secrets, so the Platform layer does not adopt them. */
  readonly tokens: readonly ConsulToken[];
}

const everything = { "": "read" } as const;

/** Who is what to Consul. */
export function consulAccess(props: AccessProps): ConsulAccess {
  const servers = Object.keys(props.servers);
  return {
    policies: [
      { name: "server-agent", description: "Agents of servers", rules: agentOf(servers) },
      {
        name: "nomad-server",
        description: "Nomad's servers register themselves; workloads bring tokens of their own",
        rules: {
          agent_prefix: ofNodes(servers, "read"),
          node_prefix: everything,
          service: { nomad: "write" },
          service_prefix: everything,
        },
      },
      {
        name: "snapshot",
        description: "Snapshots. Consul asks for acl:write, which is in effect management",
        rules: { acl: "write" },
      },
      {
        name: "operate",
        description: "caravan-node: health of raft, leaving, the gossip key",
        rules: { agent_prefix: ofNodes(servers, "write"), keyring: "write", operator: "read" },
      },
      {
        name: consulRoles.dns,
        description: "What agents of workers answer by DNS",
        rules: { node_prefix: everything, service_prefix: everything },
      },
      ...Object.keys(props.workers).flatMap((group): ConsulPolicy[] => [
        { name: consulRoles.agent(group), description: `Agents of ${group}`, rules: agentOf([group]) },
        {
          name: consulRoles.nomadClient(group),
          description: `Nomad's clients of ${group}: services of what they run`,
          rules: { ...agentOf([group]), service_prefix: { "": "write" } },
        },
      ]),
      {
        name: "deployer",
        description: "CI that applies. acl:write makes it an administrator",
        rules: {
          acl: "write",
          key_prefix: { "": "write" },
          mesh: "write",
          // Services outside of the platform have a node each, which its layers make.
          node_prefix: { ...everything, [externalNodePrefix]: "write" },
          operator: "write",
          service_prefix: { "": { policy: "write", intentions: "write" } },
        },
      },
      {
        name: "planner",
        description: "CI that plans: it reads, and sees no token's secret",
        rules: {
          acl: "read",
          key_prefix: everything,
          mesh: "read",
          node_prefix: everything,
          operator: "read",
          service_prefix: { "": { policy: "read", intentions: "read" } },
        },
      },
    ],
    tokens: [
      { name: "consul-vault", description: "Vault's Consul engine", policies: ["global-management"] },
      { name: "consul-agent", description: "Agents of servers", policies: ["server-agent"] },
      { name: "consul-nomad", description: "Nomad's servers", policies: ["nomad-server"] },
      { name: "consul-snapshot", description: "Snapshots", policies: ["snapshot"] },
      { name: "consul-operate", description: "caravan-node on servers", policies: ["operate"] },
    ],
  };
}

/** An agent registers its own node, and reads what DNS answers. */
function agentOf(groups: readonly string[]): ConsulRules {
  return {
    agent_prefix: ofNodes(groups, "read"),
    node_prefix: { ...everything, ...ofNodes(groups, "write") },
    service_prefix: everything,
  };
}

function ofNodes(groups: readonly string[], level: Level): Record<string, Level> {
  return Object.fromEntries(groups.map((group) => [nodeNamePrefix(group), level]));
}
