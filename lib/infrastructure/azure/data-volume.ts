import { ManagedDisk, type ManagedDiskConfig } from "@cdktf/provider-azurerm/lib/managed-disk";
import { Construct } from "constructs";
import { parseSize } from "../../core/values";
import { protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import type { AzureNodeIdentity } from "./node-identity";
import type { AzurePlace } from "./place";

export interface AzureDataVolumeProps extends AzurePlace {
  /** Whoever bears this identity attaches it. */
  readonly identity: AzureNodeIdentity;
  /** The zone that it is in, and its server. @default - none: a region without zones */
  readonly zone?: string;
  /** In GiB: `"20GiB"`. It can grow. */
  readonly size: string;
  /** Kind of disk, as the server's size takes it. */
  readonly diskType: string;
  readonly diskEncryptionSetId: string;
  readonly name: string;
  readonly transform?: Transform<ManagedDiskConfig>;
}

/**
 * The disk for the data of a lone server: it outlives the machines that attach it one after another, encrypted, not to be downloaded
 * and protected from being destroyed. Its group's identity may attach this disk, and no other.
 */
export class AzureDataVolume extends Construct {
  readonly volumeId: string;

  constructor(scope: Construct, id: string, props: AzureDataVolumeProps) {
    super(scope, id);
    const disk = protect(
      new ManagedDisk(
        this,
        "Default",
        transformed(props.transform, {
          name: props.name,
          location: props.region,
          resourceGroupName: props.resourceGroup,
          zone: props.zone,
          storageAccountType: props.diskType,
          createOption: "Empty",
          diskSizeGb: parseSize(props.size, "GiB"),
          diskEncryptionSetId: props.diskEncryptionSetId,
          networkAccessPolicy: "DenyAll",
          publicNetworkAccessEnabled: false,
        }),
      ),
    );
    props.identity.allow("use-disk", { right: "use-disk", scope: disk.id });
    this.volumeId = disk.id;
  }
}
