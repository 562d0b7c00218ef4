import { DataAwsSubnet } from "@cdktf/provider-aws/lib/data-aws-subnet";
import { EbsVolume, type EbsVolumeConfig } from "@cdktf/provider-aws/lib/ebs-volume";
import { Construct } from "constructs";
import { parseSize } from "../../core/values";
import { isDeletionProtected, protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { attachStatements } from "./node-policy";
import type { AwsNodeRole } from "./node-role";
import type { AwsPlace } from "./place";

export interface AwsDataVolumeProps extends AwsPlace {
  /** Name of the group whose server it belongs to, as its machines' tag `caravan-group` has it. */
  readonly nodeRoleName: string;
  /** Whoever bears this role attaches it. */
  readonly role: AwsNodeRole;
  /** The subnet in whose zone it is, and its server. */
  readonly subnetId: string;
  /** In GiB: `"20GiB"`. It can grow. */
  readonly size: string;
  readonly kmsKeyArn: string;
  /** Its name in the account. */
  readonly name: string;
  readonly transform?: Transform<EbsVolumeConfig>;
}

/**
 * The disk for the data of a lone server: it outlives the machines that attach it one after another, encrypted and protected
 * from being destroyed. A machine of its group may attach this volume to itself or another of its group, and nothing else.
 *
 * When the group grows the volume goes, for then each server has a disk of its own; a snapshot of it stays.
 */
export class AwsDataVolume extends Construct {
  readonly volumeId: string;

  constructor(scope: Construct, id: string, props: AwsDataVolumeProps) {
    super(scope, id);
    const subnet = new DataAwsSubnet(this, "subnet", { id: props.subnetId });
    const volume = protect(
      new EbsVolume(
        this,
        "Default",
        transformed(props.transform, {
          availabilityZone: subnet.availabilityZone,
          type: "gp3",
          size: parseSize(props.size, "GiB"),
          encrypted: true,
          kmsKeyId: props.kmsKeyArn,
          // Without its block in the configuration nothing would protect it.
          finalSnapshot: isDeletionProtected(this),
          tags: { Name: props.name, "caravan-group": props.nodeRoleName },
        }),
      ),
    );
    props.role.allow("data-volume", attachStatements(props, volume.arn, props.nodeRoleName, props.kmsKeyArn));
    this.volumeId = volume.id;
  }
}
