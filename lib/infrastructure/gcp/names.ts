import { physicalName } from "../../core/naming";
import type { ClusterSecret } from "../cluster-objects";
import type { GcpPlace } from "./place";

/** The first part of every name, by which a project's other inhabitants know ours. */
const OURS = "caravan";

/** The label by which an environment's resources are told from another's. */
export const ENVIRONMENT_LABEL = "caravan-environment";

/** Name of a resource of Compute Engine, of Cloud DNS or of Certificate Manager: `caravan-prod-nodes`. */
export function resourceName(environment: string, ...parts: readonly string[]): string {
  return physicalName({ kind: "gcpResource", parts: [OURS, environment, ...parts] });
}

/** Name of a group of nodes, of its instance template and its machines: `caravan-prod-server-main`. */
export function nodeGroupName(environment: string, plane: "server" | "worker" | "runner", group: string): string {
  return resourceName(environment, plane, group);
}

/** What the names of an environment's workers begin with. */
export function workerNames(environment: string): string {
  return [OURS, environment, "worker", ""].join("-");
}

/** Name of a volume for jobs: `caravan-prod-volume-database`. */
export function volumeName(environment: string, volume: string): string {
  return resourceName(environment, "volume", volume);
}

/** What the names of an environment's volumes for jobs begin with. */
export function volumeNames(environment: string): string {
  return [OURS, environment, "volume", ""].join("-");
}

/** What the names of everything begin with that this library names, whichever the environment. */
export const ALL_NAMES = `${OURS}-`;

/** Id of a service account, the part before the @ of its e-mail address: `caravan-prod-server-main`. */
export function serviceAccountId(environment: string, ...parts: readonly string[]): string {
  return physicalName({ kind: "gcpServiceAccount", parts: [OURS, environment, ...parts] });
}

/**
 * Name of a bucket of an environment. Buckets share one name space with the whole world, hence the hash of project and
 * region.
 */
export function bucketName({ environment, project, region }: GcpPlace, purpose: string): string {
  return physicalName({ kind: "gcpBucket", parts: [OURS, environment, purpose], distinctBy: [project, region] });
}

/** Name of the bucket that keeps an environment's Terraform state, unless it is given another. */
export function stateBucketName(place: GcpPlace): string {
  return bucketName(place, "state");
}

/** Name of the bucket of the cluster itself: its document, its births, its snapshots. */
export function clusterBucketName(place: GcpPlace): string {
  return bucketName(place, "cluster");
}

/** Name of the bucket that keeps who called what of the cluster's bucket. */
export function logBucketName(place: GcpPlace): string {
  return bucketName(place, "log");
}

/** Name of the key ring: `caravan-prod-keys`. Neither a ring nor a key in it can be deleted, or made again under its name. */
export function keyRingName(environment: string): string {
  return resourceName(environment, "keys");
}

/** Id of a secret: `caravan-prod-public-ca`. */
export function secretId(environment: string, secret: ClusterSecret): string {
  return resourceName(environment, ...secret.split("-"));
}

/**
 * Id of a custom role: `caravan_prod_read_secret`, for a purpose as code names it, `"readSecret"`. Hyphens are not allowed there,
 * and no name of an environment holds what stands for them.
 */
export function customRoleId(environment: string, purpose: string): string {
  const words = purpose.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
  return `${OURS}_${environment.replaceAll("-", "_")}_${words}`;
}

/** Id of the pool of identities that CI's tokens become: `caravan-prod`. */
export function workloadIdentityPoolId(environment: string): string {
  return physicalName({ kind: "gcpWorkloadIdentity", parts: [OURS, environment] });
}
