import type { Network } from "./network";
import type { Affinity, Constraint } from "./placement";
import type { Duration, Flag, OneOrMore, Size, TextMap } from "./values";

/** What a task may use of its node. */
export interface Resources {
  /**
   * Share of the processor in MHz.
   * @default 100
   */
  readonly cpu?: number;
  /**
   * Whole cores for this task alone, instead of `cpu`.
   * @default - shares
   */
  readonly cores?: number;
  /**
   * Memory that is reserved; where the node enforces it, also the limit.
   * @default 300
   */
  readonly memory?: Size;
  /**
   * The limit where memory oversubscription is on; at least `memory`.
   * @default - `memory`
   */
  readonly memoryMax?: Size;
  /**
   * Size of the secrets directory.
   * @default 1
   */
  readonly secrets?: Size;
  /**
   * Devices such as GPUs.
   * @default - none
   */
  readonly device?: OneOrMore<Device>;
  /**
   * Which NUMA nodes the cores come from; needs `cores`. Nomad Enterprise.
   * @default - anywhere
   */
  readonly numa?: Numa;
  /** @deprecated `ephemeralDisk` of the group */
  readonly disk?: Size;
  /** @deprecated Nomad ignores it. */
  readonly iops?: number;
  /** @deprecated `network` of the group */
  readonly network?: OneOrMore<Network>;
}

/** Devices that a task gets for itself. */
export interface Device {
  /** `"<type>"`, `"<vendor>/<type>"` or `"<vendor>/<type>/<model>"`: `"nvidia/gpu"`. */
  readonly name: string;
  /**
   * How many.
   * @default 1
   */
  readonly count?: number;
  /**
   * What they must fulfil: `"${device.attr.memory}"`.
   * @default - none
   */
  readonly constraint?: OneOrMore<Constraint>;
  /**
   * What they had better fulfil.
   * @default - none
   */
  readonly affinity?: OneOrMore<Affinity>;
}

/** Where cores lie. Nomad Enterprise. */
export interface Numa {
  /**
   * Whether all cores lie together.
   * @default "none"
   */
  readonly affinity?: "none" | "prefer" | "require";
  /**
   * Names of devices that lie on the same NUMA node.
   * @default - none
   */
  readonly devices?: readonly string[];
}

/** When a task runs against the group's main tasks. */
export type Lifecycle =
  | {
      /** Before the main tasks, or after they started. */
      readonly hook: "prestart" | "poststart";
      /**
       * It runs as long as the main tasks do; otherwise it runs to its end, and a `prestart` one is waited for.
       * @default false
       */
      readonly sidecar?: Flag;
    }
  | {
      /** After the main tasks ended. */
      readonly hook: "poststop";
      /**
       * It cannot be one.
       * @default false
       */
      readonly sidecar?: false;
    };

/** The files that hold a task's output. */
export interface Logs {
  /**
   * How many files.
   * @default 10
   */
  readonly maxFiles?: number;
  /**
   * Size of one, in MiB.
   * @default 10
   */
  readonly maxFileSize?: Size;
  /**
   * Collect none.
   * @default false
   */
  readonly disabled?: Flag;
  /** @deprecated `disabled` */
  readonly enabled?: Flag;
}

/** A file, archive or repository that the node downloads before the task starts. */
export interface Artifact {
  /** Its address, in go-getter's form: `"https://example.com/app.tar.gz"`, `"git::https://..."`, `"s3::https://..."`. */
  readonly source: string;
  /**
   * Where to, below the task's directory.
   * @default "local/"
   */
  readonly destination?: string;
  /**
   * What it is; `any` looks.
   * @default "any"
   */
  readonly mode?: "any" | "file" | "dir";
  /**
   * Getter options: `checksum`, `ref`, `archive`, `depth`, `sshkey`.
   * @default - none
   */
  readonly options?: TextMap;
  /**
   * HTTP headers.
   * @default - none
   */
  readonly headers?: TextMap;
  /**
   * Accept any certificate.
   * @default false
   */
  readonly insecure?: Flag;
  /**
   * Give it to the task's user.
   * @default false
   */
  readonly chown?: Flag;
}

/** A program that people may run inside the task: `nomad action`. */
export interface Action {
  /** The program, by its path inside the task. */
  readonly command: string;
  /**
   * Arguments; no shell.
   * @default - none
   */
  readonly args?: readonly string[];
}

/** Times when the task runs, and pauses otherwise. Nomad Enterprise. */
export interface Schedule {
  /** The times. */
  readonly cron: ScheduleCron;
}

/** Start and end of the times, in cron's words. Nomad Enterprise. */
export interface ScheduleCron {
  /**
   * When it starts, as a cron expression.
   * @default - none
   */
  readonly start?: string;
  /**
   * When it pauses, as the first two fields of one.
   * @default - none
   */
  readonly end?: string;
  /**
   * Zone of the tz database.
   * @default "Local"
   */
  readonly timezone?: string;
}

/** Where the payload of a dispatched job is written. */
export interface DispatchPayload {
  /** Path below `local/`. */
  readonly file: string;
}

/** The space of a group that does not outlive it. */
export interface EphemeralDisk {
  /**
   * Its size, at least 10 MiB; it must hold the logs of the tasks.
   * @default 300
   */
  readonly size?: Size;
  /**
   * Try to place an updated allocation where its data is.
   * @default false
   */
  readonly sticky?: Flag;
  /**
   * Bring the data along where that fails; with `sticky`.
   * @default false
   */
  readonly migrate?: Flag;
}

/** The time a task gets between its signal and its end. */
export interface Ending {
  /**
   * The wait after deregistering its services, before the signal.
   * @default "0s"
   */
  readonly shutdownDelay?: Duration;
  /**
   * The time between the signal and the kill; the node limits it (30 s by default).
   * @default "5s"
   */
  readonly killTimeout?: Duration;
  /** @default "SIGINT", or the driver's */
  readonly killSignal?: string;
}
