import { type ClusterProps, nodeRoleName, type WorkerNodeProps } from "./node-props";

/** What of a worker group decides what its nodes may do. */
export type WorkerGroup = Pick<WorkerNodeProps, "nodePool" | "runs">;

/** Who there is, and what there is to have access to. */
export interface AccessProps extends ClusterProps {
  /** Worker groups, by name. */
  readonly workers: Readonly<Record<string, WorkerGroup>>;
}

/** What the names of a group's nodes begin with. Consul binds tokens to it. */
export function nodeNamePrefix(group: string): string {
  return `${group}-`;
}

/** What only a node knows when it boots, and how a text says that it wants it. Those below the line are secret. */
export const nodeFact = {
  /** ARN of a group's IAM role. */
  role: (role: "server" | "worker", group: string) => `@{role ${nodeRoleName(role, group)}}`,
  deployerRoles: "@{deployers}",
  plannerRoles: "@{planners}",
  /** The cluster's CA certificates. */
  ca: "@{ca}",
  // secret
  caWithKey: "@{ca_bundle}",
  gossipKey: (product: "consul" | "nomad") => `@{gossip ${product}}`,
  token: (name: TokenName) => `@{token ${name}}`,
} as const;

/** Tokens whose secrets stand in the cluster document from the start, because Consul and Nomad take them from us. */
export type TokenName =
  | "consul-bootstrap"
  | "consul-vault"
  | "consul-agent"
  | "consul-nomad"
  | "consul-snapshot"
  | "consul-operate"
  | "nomad-bootstrap";

export const tokenNames: readonly TokenName[] = [
  "consul-bootstrap",
  "consul-vault",
  "consul-agent",
  "consul-nomad",
  "consul-snapshot",
  "consul-operate",
  "nomad-bootstrap",
];
