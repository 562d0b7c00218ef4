import type { ClusterSecret } from "../cluster-objects";
import { customRoleName, PROJECT_ROLES } from "./custom-roles";
import { clusterBucketName, logBucketName, secretId } from "./names";
import type { GcpPlace } from "./place";

const SECRETS: readonly ClusterSecret[] = ["public-ca", "bootstrap", "recovery-keys"];

/** The buckets that an environment's infrastructure has, with what is in them. */
export function bucketsCondition(place: GcpPlace): string {
  return [clusterBucketName(place), logBucketName(place)]
    .map((name) => `projects/_/buckets/${name}`)
    .flatMap((at) => [`resource.name == "${at}"`, `resource.name.startsWith("${at}/objects/")`])
    .join(" || ");
}

/** The secrets of an environment. Secret Manager names the project by its number, which only Google knows. */
export function secretsCondition({ environment }: GcpPlace): string {
  return SECRETS.map((secret) => `resource.name.endsWith("/secrets/${secretId(environment, secret)}")`).join(" || ");
}

/** A ring of keys and what is in it. */
export function keyRingCondition({ project, region }: GcpPlace, ring: string): string {
  const name = `projects/${project}/locations/${region}/keyRings/${ring}`;
  return `resource.name == "${name}" || resource.name.startsWith("${name}/")`;
}

/**
 * Grants of the environment's custom roles and nothing else:
 * https://cloud.google.com/iam/docs/setting-limits-on-granting-roles
 */
export function grantsCondition(place: GcpPlace): string {
  const roles = PROJECT_ROLES.map((role) => `"${customRoleName(place, role)}"`);
  return `api.getAttribute("iam.googleapis.com/modifiedGrantsByRole", []).hasOnly([${roles.join(", ")}])`;
}

/** State files, all or but those of one stack. */
export function stateCondition(except?: string): string {
  const state = 'resource.name.endsWith(".tfstate")';
  return except === undefined ? state : `${state} && !resource.name.endsWith("/${except}/default.tfstate")`;
}

/** What Terraform locks a state with, beside it. */
export const locksCondition = 'resource.name.endsWith(".tflock")';
