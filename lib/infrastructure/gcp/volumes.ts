import { ComputeDisk, type ComputeDiskConfig } from "@cdktf/provider-google/lib/compute-disk";
import { ComputeRegionDisk, type ComputeRegionDiskConfig } from "@cdktf/provider-google/lib/compute-region-disk";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { integer, listOf, oneOf, shortName } from "../../core/rules";
import { parseSize, size } from "../../core/values";
import { protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { volumeName } from "./names";
import type { GcpPlace } from "./place";
import { checkPlace } from "./place-check";
import { cryptoKeyName, region as regionRule, zoneOf } from "./rules";

/** A disk that outlives the jobs and the nodes that mount it. */
export interface GcpVolume {
  /** In whole GiB: `"20GiB"`. It can grow later, not shrink. */
  readonly size: string;
  /**
   * Its zone's letter or name, `"b"` or `"europe-west1-b"`: only nodes of this zone can mount it. Two zones, `["b", "c"]`, make a
   * regional disk, whose data is in both and which nodes of either can mount.
   */
  readonly zone: string | readonly string[];
  /**
   * A disk of two zones is one of those that begin with `pd`, or `"hyperdisk-balanced-high-availability"`. Which a machine takes its
   * series says: https://cloud.google.com/compute/docs/disks#machine_series_support
   *
   * @default "pd-balanced"
   */
  readonly type?: GcpVolumeType;
  /**
   * Reads and writes a second, of Hyperdisk: 3000 to 160000 (100000 in two zones).
   *
   * @default - what Google gives without asking
   */
  readonly iops?: number;
  /**
   * MiB a second, of Hyperdisk: 140 to 2400 (1200 in two zones).
   *
   * @default - what Google gives without asking
   */
  readonly throughput?: number;
}

export type GcpVolumeType =
  | "pd-balanced"
  | "pd-ssd"
  | "pd-standard"
  | "hyperdisk-balanced"
  | "hyperdisk-balanced-high-availability";

export interface GcpVolumesProps extends GcpPlace {
  /** Full name of the key that encrypts them: the environment's data key. */
  readonly kmsKeyName: string;
  /** The volumes, by the name under which jobs know them. */
  readonly volumes: Readonly<Record<string, GcpVolume>>;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    /** Laid on each of the volumes in one zone. */
    readonly volume?: Transform<ComputeDiskConfig>;
    /** Laid on each of the volumes in two zones. */
    readonly regionalVolume?: Transform<ComputeRegionDiskConfig>;
  };
}

interface Limits {
  /** GiB. */
  readonly sizes: readonly [number, number];
  readonly iops?: readonly [number, number];
  readonly throughput?: readonly [number, number];
}

/** https://cloud.google.com/compute/docs/disks/persistent-disks, https://cloud.google.com/compute/docs/disks/hyperdisks */
const ZONAL: Readonly<Partial<Record<GcpVolumeType, Limits>>> = {
  "pd-balanced": { sizes: [10, 65_536] },
  "pd-ssd": { sizes: [10, 65_536] },
  "pd-standard": { sizes: [10, 65_536] },
  "hyperdisk-balanced": { sizes: [4, 65_536], iops: [3_000, 160_000], throughput: [140, 2_400] },
};
const REGIONAL: Readonly<Partial<Record<GcpVolumeType, Limits>>> = {
  "pd-balanced": { sizes: [10, 65_536] },
  "pd-ssd": { sizes: [10, 65_536] },
  "pd-standard": { sizes: [200, 65_536] },
  "hyperdisk-balanced-high-availability": { sizes: [4, 65_536], iops: [3_000, 100_000], throughput: [140, 1_200] },
};

function zonesOf({ zone }: GcpVolume): readonly string[] {
  return typeof zone === "string" ? [zone] : zone;
}

/** Checks volumes as one property of a construct's props. */
export function checkVolumes(
  check: PropsCheck,
  property: string,
  volumes: Readonly<Record<string, GcpVolume>>,
  region: string,
): void {
  for (const [name, volume] of Object.entries(volumes)) {
    const at = `${property}.${name}`;
    check.required(`${property}["${name}"]`, name, shortName(32, "jenkins-home"));
    if (Array.isArray(volume.zone)) {
      if (check.required(`${at}.zone`, volume.zone, listOf(2, 2, "zones"))) {
        check.each(`${at}.zone`, volume.zone, zoneOf(region));
        if (volume.zone[0] === volume.zone[1]) {
          check.add({
            property: `${at}.zone`,
            given: volume.zone,
            allowed: "two zones that differ",
            fix: "name another",
          });
        }
      }
    } else check.required(`${at}.zone`, volume.zone, zoneOf(region));
    const limits = Array.isArray(volume.zone) ? REGIONAL : ZONAL;
    check.optional(`${at}.type`, volume.type, oneOf(Object.keys(limits)));
    const { sizes, iops, throughput } = limits[volume.type ?? "pd-balanced"] ?? { sizes: [4, 65_536] };
    check.required(`${at}.size`, volume.size, size({ min: `${sizes[0]}GiB`, max: `${sizes[1]}GiB`, unit: "GiB" }));
    checkFigure(check, `${at}.iops`, volume.iops, iops, "operations a second");
    checkFigure(check, `${at}.throughput`, volume.throughput, throughput, "MiB a second");
  }
}

function checkFigure(
  check: PropsCheck,
  property: string,
  given: number | undefined,
  bounds: readonly [number, number] | undefined,
  unit: string,
): void {
  if (bounds !== undefined) check.optional(property, given, integer(bounds[0], bounds[1], unit));
  else if (given !== undefined) {
    check.add({
      property,
      given,
      allowed: "nothing but for Hyperdisk: other disks grow faster with their size",
      fix: "remove it, or choose another type",
    });
  }
}

/**
 * Volumes for jobs, by name: encrypted, protected from being destroyed, and named so that the CSI plugin may move but not delete
 * them. The layer above registers them with Nomad.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpVolumes extends Construct {
  /** Ids by name, as the CSI plugin takes them: `projects/<project>/zones/<zone>/disks/<name>`. */
  readonly volumeIds: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: GcpVolumesProps) {
    const check = new PropsCheck("GcpVolumes", scope, id);
    checkPlace(check, props);
    check.required("kmsKeyName", props.kmsKeyName, cryptoKeyName);
    if (regionRule.accepts(props.region)) checkVolumes(check, "volumes", props.volumes, props.region);
    check.done();
    super(scope, id);
    this.volumeIds = Object.fromEntries(
      Object.entries(props.volumes).map(([name, volume]) => [name, this.add(name, volume, props)]),
    );
  }

  private add(name: string, volume: GcpVolume, props: GcpVolumesProps): string {
    const { environment, project, region, kmsKeyName, transform } = props;
    const [zone = "", ...others] = zonesOf(volume).map((each) =>
      each.startsWith(region) ? each : `${region}-${each}`,
    );
    const common = {
      project,
      name: volumeName(environment, name),
      size: parseSize(volume.size, "GiB"),
      type: volume.type ?? "pd-balanced",
      provisionedIops: volume.iops,
      provisionedThroughput: volume.throughput,
      labels: { "caravan-volume": name },
    };
    if (others.length === 0) {
      const disk = { ...common, zone, diskEncryptionKey: { kmsKeySelfLink: kmsKeyName } };
      return protect(new ComputeDisk(this, name, transformed(transform?.volume, disk))).id;
    }
    const disk = { ...common, region, replicaZones: [zone, ...others], diskEncryptionKey: { kmsKeyName } };
    return protect(new ComputeRegionDisk(this, name, transformed(transform?.regionalVolume, disk))).id;
  }
}
