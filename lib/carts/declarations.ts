import type { Route } from "../application-support";
import type { Check, JobException, OneOrMore } from "../nomad";
import type { HttpPermission } from "../platform";

/** Which part of the Cart's jobs is meant. What a Cart has one of need not be named. */
export interface GroupOfCart {
  /** Id of the job. @default - the Cart's only one */
  readonly job?: string;
  /** Name of the group. @default - the job's only one */
  readonly group?: string;
}

export interface TaskOfCart extends GroupOfCart {
  /** Name of the task. @default - the group's only one */
  readonly task?: string;
}

/** What two services speak. Routes and permissions by path need HTTP of some kind. */
export type Protocol = "http" | "http2" | "grpc" | "tcp";

/** A service that a Cart's jobs register in Consul. */
export interface ProvidedService extends GroupOfCart {
  /** Its name. A team's begins as its platform says: `"shop-web"`. */
  readonly name: string;
  /**
   * The port on which the program listens, inside the group's own network.
   *
   * @default - it listens on none: it has a name in the mesh in order to call others
   */
  readonly port?: number;
  /** How it is seen to work: `httpCheck("/health")`. Needed where there is a port. */
  readonly health?: OneOrMore<Check>;
  /** @default - what the platform's mesh speaks where nobody says it: "http" */
  readonly protocol?: Protocol;
  /**
   * Whether it is reached through the mesh only: mutual TLS, and by whom its Cart allows. Outside of it, whoever reaches
   * the node reaches the service.
   *
   * @default true
   */
  readonly mesh?: boolean;
  /** Where Prometheus finds its figures. @default - it has none */
  readonly metrics?: {
    /** @default "/metrics" */
    readonly path?: string;
    /** @default - the service's port */
    readonly port?: number;
  };
  /** Services of other stacks that may call it. Those of this stack say it themselves, in `consumes`. @default - none */
  readonly allows?: readonly AllowedCaller[];
  /** Words to search by. @default - none */
  readonly tags?: readonly string[];
  /**
   * A port of the node, outside of the mesh only. On one node it is taken once.
   *
   * @default - a free one
   */
  readonly staticPort?: number;
  /**
   * Outside of the mesh only: `"host"` is the node's own network, where the program listens on the port that
   * `NOMAD_PORT_<name>` says (the service's name, `-` written as `_`).
   *
   * @default "bridge"
   */
  readonly network?: "bridge" | "host";
}

/** A service of another stack that may call; where HTTP is spoken, with these requests only. */
export type AllowedCaller = string | { readonly service: string; readonly http: readonly HttpPermission[] };

/** A service that another stack or repository provides. Its provider must allow it there. */
export interface ExternalService {
  readonly external: string;
}

/** A service that another stack or repository provides: `consumes: { service: external("pay-api"), localPort: 9001 }`. */
export function external(service: string): ExternalService {
  return { external: service };
}

/** A service that a group of the Cart calls. It needs a name of its own in the mesh: one of `provides`. */
export interface ConsumedService extends GroupOfCart {
  /** Its name, or `external(...)` where no Cart of this stack provides it. */
  readonly service: string | ExternalService;
  /** Where tasks reach it: `127.0.0.1:<localPort>`. */
  readonly localPort: number;
  /**
   * Requests that are allowed, where the service speaks HTTP.
   *
   * @default - all of them
   */
  readonly http?: readonly HttpPermission[];
  /** It starts without it: the order of jobs does not follow this line. @default false */
  readonly startsWithout?: boolean;
}

/** A host, or a part of its paths, whose requests a service of this Cart answers. It speaks HTTP, in the mesh. */
export type Exposure = Omit<Route, "team">;

/** A secret of Vault for one task. */
export interface CartSecret extends TaskOfCart {
  /** Where it stands below `<namespace>/<job>` of the platform's store; with `mount`, below that mount. */
  readonly path: string;
  /** Environment variables, each with the key of its value: `{ DB_PASSWORD: "password" }`. @default - none */
  readonly env?: Readonly<Record<string, string>>;
  /** Files, each with one value. Only the task's user reads them. @default - none */
  readonly files?: OneOrMore<SecretFile>;
  /** Another mount of Vault. The Platform must grant it to `role`. @default - the job's own secrets */
  readonly mount?: string;
  /**
   * What is mounted there: a key-value store of version 2, or an engine that makes a login for each task
   * (`database/creds/shop`).
   *
   * @default "dynamic" with `mount`
   */
  readonly engine?: "kv" | "dynamic";
  /** The role by which the task signs in, where the default one does not do (`vault.workloadRoles` of the Platform). */
  readonly role?: string;
}

export interface SecretFile {
  readonly key: string;
  /** Below the task's directory: `"secrets/tls.key"`. */
  readonly destination: string;
  /** @default "600" */
  readonly perms?: string;
}

/** Data that outlives allocations, mounted into one task. */
export interface CartVolume extends TaskOfCart {
  /** Its name in the namespace; with `perAlloc` the stem of `name[0]`, `name[1]`... */
  readonly name: string;
  /** Where the task sees it: `"/var/lib/postgresql"`. */
  readonly destination: string;
  /**
   * A directory of one node, where the data stays, or a volume of the cloud that moves with the allocation.
   *
   * @default "host"
   */
  readonly type?: "host" | "csi";
  /** The plugin that makes it. Needed for `"csi"`. @default - "mkdir" for "host", which is part of Nomad */
  readonly plugin?: string;
  /** Least size: `"10GiB"`. @default - the plugin's choice */
  readonly size?: string;
  /**
   * Options of the plugin. That of directories on nodes knows `uid`, `gid` and `mode`: the user whose program writes there.
   *
   * @default - none: root's
   */
  readonly parameters?: Readonly<Record<string, string>>;
  /** One volume an allocation. @default false */
  readonly perAlloc?: boolean;
  /** @default "single-node-writer" */
  readonly accessMode?:
    | "single-node-writer"
    | "single-node-reader-only"
    | "multi-node-multi-writer"
    | "multi-node-single-writer"
    | "multi-node-reader-only";
  /** @default false */
  readonly readOnly?: boolean;
  /** Somebody else made it; this stack only mounts it. @default false */
  readonly existing?: boolean;
}

/** A rule of jobs that a part of the Cart breaks, and why (`JOB_RULES`). */
export interface CartException extends JobException {
  /** @default - every job of the Cart */
  readonly job?: string;
}
