import type { Duration, Flag } from "./values";

/** How many may use a volume, and how. The `single-node` ones exist for host and CSI volumes. */
export type AccessMode =
  | "single-node-writer"
  | "single-node-reader-only"
  | "single-node-single-writer"
  | "single-node-multi-writer"
  | "multi-node-reader-only"
  | "multi-node-single-writer"
  | "multi-node-multi-writer";

/** A file system, or the bare device. */
export type AttachmentMode = "file-system" | "block-device";

interface VolumeBase {
  /** The volume's id or name; with `perAlloc` its stem, to which `[0]`, `[1]`... is added. */
  readonly source: string;
  /**
   * Nobody in the group may write.
   * @default false
   */
  readonly readOnly?: Flag;
  /**
   * One volume an allocation: `source[0]`, `source[1]`...; not with canaries.
   * @default false
   */
  readonly perAlloc?: Flag;
}

/** A directory of the node: one its configuration names, or a dynamic host volume. */
export interface HostVolume extends VolumeBase {
  /** A directory of the node. */
  readonly type: "host";
  /**
   * Put a replaced allocation back to the volume that it had. Dynamic host volumes.
   * @default false
   */
  readonly sticky?: Flag;
  /**
   * Asked of a dynamic host volume.
   * @default - whatever it has
   */
  readonly accessMode?: AccessMode;
  /**
   * Asked of a dynamic host volume.
   * @default - whatever it has
   */
  readonly attachmentMode?: AttachmentMode;
  readonly mountOptions?: never;
}

/** A volume behind a CSI plugin. */
export interface CsiVolume extends VolumeBase {
  /** Behind a CSI plugin. */
  readonly type: "csi";
  /** How many nodes use it, and how. */
  readonly accessMode: AccessMode;
  /** As a file system, or as a device. */
  readonly attachmentMode: AttachmentMode;
  /**
   * Overrides the volume's own mount options.
   * @default - the volume's
   */
  readonly mountOptions?: CsiMountOptions;
  readonly sticky?: never;
}

/** A volume that a group asks for. Tasks mount it by its label. */
export type Volume = HostVolume | CsiVolume;

/** How a CSI volume's file system is mounted. */
export interface CsiMountOptions {
  /**
   * Kind of file system: `"ext4"`, `"xfs"`.
   * @default - the plugin's choice
   */
  readonly fsType?: string;
  /**
   * Flags of `mount`: `"noatime"`.
   * @default - none
   */
  readonly mountFlags?: readonly string[];
}

/** Where a task sees a volume of its group. */
export interface VolumeMount {
  /** Label of the volume in the group. */
  readonly volume: string;
  /** Path inside the task. */
  readonly destination: string;
  /**
   * The task may not write.
   * @default false
   */
  readonly readOnly?: Flag;
  /**
   * How mounts below are shared: not at all, from the node, or both ways.
   * @default "private"
   */
  readonly propagationMode?: "private" | "host-to-task" | "bidirectional";
  /**
   * `"Z"` relabels for this task alone, `"z"` for all; where the node enforces SELinux.
   * @default - none
   */
  readonly selinuxLabel?: "Z" | "z";
}

/** Makes a task a CSI plugin of its node. */
export interface CsiPlugin {
  /** The plugin's name, that volumes refer to; the same on every node. */
  readonly id: string;
  /** Does it mount (`node`), create and attach (`controller`), or both (`monolith`)? */
  readonly type: "node" | "controller" | "monolith";
  /**
   * Where in the task the plugin opens its socket.
   * @default "/csi"
   */
  readonly mountDir?: string;
  /**
   * Where in the task volumes are staged and published.
   * @default "/local/csi"
   */
  readonly stagePublishBaseDir?: string;
  /**
   * How long it may take to answer for the first time.
   * @default "30s"
   */
  readonly healthTimeout?: Duration;
}
