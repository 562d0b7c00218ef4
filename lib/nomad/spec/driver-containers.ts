import type { Flag, OneOrMore, TextMap } from "./values";

/** A registry's user. Better kept out of the job: by a `template` or the node's own configuration. */
export interface RegistryAuth {
  /**
   * The user.
   * @default - none
   */
  readonly username?: string;
  /**
   * The password; a literal one is in the job and the state.
   * @default - none
   */
  readonly password?: string;
  /**
   * The user's address, which old registries want.
   * @default - none
   */
  readonly email?: string;
  /**
   * The registry.
   * @default - the image's registry
   */
  readonly serverAddress?: string;
}

/** What Docker and Podman have in common. */
interface ContainerConfig {
  /** The image with its tag or digest: `"registry.example.com/app:1.4.2"`. */
  readonly image: string;
  /** @default - the image's own */
  readonly command?: string;
  /**
   * Arguments of the command, or of the image's entrypoint.
   * @default - the image's own
   */
  readonly args?: readonly string[];
  /**
   * Labels of the group's ports that are mapped into the container.
   * @default - none
   */
  readonly ports?: readonly string[];
  /**
   * `"host"`, `"bridge"`, or a network of the engine. A group with a network of its own decides for it.
   * @default - the engine's bridge
   */
  readonly networkMode?: string;
  /**
   * The container's host name, where the group has no network of its own.
   * @default - the container's id
   */
  readonly hostname?: string;
  /**
   * Lines for `/etc/hosts`: `"db:10.0.0.1"`.
   * @default - none
   */
  readonly extraHosts?: readonly string[];
  /**
   * Binds: `"/host:/container:ro"`, where the node allows it.
   * @default - none
   */
  readonly volumes?: readonly string[];
  /**
   * Nothing may be written but to mounts.
   * @default false
   */
  readonly readonlyRootfs?: Flag;
  /**
   * All rights of root on the node, where it allows that.
   * @default false
   */
  readonly privileged?: Flag;
  /**
   * Linux capabilities beyond the driver's usual ones: `"net_bind_service"`.
   * @default - none
   */
  readonly capAdd?: readonly string[];
  /**
   * Linux capabilities that it does not get.
   * @default - none
   */
  readonly capDrop?: readonly string[];
  /**
   * Pull the image although the node has it.
   * @default false
   */
  readonly forcePull?: Flag;
  /**
   * The longest time that pulling may take.
   * @default "5m"
   */
  readonly imagePullTimeout?: string;
  /**
   * Run a small init process in front.
   * @default false
   */
  readonly init?: Flag;
  /**
   * Give it a terminal.
   * @default false
   */
  readonly tty?: Flag;
  /**
   * Labels of the container.
   * @default - the driver's own
   */
  readonly labels?: TextMap;
  /**
   * Kernel settings of its namespaces.
   * @default - none
   */
  readonly sysctl?: TextMap;
  /**
   * Limits, soft and hard: `{ nofile: "65536:65536" }`.
   * @default - the engine's
   */
  readonly ulimit?: TextMap;
  /**
   * Most processes and threads at a time.
   * @default - no limit
   */
  readonly pidsLimit?: number;
  /**
   * Never use more than its share, even when the node is idle.
   * @default false
   */
  readonly cpuHardLimit?: Flag;
  /**
   * Period of that limit, in microseconds.
   * @default - 100000
   */
  readonly cpuCfsPeriod?: number;
  /**
   * Pull without credentials when the node's fail.
   * @default false
   */
  readonly authSoftFail?: Flag;
}

/** A file system in a Docker container. */
export interface DockerMount {
  /**
   * What is mounted.
   * @default "volume"
   */
  readonly type?: "bind" | "volume" | "tmpfs";
  /** Path inside the container. */
  readonly target: string;
  /**
   * Path on the node, or name of the volume; none for `tmpfs`.
   * @default - none
   */
  readonly source?: string;
  /**
   * The container may not write.
   * @default false
   */
  readonly readonly?: Flag;
  /**
   * Options of a bind.
   * @default - none
   */
  readonly bindOptions?: { readonly propagation?: string };
  /**
   * Size in bytes, mode as a number.
   * @default - no limit
   */
  readonly tmpfsOptions?: { readonly size?: number; readonly mode?: number };
  /**
   * Options of a volume, which Docker makes if it is not there.
   * @default - none
   */
  readonly volumeOptions?: {
    readonly noCopy?: Flag;
    readonly labels?: TextMap;
    readonly driverConfig?: { readonly name?: string; readonly options?: TextMap };
  };
}

/** Options of Nomad's own Docker driver. */
export interface DockerConfig extends ContainerConfig {
  /**
   * Replaces the image's entrypoint.
   * @default - the image's own
   */
  readonly entrypoint?: readonly string[];
  /**
   * Credentials for this image.
   * @default - the node's
   */
  readonly auth?: RegistryAuth;
  /**
   * File systems in the container.
   * @default - none
   */
  readonly mount?: OneOrMore<DockerMount>;
  /**
   * Devices of the node.
   * @default - none
   */
  readonly devices?: OneOrMore<{
    readonly hostPath: string;
    readonly containerPath?: string;
    readonly cgroupPermissions?: string;
  }>;
  /**
   * `type` is the logging driver; with one, `nomad alloc logs` has nothing.
   * @default - Nomad collects its output
   */
  readonly logging?: { readonly type?: string; readonly driver?: string; readonly config?: TextMap };
  /**
   * The image's own health check.
   * @default - it runs
   */
  readonly healthchecks?: { readonly disable?: Flag };
  /**
   * Register services with the container's IPv6 address.
   * @default false
   */
  readonly advertiseIpv6Address?: Flag;
  /**
   * Its view of control groups.
   * @default - the engine's
   */
  readonly cgroupns?: "host" | "private";
  /**
   * How often to try again when a container of this name is there.
   * @default 5
   */
  readonly containerExistsAttempts?: number;
  /**
   * Processors that it may use: `"0-3"`.
   * @default - all
   */
  readonly cpusetCpus?: string;
  /**
   * Options of `resolv.conf`; `dns` of the group's network is better.
   * @default - the node's
   */
  readonly dnsOptions?: readonly string[];
  /**
   * Search domains; `dns` of the group's network is better.
   * @default - the node's
   */
  readonly dnsSearchDomains?: readonly string[];
  /**
   * Name servers; `dns` of the group's network is better.
   * @default - the node's
   */
  readonly dnsServers?: readonly string[];
  /**
   * More groups of its user.
   * @default - none
   */
  readonly groupAdd?: readonly string[];
  /**
   * Keep its input open.
   * @default false
   */
  readonly interactive?: Flag;
  /**
   * `"host"`, `"private"`, or another container's.
   * @default - the engine's
   */
  readonly ipcMode?: string;
  /**
   * Its address in a network of the engine.
   * @default - one that is free
   */
  readonly ipv4Address?: string;
  /**
   * Its address in a network of the engine.
   * @default - one that is free
   */
  readonly ipv6Address?: string;
  /**
   * Windows: `"hyperv"` or `"process"`.
   * @default - the engine's
   */
  readonly isolation?: string;
  /**
   * Archive of an image, of an artifact, that is loaded instead of pulled.
   * @default - it is pulled
   */
  readonly load?: string;
  /**
   * Its hardware address.
   * @default - one that is free
   */
  readonly macAddress?: string;
  /**
   * MiB.
   * @default - `resources.memory`
   */
  readonly memoryHardLimit?: number;
  /**
   * Names in a network of the engine.
   * @default - none
   */
  readonly networkAliases?: readonly string[];
  /**
   * How early the kernel ends it when memory runs out: -1000 to 1000.
   * @default 0
   */
  readonly oomScoreAdj?: number;
  /**
   * `"host"` shows it the node's processes.
   * @default - its own
   */
  readonly pidMode?: string;
  /** @deprecated `ports` */
  readonly portMap?: Readonly<Record<string, number>>;
  /**
   * The container runtime: `"runsc"`.
   * @default - the engine's
   */
  readonly runtime?: string;
  /**
   * Seccomp, AppArmor and SELinux: `"no-new-privileges"`.
   * @default - the engine's
   */
  readonly securityOpt?: readonly string[];
  /**
   * Bytes.
   * @default - 64 MiB
   */
  readonly shmSize?: number;
  /**
   * Options of its storage driver: `{ size: "20G" }`.
   * @default - none
   */
  readonly storageOpt?: TextMap;
  /**
   * `"host"` turns user namespaces off.
   * @default - the engine's
   */
  readonly usernsMode?: string;
  /**
   * `"host"` shares the node's host name.
   * @default - its own
   */
  readonly utsMode?: string;
  /**
   * Driver of named volumes in `volumes`.
   * @default - `"local"`
   */
  readonly volumeDriver?: string;
  /**
   * Directory that it starts in.
   * @default - the image's own
   */
  readonly workDir?: string;
}

/** Options of the Podman driver (nomad-driver-podman 0.6). */
export interface PodmanConfig extends ContainerConfig {
  /**
   * Replaces the image's entrypoint.
   * @default - the image's own
   */
  readonly entrypoint?: readonly string[];
  /**
   * Credentials for this image.
   * @default - the node's
   */
  readonly auth?: { readonly username?: string; readonly password?: string; readonly tlsVerify?: Flag };
  /**
   * Profile of AppArmor, or `"unconfined"`.
   * @default - the engine's
   */
  readonly apparmorProfile?: string;
  /**
   * Labels of SELinux.
   * @default - none
   */
  readonly selinuxOpts?: readonly string[];
  /**
   * `"/host[:/container[:rwm]]"`
   * @default - none
   */
  readonly devices?: readonly string[];
  /**
   * The init process of `init`.
   * @default - Podman's own
   */
  readonly initPath?: string;
  /**
   * `"nomad"` collects its output, `"journald"` writes it there.
   * @default - the node's
   */
  readonly logging?: { readonly driver?: string; readonly options?: TextMap };
  /**
   * With a unit: `"256m"`.
   * @default - none
   */
  readonly memoryReservation?: string;
  /**
   * Memory and swap together, with a unit.
   * @default - no swap
   */
  readonly memorySwap?: string;
  /**
   * How readily it is swapped: 0 to 100.
   * @default - the node's
   */
  readonly memorySwappiness?: number;
  /** @deprecated `ports` */
  readonly portMap?: Readonly<Record<string, number>>;
  /**
   * Which of the node's sockets.
   * @default - `"default"`
   */
  readonly socket?: string;
  /**
   * Directories in memory: `"/tmp:size=64m"`.
   * @default - none
   */
  readonly tmpfs?: readonly string[];
  /**
   * User namespace: `"keep-id"`, `"auto"`.
   * @default - the engine's
   */
  readonly userns?: string;
  /**
   * With a unit: `"64m"`.
   * @default - the engine's
   */
  readonly shmSize?: string;
  /**
   * Directory that it starts in.
   * @default - the image's own
   */
  readonly workingDir?: string;
}
