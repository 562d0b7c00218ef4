import type { Flag, OneOrMore, TextMap } from "./values";

/** A registry's user. Better kept out of the job: by a `template` or the node's own configuration. */
export interface RegistryAuth {
  readonly username?: string;
  readonly password?: string;
  readonly email?: string;
  /** @default - the image's registry */
  readonly serverAddress?: string;
}

/** What Docker and Podman have in common. */
interface ContainerConfig {
  /** The image with its tag or digest: `"registry.example.com/app:1.4.2"`. */
  readonly image: string;
  /** @default - the image's own */
  readonly command?: string;
  readonly args?: readonly string[];
  /** Labels of the group's ports that are mapped into the container. */
  readonly ports?: readonly string[];
  /** `"host"`, `"bridge"`, or a network of the engine. A group with a network of its own decides for it. */
  readonly networkMode?: string;
  readonly hostname?: string;
  readonly extraHosts?: readonly string[];
  /** Binds: `"/host:/container:ro"`, where the node allows it. */
  readonly volumes?: readonly string[];
  /** @default false */
  readonly readonlyRootfs?: Flag;
  /** @default false */
  readonly privileged?: Flag;
  /** Linux capabilities beyond the driver's usual ones: `"net_bind_service"`. */
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  /**
   * Pull the image although the node has it.
   * @default false
   */
  readonly forcePull?: Flag;
  /** @default "5m" */
  readonly imagePullTimeout?: string;
  /** Run a small init process in front. */
  readonly init?: Flag;
  readonly tty?: Flag;
  readonly labels?: TextMap;
  readonly sysctl?: TextMap;
  /** Limits, soft and hard: `{ nofile: "65536:65536" }`. */
  readonly ulimit?: TextMap;
  readonly pidsLimit?: number;
  /** @default false */
  readonly cpuHardLimit?: Flag;
  readonly cpuCfsPeriod?: number;
  readonly authSoftFail?: Flag;
}

/** A file system in a Docker container. */
export interface DockerMount {
  /** @default "volume" */
  readonly type?: "bind" | "volume" | "tmpfs";
  readonly target: string;
  readonly source?: string;
  readonly readonly?: Flag;
  readonly bindOptions?: { readonly propagation?: string };
  /** Size in bytes, mode as a number. */
  readonly tmpfsOptions?: { readonly size?: number; readonly mode?: number };
  readonly volumeOptions?: {
    readonly noCopy?: Flag;
    readonly labels?: TextMap;
    readonly driverConfig?: { readonly name?: string; readonly options?: TextMap };
  };
}

/** Options of Nomad's own Docker driver. */
export interface DockerConfig extends ContainerConfig {
  readonly entrypoint?: readonly string[];
  readonly auth?: RegistryAuth;
  readonly mount?: OneOrMore<DockerMount>;
  readonly devices?: OneOrMore<{
    readonly hostPath: string;
    readonly containerPath?: string;
    readonly cgroupPermissions?: string;
  }>;
  /** `type` is the logging driver; with one, `nomad alloc logs` has nothing. */
  readonly logging?: { readonly type?: string; readonly driver?: string; readonly config?: TextMap };
  readonly healthchecks?: { readonly disable?: Flag };
  readonly advertiseIpv6Address?: Flag;
  readonly cgroupns?: "host" | "private";
  readonly containerExistsAttempts?: number;
  readonly cpusetCpus?: string;
  readonly dnsOptions?: readonly string[];
  readonly dnsSearchDomains?: readonly string[];
  readonly dnsServers?: readonly string[];
  readonly groupAdd?: readonly string[];
  readonly interactive?: Flag;
  readonly ipcMode?: string;
  readonly ipv4Address?: string;
  readonly ipv6Address?: string;
  /** Windows: `"hyperv"` or `"process"`. */
  readonly isolation?: string;
  /** Archive of an image, of an artifact, that is loaded instead of pulled. */
  readonly load?: string;
  readonly macAddress?: string;
  /** MiB. */
  readonly memoryHardLimit?: number;
  readonly networkAliases?: readonly string[];
  readonly oomScoreAdj?: number;
  readonly pidMode?: string;
  /** @deprecated `ports` */
  readonly portMap?: Readonly<Record<string, number>>;
  readonly runtime?: string;
  readonly securityOpt?: readonly string[];
  /** Bytes. */
  readonly shmSize?: number;
  readonly storageOpt?: TextMap;
  readonly usernsMode?: string;
  readonly utsMode?: string;
  readonly volumeDriver?: string;
  readonly workDir?: string;
}

/** Options of the Podman driver (nomad-driver-podman 0.6). */
export interface PodmanConfig extends ContainerConfig {
  readonly entrypoint?: readonly string[];
  readonly auth?: { readonly username?: string; readonly password?: string; readonly tlsVerify?: Flag };
  readonly apparmorProfile?: string;
  readonly selinuxOpts?: readonly string[];
  /** `"/host[:/container[:rwm]]"` */
  readonly devices?: readonly string[];
  readonly initPath?: string;
  readonly logging?: { readonly driver?: string; readonly options?: TextMap };
  /** With a unit: `"256m"`. */
  readonly memoryReservation?: string;
  readonly memorySwap?: string;
  readonly memorySwappiness?: number;
  /** @deprecated `ports` */
  readonly portMap?: Readonly<Record<string, number>>;
  /** Which of the node's sockets. */
  readonly socket?: string;
  readonly tmpfs?: readonly string[];
  readonly userns?: string;
  /** With a unit: `"64m"`. */
  readonly shmSize?: string;
  readonly workingDir?: string;
}

/** Options of `exec`: a program in a chroot of its own. */
export interface ExecConfig {
  /** Path in the task's directory or the chroot. */
  readonly command: string;
  readonly args?: readonly string[];
  /** @default "private" */
  readonly pidMode?: "private" | "host";
  /** @default "private" */
  readonly ipcMode?: "private" | "host";
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly workDir?: string;
  readonly deniedEnvvars?: readonly string[];
  readonly oomScoreAdj?: number;
}

/** Options of `exec2`: a program confined by Landlock (nomad-driver-exec2). */
export interface Exec2Config {
  readonly command: string;
  readonly args?: readonly string[];
  /** Paths with their modes: `"r:/etc/mime.types"`. */
  readonly unveil?: readonly string[];
  readonly capAdd?: readonly string[];
  readonly workDir?: string;
  readonly oomScoreAdj?: number;
}

/** Options of `raw_exec`: a program with nothing around it. */
export interface RawExecConfig {
  readonly command: string;
  readonly args?: readonly string[];
  readonly cgroupV1Override?: TextMap;
  readonly cgroupV2Override?: string;
  readonly deniedEnvvars?: readonly string[];
  readonly oomScoreAdj?: number;
  readonly workDir?: string;
}

/** Options of `java`: a class or a jar; one of the two. */
export interface JavaConfig {
  readonly class?: string;
  readonly classPath?: string;
  readonly jarPath?: string;
  readonly jvmOptions?: readonly string[];
  readonly args?: readonly string[];
  readonly pidMode?: "private" | "host";
  readonly ipcMode?: "private" | "host";
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly workDir?: string;
}

/** Options of `qemu`: a virtual machine. */
export interface QemuConfig {
  /** Path of the image, of an artifact. */
  readonly imagePath: string;
  /** @default "ide" */
  readonly driveInterface?: string;
  /** `"kvm"` where the node has it. @default "tcg" */
  readonly accelerator?: string;
  readonly emulator?: string;
  readonly machineType?: string;
  readonly gracefulShutdown?: Flag;
  readonly guestAgent?: Flag;
  readonly args?: readonly string[];
  /** Labels of ports, and the ports inside. */
  readonly portMap?: Readonly<Record<string, number>>;
}

/** Drivers with typed options; the words are the drivers' own, written as TypeScript writes them. */
export type BuiltinDriverConfig =
  | { readonly driver: "docker"; readonly config: DockerConfig }
  | { readonly driver: "podman"; readonly config: PodmanConfig }
  | { readonly driver: "exec"; readonly config: ExecConfig }
  | { readonly driver: "exec2"; readonly config: Exec2Config }
  | { readonly driver: "raw_exec"; readonly config: RawExecConfig }
  | { readonly driver: "java"; readonly config: JavaConfig }
  | { readonly driver: "qemu"; readonly config: QemuConfig };
