import { csiVolume, type GroupPart, hostVolume, type TaskPart, vaultEnv } from "../../nomad";

/** Where a part keeps its data. */
export interface Storage {
  /**
   * A volume that there is: a host volume of a node, or one behind a CSI plugin. The program's user (65534, Loki and Tempo
   * 10001) must be able to write to it.
   *
   * @default - the allocation's own disk, which moves along to a new version but is lost with its node
   */
  readonly volume?: { readonly name: string; readonly type?: "host" | "csi" };
  /** Size of the allocation's own disk, without a volume. @default "10GiB" */
  readonly diskSize?: string;
}

/** What a group needs for its data, and where its task finds them. */
export function storagePart(
  task: string,
  { volume, diskSize = "10GiB" }: Storage,
): { readonly part: GroupPart; readonly path: string } {
  if (volume === undefined) {
    return { part: { ephemeralDisk: { size: diskSize, sticky: true, migrate: true } }, path: "/alloc/data" };
  }
  const mount = { task, destination: "/data", label: "data" };
  return {
    part: volume.type === "csi" ? csiVolume(volume.name, mount) : hostVolume(volume.name, mount),
    path: "/data",
  };
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
