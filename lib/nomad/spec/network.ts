import type { Flag, Labelled, TextMap } from "./values";

/** The network of a group: its own (`bridge`, `cni/...`), the node's, or none. */
export interface Network {
  /**
   * `"host"` shares the node's network, `"bridge"` gives the group its own with port mapping, `"none"` its own without
   * any interface; `"cni/NAME"` uses a CNI network of the node.
   * @default "host"
   */
  readonly mode?: "host" | "bridge" | "none" | `cni/${string}`;
  /**
   * Ports, by label. A label becomes `NOMAD_PORT_<label>` and is what services and drivers name.
   * @default - none
   */
  readonly port?: Labelled<Port>;
  /**
   * The name that the group's tasks have inside; only with a network of its own.
   * @default - the allocation's short id
   */
  readonly hostname?: string;
  /**
   * How names are resolved inside.
   * @default - as on the node
   */
  readonly dns?: Dns;
  /**
   * Arguments for the CNI plugins.
   * @default - none
   */
  readonly cni?: Cni;
  /**
   * Name of the interface on the node. Nomad fills it in; asking for one has no effect on placement.
   * @deprecated name a `hostNetwork` on the port
   */
  readonly device?: string;
  /**
   * @deprecated Nomad has not scheduled by CIDR since networks moved to groups; use a constraint
   */
  readonly cidr?: string;
  /**
   * @deprecated Nomad fills it in
   */
  readonly ip?: string;
  /**
   * Bandwidth.
   * @deprecated Nomad stopped scheduling by it in 0.12
   */
  readonly mbits?: number;
}

/** One port of a group. */
export interface Port {
  /**
   * The port on the node. Only one such allocation fits on a node: for load balancers and system jobs.
   * @default - one that is free is chosen (20000 to 32000)
   */
  readonly static?: number;
  /**
   * The port inside the group's own network; -1 maps to the same number as on the node.
   * @default - the same as on the node
   */
  readonly to?: number;
  /**
   * Which of the node's networks (`host_network` of the client's configuration) the port is opened on.
   * @default "default"
   */
  readonly hostNetwork?: string;
  /**
   * Take a static port that another allocation has already; the program must share it (`SO_REUSEPORT`). Host mode only.
   * @default false
   */
  readonly ignoreCollision?: Flag;
}

/** Name resolution inside a group. */
export interface Dns {
  /**
   * Addresses of the name servers.
   * @default - the node's
   */
  readonly servers?: readonly string[];
  /**
   * Search domains.
   * @default - the node's
   */
  readonly searches?: readonly string[];
  /**
   * Options of `resolv.conf`.
   * @default - the node's
   */
  readonly options?: readonly string[];
}

/** Arguments for CNI plugins. */
export interface Cni {
  /** Names and values, as in `CNI_ARGS`; `${...}` is filled in by the node. */
  readonly args: TextMap;
}
