import { EbsVolume, type EbsVolumeConfig } from "@cdktf/provider-aws/lib/ebs-volume";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { integer, oneOf, shortName } from "../../core/rules";
import { parseSize, size } from "../../core/values";
import { protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import type { AwsPlace } from "./place";
import { checkPlace } from "./place-check";
import { kmsKeyArn, region as regionRule, zoneOf } from "./rules";

/** A disk that outlives the jobs and the nodes that mount it. */
export interface AwsVolume {
  /** In whole GiB: `"20GiB"`. It can grow later, not shrink. */
  readonly size: string;
  /** Its zone's letter or name, `"a"` or `"eu-central-1a"`: only nodes of this zone can mount it. */
  readonly zone: string;
  /** @default "gp3" */
  readonly type?: "gp3" | "io2" | "st1" | "sc1";
  /**
   * Reads and writes a second, of gp3 (3000 to 80000) and io2 (100 to 256000).
   *
   * @default - what AWS gives gp3 without asking; io2 must say it
   */
  readonly iops?: number;
  /**
   * MiB a second, of gp3: 125 to 2000.
   *
   * @default - 125
   */
  readonly throughput?: number;
}

export interface AwsVolumesProps extends AwsPlace {
  /** ARN of the key that encrypts them: the environment's data key. */
  readonly kmsKeyArn: string;
  /** The volumes, by the name under which jobs know them. */
  readonly volumes: Readonly<Record<string, AwsVolume>>;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    /** Laid on each of the volumes. */
    readonly volume?: Transform<EbsVolumeConfig>;
  };
}

/** https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html */
const SIZES = { gp3: [1, 65_536], io2: [4, 65_536], st1: [125, 16_384], sc1: [125, 16_384] } as const;
const IOPS = { gp3: [3_000, 80_000], io2: [100, 256_000] } as const;
const THROUGHPUT = [125, 2_000] as const;

/** Checks volumes as one property of a construct's props. */
export function checkVolumes(
  check: PropsCheck,
  property: string,
  volumes: Readonly<Record<string, AwsVolume>>,
  region: string,
): void {
  for (const [name, volume] of Object.entries(volumes)) {
    const at = `${property}.${name}`;
    check.required(`${property}["${name}"]`, name, shortName(32, "jenkins-home"));
    check.required(`${at}.zone`, volume.zone, zoneOf(region));
    check.optional(`${at}.type`, volume.type, oneOf(Object.keys(SIZES)));
    const type = volume.type ?? "gp3";
    const [min, max] = SIZES[type] ?? SIZES.gp3;
    check.required(`${at}.size`, volume.size, size({ min: `${min}GiB`, max: `${max}GiB`, unit: "GiB" }));
    if (type === "gp3" || type === "io2") {
      const rule = integer(IOPS[type][0], IOPS[type][1], "operations a second");
      if (type === "io2") check.required(`${at}.iops`, volume.iops, rule);
      else check.optional(`${at}.iops`, volume.iops, rule);
    } else refuse(check, `${at}.iops`, volume.iops, "gp3 and io2");
    if (type === "gp3")
      check.optional(`${at}.throughput`, volume.throughput, integer(THROUGHPUT[0], THROUGHPUT[1], "MiB a second"));
    else refuse(check, `${at}.throughput`, volume.throughput, "gp3");
  }
}

function refuse(check: PropsCheck, property: string, given: unknown, types: string): void {
  if (given === undefined) return;
  check.add({ property, given, allowed: `nothing but for ${types}`, fix: "remove it, or choose another type" });
}

/**
 * Volumes for jobs, by name: encrypted, protected from being destroyed, and tagged so that the CSI plugin's own are told
 * apart. The layer above registers them with Nomad.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsVolumes extends Construct {
  /** Ids by name: `{ "jenkins-home": "vol-..." }`. */
  readonly volumeIds: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: AwsVolumesProps) {
    const check = new PropsCheck("AwsVolumes", scope, id);
    checkPlace(check, props);
    check.required("kmsKeyArn", props.kmsKeyArn, kmsKeyArn);
    if (regionRule.accepts(props.region)) checkVolumes(check, "volumes", props.volumes, props.region);
    check.done();
    super(scope, id);
    this.volumeIds = Object.fromEntries(
      Object.entries(props.volumes).map(([name, volume]) => [name, this.add(name, volume, props)]),
    );
  }

  private add(name: string, volume: AwsVolume, { environment, region, kmsKeyArn, transform }: AwsVolumesProps): string {
    const zone = volume.zone.startsWith(region) ? volume.zone : `${region}${volume.zone}`;
    return protect(
      new EbsVolume(
        this,
        name,
        transformed(transform?.volume, {
          availabilityZone: zone,
          size: parseSize(volume.size, "GiB"),
          type: volume.type ?? "gp3",
          iops: volume.iops,
          throughput: volume.throughput,
          encrypted: true,
          kmsKeyId: kmsKeyArn,
          tags: { Name: `${environment}-${name}`, "caravan-volume": name },
        }),
      ),
    ).id;
  }
}
