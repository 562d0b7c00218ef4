import type { Flag, TextMap } from "./values";

/** Options of `exec`: a program in a chroot of its own. */
export interface ExecConfig {
  /** Path in the task's directory or the chroot. */
  readonly command: string;
  /**
   * Arguments; no shell.
   * @default - none
   */
  readonly args?: readonly string[];
  /**
   * `"host"` shows it the node's processes.
   * @default "private"
   */
  readonly pidMode?: "private" | "host";
  /**
   * `"host"` shares the node's shared memory.
   * @default "private"
   */
  readonly ipcMode?: "private" | "host";
  /**
   * Linux capabilities beyond the usual ones.
   * @default - none
   */
  readonly capAdd?: readonly string[];
  /**
   * Linux capabilities that it does not get.
   * @default - none
   */
  readonly capDrop?: readonly string[];
  /**
   * Directory that it starts in.
   * @default - the task's
   */
  readonly workDir?: string;
  /**
   * Variables of the agent that it does not see.
   * @default - none
   */
  readonly deniedEnvvars?: readonly string[];
  /**
   * How early the kernel ends it when memory runs out: 0 to 1000.
   * @default 0
   */
  readonly oomScoreAdj?: number;
}

/** Options of `exec2`: a program confined by Landlock (nomad-driver-exec2). */
export interface Exec2Config {
  /** Absolute path on the node. */
  readonly command: string;
  /**
   * Arguments; no shell.
   * @default - none
   */
  readonly args?: readonly string[];
  /**
   * Paths with their modes: `"r:/etc/mime.types"`.
   * @default - the node's defaults
   */
  readonly unveil?: readonly string[];
  /**
   * Linux capabilities beyond the usual ones.
   * @default - none
   */
  readonly capAdd?: readonly string[];
  /**
   * Directory that it starts in.
   * @default - the task's
   */
  readonly workDir?: string;
  /**
   * How early the kernel ends it when memory runs out: 0 to 1000.
   * @default 0
   */
  readonly oomScoreAdj?: number;
}

/** Options of `raw_exec`: a program with nothing around it. */
export interface RawExecConfig {
  /** The program on the node. */
  readonly command: string;
  /**
   * Arguments; no shell.
   * @default - none
   */
  readonly args?: readonly string[];
  /**
   * Control groups, by controller.
   * @default - Nomad's own
   */
  readonly cgroupV1Override?: TextMap;
  /**
   * Control group.
   * @default - Nomad's own
   */
  readonly cgroupV2Override?: string;
  /**
   * Variables of the agent that it does not see.
   * @default - none
   */
  readonly deniedEnvvars?: readonly string[];
  /**
   * How early the kernel ends it when memory runs out: 0 to 1000.
   * @default 0
   */
  readonly oomScoreAdj?: number;
  /**
   * Directory that it starts in.
   * @default - the task's
   */
  readonly workDir?: string;
}

/** Options of `java`: a class or a jar; one of the two. */
export interface JavaConfig {
  /**
   * The class to run.
   * @default - `jarPath`'s
   */
  readonly class?: string;
  /**
   * Where classes are.
   * @default - none
   */
  readonly classPath?: string;
  /**
   * The jar to run, of an artifact.
   * @default - `class`
   */
  readonly jarPath?: string;
  /**
   * Options of the JVM: `"-Xmx512m"`.
   * @default - none
   */
  readonly jvmOptions?: readonly string[];
  /**
   * Arguments of the program.
   * @default - none
   */
  readonly args?: readonly string[];
  /**
   * `"host"` shows it the node's processes.
   * @default "private"
   */
  readonly pidMode?: "private" | "host";
  /**
   * `"host"` shares the node's shared memory.
   * @default "private"
   */
  readonly ipcMode?: "private" | "host";
  /**
   * Linux capabilities beyond the usual ones.
   * @default - none
   */
  readonly capAdd?: readonly string[];
  /**
   * Linux capabilities that it does not get.
   * @default - none
   */
  readonly capDrop?: readonly string[];
  /**
   * Directory that it starts in.
   * @default - the task's
   */
  readonly workDir?: string;
}

/** Options of `qemu`: a virtual machine. */
export interface QemuConfig {
  /** Path of the image, of an artifact. */
  readonly imagePath: string;
  /**
   * How the disk is attached.
   * @default "ide"
   */
  readonly driveInterface?: string;
  /**
   * `"kvm"` where the node has it.
   * @default "tcg"
   */
  readonly accelerator?: string;
  /**
   * The emulator's program.
   * @default - `"qemu-system-x86_64"`
   */
  readonly emulator?: string;
  /**
   * The machine that is emulated.
   * @default - `"pc"`
   */
  readonly machineType?: string;
  /**
   * Ask the machine to power down before it is killed.
   * @default false
   */
  readonly gracefulShutdown?: Flag;
  /**
   * Open a socket for the guest's agent.
   * @default false
   */
  readonly guestAgent?: Flag;
  /**
   * More arguments of the emulator.
   * @default - none
   */
  readonly args?: readonly string[];
  /**
   * Labels of ports, and the ports inside.
   * @default - none
   */
  readonly portMap?: Readonly<Record<string, number>>;
}
