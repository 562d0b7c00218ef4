import { CsiVolume as CsiResource, type CsiVolumeConfig } from "@cdktf/provider-nomad/lib/csi-volume";
import { DynamicHostVolume, type DynamicHostVolumeConfig } from "@cdktf/provider-nomad/lib/dynamic-host-volume";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { hcl } from "../../core/hcl";
import { oneOf, text } from "../../core/rules";
import { size } from "../../core/values";
import type { AccessMode, AttachmentMode, Constraint, CsiMountOptions } from "../spec";

/** One way in which a volume may be used. */
export interface VolumeCapability {
  /** How many use it, and how. */
  readonly accessMode: AccessMode;
  /**
   * As a file system, or as a device.
   * @default "file-system"
   */
  readonly attachmentMode?: AttachmentMode;
}

interface VolumeProps {
  /** The name that jobs give as `source`. */
  readonly name: string;
  /**
   * Ways in which it may be used. A job is only placed where one of them is what it asks for.
   * @default - one writer, as a file system: what a job asks for that names no mode
   */
  readonly capabilities?: readonly VolumeCapability[];
  /** Least size: `"10GiB"`. @default - the plugin's choice */
  readonly capacityMin?: string;
  /** Greatest size. @default - the plugin's choice */
  readonly capacityMax?: string;
  /** The plugin's own options. @default - none */
  readonly parameters?: Readonly<Record<string, string>>;
  /**
   * Its namespace.
   * @default "default"
   */
  readonly namespace?: string;
}

export interface NomadHostVolumeProps extends VolumeProps {
  /**
   * The plugin on the node that makes it.
   * @default "mkdir", which is part of Nomad: a directory, no limit of its size
   */
  readonly plugin?: string;
  /**
   * Only nodes of this pool.
   * @default - any pool
   */
  readonly nodePool?: string;
  /**
   * Only this node.
   * @default - any node that fits
   */
  readonly nodeId?: string;
  /** What the node must fulfil. @default - nothing */
  readonly constraints?: readonly Constraint[];
  /**
   * Last changes to what is made, as it is about to be made.
   * @default - none
   */
  readonly transform?: { readonly volume?: (config: DynamicHostVolumeConfig) => DynamicHostVolumeConfig };
}

const HOST_MODES = [
  "single-node-writer",
  "single-node-reader-only",
  "single-node-single-writer",
  "single-node-multi-writer",
] as const;
const CSI_MODES = [
  ...HOST_MODES.slice(0, 2),
  "multi-node-reader-only",
  "multi-node-single-writer",
  "multi-node-multi-writer",
] as const;

function checkVolume(props: VolumeProps, modes: readonly AccessMode[], check: PropsCheck): void {
  check.required("name", props.name, text);
  check.optional("capacityMin", props.capacityMin, size());
  check.optional("capacityMax", props.capacityMax, size());
  const { capabilities = ONE_WRITER } = props;
  if (capabilities.length === 0) {
    check.add({ property: "capabilities", given: [], allowed: "1 or more", fix: "say how it may be used" });
  }
  capabilities.forEach(({ accessMode, attachmentMode }, index) => {
    check.required(`capabilities[${index}].accessMode`, accessMode, oneOf(modes));
    check.optional(`capabilities[${index}].attachmentMode`, attachmentMode, oneOf(["file-system", "block-device"]));
  });
}

const ONE_WRITER: readonly VolumeCapability[] = [{ accessMode: "single-node-writer" }];

const common = ({ name, capabilities = ONE_WRITER, parameters, namespace, capacityMin, capacityMax }: VolumeProps) => ({
  name,
  namespace,
  capacityMin,
  capacityMax,
  parameters: parameters === undefined ? undefined : hcl.value({ ...parameters }),
  capability: capabilities.map(({ accessMode, attachmentMode = "file-system" }) => ({ accessMode, attachmentMode })),
});

/**
 * A volume that Nomad makes on one node, for jobs that ask for `type: "host"`. It stays on that node with its data.
 *
 * @throws InvalidPropsError for sizes and modes that Nomad refuses.
 */
export class NomadHostVolume extends Construct {
  readonly resource: DynamicHostVolume;

  constructor(scope: Construct, id: string, props: NomadHostVolumeProps) {
    super(scope, id);
    const check = new PropsCheck("NomadHostVolume", scope, id);
    checkVolume(props, HOST_MODES, check);
    check.optional("plugin", props.plugin, text);
    check.done();
    const { plugin = "mkdir", nodePool, nodeId, constraints } = props;
    const config: DynamicHostVolumeConfig = {
      ...common(props),
      pluginId: plugin,
      nodePool,
      nodeId,
      constraint: constraints?.map(({ attribute = "", operator, value }) => ({
        attribute: hcl.text(attribute),
        operator,
        value: value === undefined ? undefined : hcl.text(value),
      })),
    };
    this.resource = new DynamicHostVolume(this, "Default", props.transform?.volume?.(config) ?? config);
  }
}

export interface NomadCsiVolumeProps extends VolumeProps {
  /** Id of the CSI plugin that makes it. */
  readonly plugin: string;
  /**
   * The id that jobs give as `source`; with `perAlloc` it ends in `[0]`, `[1]`...
   * @default - the name
   */
  readonly volumeId?: string;
  /** How its file system is mounted. @default - the plugin's choice */
  readonly mountOptions?: CsiMountOptions;
  /**
   * Last changes to what is made, as it is about to be made.
   * @default - none
   */
  readonly transform?: { readonly volume?: (config: CsiVolumeConfig) => CsiVolumeConfig };
}

/**
 * A volume that a CSI plugin makes in the cloud, for jobs that ask for `type: "csi"`. Destroying it destroys the data.
 *
 * @throws InvalidPropsError for sizes and modes that Nomad refuses.
 */
export class NomadCsiVolume extends Construct {
  readonly resource: CsiResource;

  constructor(scope: Construct, id: string, props: NomadCsiVolumeProps) {
    super(scope, id);
    const check = new PropsCheck("NomadCsiVolume", scope, id);
    checkVolume(props, CSI_MODES, check);
    check.required("plugin", props.plugin, text);
    check.done();
    const { plugin, name, volumeId = name, mountOptions } = props;
    const config: CsiVolumeConfig = {
      ...common(props),
      pluginId: plugin,
      volumeId,
      ...(mountOptions === undefined
        ? {}
        : { mountOptions: { fsType: mountOptions.fsType, mountFlags: mountOptions.mountFlags?.slice() } }),
    };
    this.resource = new CsiResource(this, "Default", props.transform?.volume?.(config) ?? config);
  }
}
