/** What IAM rights are given on, as far as a platform has it: `google_<each>_iam_member`. */
const SCOPES = [
  "artifact_registry_repository",
  "compute_disk",
  "compute_image",
  "compute_instance",
  "compute_region_disk",
  "compute_subnetwork",
  "dns_managed_zone",
  "folder",
  "iap_tunnel",
  "iap_tunnel_instance",
  "iap_web_backend_service",
  "kms_crypto_key",
  "kms_key_ring",
  "organization",
  "project",
  "pubsub_subscription",
  "pubsub_topic",
  "secret_manager_regional_secret",
  "secret_manager_secret",
  "service_account",
  "storage_bucket",
];

const typesOf = (kind: string, scopes: readonly string[] = SCOPES) =>
  scopes.map((scope) => `google_${scope}_iam_${kind}`);

/** One member added to a role. */
export const MEMBERS: readonly string[] = typesOf("member");
/** All members of a role, those that others added removed. */
export const BINDINGS: readonly string[] = typesOf("binding");
/** All rights on something, those that others gave removed. */
export const POLICIES: readonly string[] = typesOf("policy");

const WIDE = ["project", "folder", "organization"];
/** Rights over a whole project, folder or organization. */
export const WIDE_MEMBERS: readonly string[] = [...typesOf("member", WIDE), ...typesOf("binding", WIDE)];
