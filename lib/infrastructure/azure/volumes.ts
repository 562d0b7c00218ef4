import { ManagedDisk, type ManagedDiskConfig } from "@cdktf/provider-azurerm/lib/managed-disk";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { integer, oneOf, shortName } from "../../core/rules";
import { parseSize, size } from "../../core/values";
import { protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { mapped } from "../by-name";
import { diskName, volumesPlace } from "./names";
import type { AzurePlace } from "./place";
import { checkPlace } from "./place-check";
import { diskEncryptionSetId } from "./rules";
import { type AzureZone, zone } from "./zones";

export type AzureVolumeType = "Premium_LRS" | "Premium_ZRS" | "PremiumV2_LRS" | "StandardSSD_LRS" | "StandardSSD_ZRS";

/** A disk that outlives the jobs and the nodes that mount it. */
export interface AzureVolume {
  /** In whole GiB: `"20GiB"`. It can grow later, not shrink. */
  readonly size: string;
  /**
   * Its zone, `"1"`: only nodes of this zone can mount it.
   *
   * @default - none: its data is in all zones, and nodes of each can mount it
   */
  readonly zone?: AzureZone;
  /** @default "Premium_LRS" in a zone, "Premium_ZRS" over all */
  readonly type?: AzureVolumeType;
  /**
   * Reads and writes a second, of PremiumV2_LRS: 3000 to 80000.
   *
   * @default - 3000
   */
  readonly iops?: number;
  /**
   * MB a second, of PremiumV2_LRS: 125 to 1200.
   *
   * @default - 125
   */
  readonly throughput?: number;
}

export interface AzureVolumesProps extends AzurePlace {
  /** Id of what encrypts them with the data key. */
  readonly diskEncryptionSetId: string;
  /** The volumes, by the name under which jobs know them. */
  readonly volumes: Readonly<Record<string, AzureVolume>>;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    /** Laid on each of the volumes. */
    readonly volume?: Transform<ManagedDiskConfig>;
  };
}

/** https://learn.microsoft.com/en-us/azure/virtual-machines/disks-types */
const TYPES = {
  inZone: ["Premium_LRS", "PremiumV2_LRS", "StandardSSD_LRS"],
  overAll: ["Premium_ZRS", "StandardSSD_ZRS"],
} as const;
const SIZE = size({ min: "1GiB", max: "32TiB", unit: "GiB" });

/** Checks volumes as one property of a construct's props. */
export function checkVolumes(
  check: PropsCheck,
  property: string,
  volumes: Readonly<Record<string, AzureVolume>>,
): void {
  for (const [name, volume] of Object.entries(volumes)) {
    const at = `${property}.${name}`;
    check.required(`${property}["${name}"]`, name, shortName(32, "jenkins-home"));
    check.required(`${at}.size`, volume.size, SIZE);
    check.optional(`${at}.zone`, volume.zone, zone);
    check.optional(`${at}.type`, volume.type, oneOf(volume.zone === undefined ? TYPES.overAll : TYPES.inZone));
    for (const [each, rule] of [
      ["iops", integer(3_000, 80_000, "operations a second")],
      ["throughput", integer(125, 1_200, "MB a second")],
    ] as const) {
      if (volume.type === "PremiumV2_LRS") check.optional(`${at}.${each}`, volume[each], rule);
      else if (volume[each] !== undefined) {
        check.add({
          property: `${at}.${each}`,
          given: volume[each],
          allowed: "nothing but for PremiumV2_LRS",
          fix: "remove it, or choose that type",
        });
      }
    }
  }
}

/**
 * Volumes for jobs, by name: encrypted, not to be downloaded, protected from being destroyed, in the resource group of volumes, where the
 * CSI plugin finds them and makes its own. The layer above registers them with Nomad.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureVolumes extends Construct {
  /** Ids by name. */
  readonly volumeIds: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: AzureVolumesProps) {
    const check = new PropsCheck("AzureVolumes", scope, id);
    checkPlace(check, props);
    check.required("diskEncryptionSetId", props.diskEncryptionSetId, diskEncryptionSetId);
    checkVolumes(check, "volumes", props.volumes);
    check.done();
    super(scope, id);
    this.volumeIds = mapped(props.volumes, (volume, name) => this.add(name, volume, props));
  }

  private add(name: string, volume: AzureVolume, props: AzureVolumesProps): string {
    const { environment, region, diskEncryptionSetId, transform } = props;
    return protect(
      new ManagedDisk(
        this,
        name,
        transformed(transform?.volume, {
          name: diskName(environment, name),
          location: region,
          resourceGroupName: volumesPlace(props).resourceGroup,
          zone: volume.zone,
          storageAccountType: volume.type ?? (volume.zone === undefined ? "Premium_ZRS" : "Premium_LRS"),
          createOption: "Empty",
          diskSizeGb: parseSize(volume.size, "GiB"),
          diskIopsReadWrite: volume.iops,
          diskMbpsReadWrite: volume.throughput,
          diskEncryptionSetId,
          networkAccessPolicy: "DenyAll",
          publicNetworkAccessEnabled: false,
          tags: { "caravan-volume": name },
        }),
      ),
    ).id;
  }
}
