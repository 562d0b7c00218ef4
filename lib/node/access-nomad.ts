import type { NomadRules } from "./access-rules";

export interface NomadPolicy {
  readonly name: string;
  readonly description: string;
  readonly rules: NomadRules;
}

export interface NomadAccess {
  readonly policies: readonly NomadPolicy[];
  /** Nomad chooses the secrets of its tokens: the server that makes one leaves it in the cluster's bucket. */
  readonly tokens: readonly { readonly name: string; readonly policies: readonly string[] }[];
}

export function nomadAccess(): NomadAccess {
  return {
    policies: [
      {
        name: "operate",
        description: "caravan-node on servers: introduce workers, health of raft, rotation of the gossip key",
        rules: { agent: "write", node: "write", operator: { policy: "read" } },
      },
      {
        name: "snapshot",
        description: "Save snapshots; restoring one takes a management token",
        rules: { operator: { capabilities: ["snapshot-save"] } },
      },
      {
        name: "deployer",
        description: "CI's apply: jobs, volumes, variables, pools. What is ACL itself takes a management token",
        rules: {
          agent: "read",
          node: "read",
          plugin: "read",
          operator: { policy: "write" },
          node_pool: { "*": "write" },
          namespace: { "*": { policy: "write", variables: { "*": ["write", "read", "list", "destroy"] } } },
        },
      },
      {
        name: "planner",
        description: "CI's plan: reads and plans, and sees no variable's value",
        rules: {
          agent: "read",
          node: "read",
          plugin: "read",
          operator: { policy: "read" },
          node_pool: { "*": "read" },
          namespace: { "*": { policy: "read", capabilities: ["plan-job"], variables: { "*": ["list"] } } },
        },
      },
    ],
    tokens: [
      { name: "operate", policies: ["operate"] },
      { name: "snapshot", policies: ["snapshot"] },
    ],
  };
}
