import type { AccessMode, AttachmentMode, Volume } from "../spec";
import type { GroupPart } from "./extend";

interface MountProps {
  /** The task that sees it. */
  readonly task: string;
  /** Where the task sees it. */
  readonly destination: string;
  /**
   * Label in the group.
   * @default - the volume's name
   */
  readonly label?: string;
  /** @default false */
  readonly readOnly?: boolean;
}

/** A directory of the node, or a dynamic host volume, mounted into a task. */
export function hostVolume(source: string, props: MountProps & { readonly sticky?: boolean }): GroupPart {
  const { sticky } = props;
  return mounted({ type: "host", source, ...(sticky === undefined ? {} : { sticky }) }, props);
}

/** A volume behind a CSI plugin, mounted into a task. */
export function csiVolume(
  source: string,
  props: MountProps & {
    /** @default "single-node-writer" */
    readonly accessMode?: AccessMode;
    /** @default "file-system" */
    readonly attachmentMode?: AttachmentMode;
    /** One volume an allocation: `source[0]`, `source[1]`... @default false */
    readonly perAlloc?: boolean;
  },
): GroupPart {
  const { accessMode = "single-node-writer", attachmentMode = "file-system", perAlloc } = props;
  const volume: Volume = { type: "csi", source, accessMode, attachmentMode };
  return mounted({ ...volume, ...(perAlloc === undefined ? {} : { perAlloc }) }, props);
}

function mounted(volume: Volume, { task, destination, label = volume.source, readOnly }: MountProps): GroupPart {
  const access = readOnly === undefined ? {} : { readOnly };
  return {
    volume: { [label]: { ...volume, ...access } },
    task: { [task]: { volumeMount: { volume: label, destination, ...access } } },
  };
}
