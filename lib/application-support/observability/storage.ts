import type { Construct, IDependable } from "constructs";
import { protect } from "../../layer/protection";
import {
  csiVolume,
  type GroupPart,
  hostVolume,
  NomadCsiVolume,
  NomadHostVolume,
  type Task,
  type TaskPart,
  vaultEnv,
} from "../../nomad";
import { hardened } from "./hardened";

/** A volume of a part. */
export interface StorageVolume {
  readonly name: string;
  /** A directory of a node, or one behind a CSI plugin. @default "host" */
  readonly type?: "host" | "csi";
  /** Id of the CSI plugin: `"aws-ebs"`. Needed where such a volume is made. @default - none */
  readonly plugin?: string;
  /** Size of a volume behind a CSI plugin. A directory has none. @default "10GiB" */
  readonly size?: string;
  /** The plugin's own options. @default - none */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Whether it is there already, made by somebody else. @default false */
  readonly existing?: boolean;
}

/** Where a part keeps its data. */
export interface Storage {
  /**
   * A volume. It is made, for the program's user alone, and protected from being destroyed.
   *
   * @default - the allocation's own disk, which moves along to a new version but is lost with its node
   */
  readonly volume?: StorageVolume;
  /** Size of the allocation's own disk, without a volume. @default "10GiB" */
  readonly diskSize?: string;
}

/** Who writes to a part's volume, and where. */
export interface StorageOwner {
  readonly namespace: string;
  /** @default "default" */
  readonly nodePool?: string;
  /** Number of the user that the program's image runs as. */
  readonly user: number;
}

/** Makes the volume of a part, unless it is there already; its job comes after it. */
export function storageVolume(scope: Construct, { volume }: Storage = {}, owner: StorageOwner): IDependable[] {
  if (volume === undefined || volume.existing === true) return [];
  const { namespace, nodePool = "default", user } = owner;
  const { name, type = "host", plugin = "", size = "10GiB", parameters } = volume;
  const common = { name, namespace };
  const made =
    type === "csi"
      ? new NomadCsiVolume(scope, "volume", {
          ...common,
          plugin,
          capacityMin: size,
          ...(parameters === undefined ? {} : { parameters }),
        })
      : new NomadHostVolume(scope, "volume", {
          ...common,
          nodePool,
          parameters: { uid: `${user}`, gid: `${user}`, mode: "700", ...parameters },
        });
  protect(made.resource);
  return [made];
}

/** What a group needs for its data: beside its task, whose part is given, tasks of its own. */
export interface StoragePart {
  readonly part: GroupPart;
  readonly tasks: Readonly<Record<string, Task>>;
  /** Where the task finds its data. */
  readonly path: string;
}

/**
 * What a group needs for its data. A new disk behind a CSI plugin is root's, as neither Nomad nor such plugins set another
 * owner: a task gives it to the program's user, unless the plugin's parameters do (`uid`, of EFS).
 */
export function storagePart(
  task: string,
  { volume, diskSize = "10GiB" }: Storage,
  { user, image }: { readonly user: number; readonly image: string },
): StoragePart {
  if (volume === undefined) {
    return { part: { ephemeralDisk: { size: diskSize, sticky: true, migrate: true } }, tasks: {}, path: "/alloc/data" };
  }
  const mount = { task, destination: "/data", label: "data" };
  if (volume.type !== "csi") return { part: hostVolume(volume.name, mount), tasks: {}, path: "/data" };
  const isOwned = volume.existing === true || volume.parameters?.["uid"] !== undefined;
  const owner: Task = {
    driver: "docker",
    user: "0",
    lifecycle: { hook: "prestart", sidecar: false },
    config: { ...hardened, image, capAdd: ["chown"], entrypoint: ["chown"], args: [`${user}:${user}`, "/data"] },
    volumeMount: { volume: "data", destination: "/data" },
    resources: { cpu: 20, memory: "32MiB" },
  };
  return { part: csiVolume(volume.name, mount), tasks: isOwned ? {} : { owner }, path: "/data" };
}

/** A bucket of S3, or of what speaks its API. */
export interface ObjectStore {
  readonly bucket: string;
  readonly region: string;
  /** Host of another provider's API. @default - AWS's */
  readonly endpoint?: string;
  /**
   * Who the program is to the bucket: a role of AWS that trusts Nomad's identities (`server.oidc_issuer`), or a secret of
   * Vault below `<namespace>/<job>` with the fields `access_key_id` and `secret_access_key`.
   */
  readonly credentials: { readonly roleArn: string } | { readonly secret: string };
}

/** What a task needs to reach its bucket. No key is in the job. */
export function objectStorePart(
  { region, credentials }: ObjectStore,
  place: { readonly kvMount: string; readonly namespace: string; readonly job: string },
): TaskPart {
  if ("roleArn" in credentials) {
    return {
      identity: { name: "aws", aud: ["sts.amazonaws.com"], file: true, ttl: "1h" },
      env: {
        AWS_REGION: region,
        AWS_ROLE_ARN: credentials.roleArn,
        AWS_WEB_IDENTITY_TOKEN_FILE: "/secrets/nomad_aws.jwt",
      },
    };
  }
  const path = `${place.namespace}/${place.job}/${credentials.secret}`;
  return {
    env: { AWS_REGION: region },
    ...vaultEnv(
      { mount: place.kvMount, path },
      { AWS_ACCESS_KEY_ID: "access_key_id", AWS_SECRET_ACCESS_KEY: "secret_access_key" },
    ),
  };
}
