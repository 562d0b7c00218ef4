import { physicalName } from "../../core/naming";
import type { ClusterSecret } from "../cluster-objects";
import { type AwsPlace, regionalArn } from "./place";

/** The first part of every name, by which an account's other inhabitants know ours. */
const OURS = "caravan";

/** The tag by which policies tell an environment's resources from another's; every layer stack lays it on. */
export const ENVIRONMENT_TAG = "caravan-environment";

/** Path of an environment's roles, instance profiles and policies: `/caravan/prod/`. */
export function iamPath(environment: string): string {
  return physicalName({ kind: "awsIamPath", parts: [OURS, environment] });
}

/** Path of the roles and policies of CI, out of the deployer's own reach: `/caravan-ci/prod/`. */
export function ciPath(environment: string): string {
  return physicalName({ kind: "awsIamPath", parts: [`${OURS}-ci`, environment] });
}

/** Name of a role, and of its instance profile: `caravan-prod-server-main`. */
export function roleName(environment: string, ...parts: readonly string[]): string {
  return physicalName({ kind: "awsIamRole", parts: [OURS, environment, ...parts] });
}

/** Name of a managed policy: `caravan-prod-deployer-network`. */
export function policyName(environment: string, ...parts: readonly string[]): string {
  return physicalName({ kind: "awsIamPolicy", parts: [OURS, environment, ...parts] });
}

/** Name of a group of nodes, of its launch template and its machines: `caravan-prod-server-main`. */
export function nodeGroupName(environment: string, plane: "server" | "worker" | "runner", group: string): string {
  return physicalName({ kind: "awsLaunchTemplate", parts: [OURS, environment, plane, group] });
}

/** Every such name of an environment, or of its workers, as a pattern. */
export function nodeGroupNames(environment: string, plane?: "worker"): string {
  return [OURS, environment, ...(plane === undefined ? [] : [plane]), "*"].join("-");
}

/** Alias of a key: `alias/caravan-prod-seal`. */
export function keyAlias(environment: string, purpose: string): string {
  return physicalName({ kind: "awsKmsAlias", parts: [OURS, environment, purpose] });
}

/** What stands before the names of an environment's log groups: `/caravan/prod/`. */
export function logGroupPrefix(environment: string): string {
  return `/${OURS}/${environment}/`;
}

/**
 * Name of a bucket of an environment. Buckets share one name space with the whole world, hence the hash of account and
 * region.
 */
export function bucketName({ environment, accountId, region }: AwsPlace, purpose: string): string {
  return physicalName({
    kind: "awsS3Bucket",
    parts: [OURS, environment, purpose],
    distinctBy: [accountId, region],
  });
}

/** Name of the bucket that keeps an environment's Terraform state, unless it is given another. */
export function stateBucketName(place: AwsPlace): string {
  return bucketName(place, "state");
}

/** Name of the bucket that keeps who called what: access logs of the cluster's bucket and of the edge. */
export function logBucketName(place: AwsPlace): string {
  return bucketName(place, "log");
}

/** Name of the bucket of the cluster itself: its document, its births, its snapshots. */
export function clusterBucketName(place: AwsPlace): string {
  return bucketName(place, "cluster");
}

/**
 * What stands before a secret's name: `caravan/prod/public-ca/`. Terraform adds a part that no other has: a deleted secret
 * holds its name until its recovery window ends, and a new one must not collide with it.
 */
export function secretNamePrefix(environment: string, secret: ClusterSecret): string {
  return `${physicalName({ kind: "awsSecret", parts: [OURS, environment, secret] })}/`;
}

/** ARN of a secret, whatever Terraform added to its name, and Secrets Manager to that. */
export function secretArn(place: AwsPlace, secret: ClusterSecret): string {
  return regionalArn(place, "secretsmanager", `secret:${secretNamePrefix(place.environment, secret)}*`);
}

/** ARN of all secrets of an environment. */
export function secretArns(place: AwsPlace): string {
  return regionalArn(place, "secretsmanager", `secret:${OURS}/${place.environment}/*`);
}
