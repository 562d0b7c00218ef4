import { iamRules } from "../../../lib/policy/gcp/iam";
import { workloadIdentityRules } from "../../../lib/policy/gcp/workload-identity";
import { testRules } from "../rule-examples";

const member = (attributes: object, beside: object = {}, type = "google_project_iam_member") => ({
  resource: { [type]: { m: attributes }, ...beside },
});
const on = (attribute: string, given: unknown) => `google_project_iam_member.m ${attribute}: ${String(given)}`;
const provider = (attributes: object) => ({
  resource: {
    google_iam_workload_identity_pool_provider: { p: { oidc: { issuer_uri: "https://git.acme.com" }, ...attributes } },
  },
});
const onProvider = (given: unknown) =>
  `google_iam_workload_identity_pool_provider.p attribute_condition: ${String(given)}`;

const NODE = "serviceAccount:node@acme.iam.gserviceaccount.com";
const POOL = "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci";
const OWN = { role: "${google_project_iam_custom_role.r.name}", member: NODE };
const role = (...permissions: string[]) => ({ google_project_iam_custom_role: { r: { permissions } } });

testRules([...iamRules, ...workloadIdentityRules], {
  "gcp-iam-everybody": {
    breaks: {
      "the whole internet": [
        member({ role: "roles/storage.objectViewer", member: "allUsers" }, {}, "google_storage_bucket_iam_member"),
        'google_storage_bucket_iam_member.m member: "allUsers"',
      ],
      "everybody among others": [
        member({ members: [NODE, "allAuthenticatedUsers"] }, {}, "google_kms_crypto_key_iam_binding"),
        'google_kms_crypto_key_iam_binding.m members: "allAuthenticatedUsers"',
      ],
    },
    holds: { "one account": member({ role: "roles/logging.logWriter", member: NODE }) },
  },
  "gcp-iam-authoritative": {
    breaks: {
      "a policy": [
        { resource: { google_project_iam_policy: { p: {} } } },
        'google_project_iam_policy.p google_project_iam_policy: "in use"',
      ],
      "a binding": [
        { resource: { google_storage_bucket_iam_binding: { b: {} } } },
        'google_storage_bucket_iam_binding.b google_storage_bucket_iam_binding: "in use"',
      ],
    },
    holds: {
      "one member": member({ role: "roles/logging.logWriter", member: NODE }),
      "what the project's editors have on a bucket, taken away": member(
        { role: "roles/storage.legacyBucketOwner", members: [NODE] },
        {},
        "google_storage_bucket_iam_binding",
      ),
    },
  },
  "gcp-iam-basic-role": {
    breaks: {
      "an editor": [member({ role: "roles/editor", member: NODE }), on("role", '"roles/editor"')],
      "a viewer": [member({ role: "roles/viewer", member: NODE }), on("role", '"roles/viewer"')],
    },
    holds: { "a role of one service": member({ role: "roles/compute.viewer", member: NODE }) },
  },
  "gcp-iam-admin-role": {
    breaks: {
      "a service account": [member({ role: "roles/compute.admin", member: NODE }), on("role", '"roles/compute.admin"')],
      "one that Terraform makes": [
        member(
          { role: "roles/storage.objectAdmin", member: "${google_service_account.a.member}" },
          { google_service_account: { a: {} } },
        ),
        on("role", '"roles/storage.objectAdmin"'),
      ],
    },
    holds: {
      "people, in a group": member({ role: "roles/compute.admin", member: "group:platform@acme.com" }),
      "a role of one's own": member(OWN, role("compute.instances.get")),
    },
    exempts: {
      "on one bucket": member(
        { role: "roles/storage.objectAdmin", member: NODE },
        {},
        "google_storage_bucket_iam_member",
      ),
    },
  },
  "gcp-iam-impersonation": {
    breaks: {
      "in a whole project": [
        member({ role: "roles/iam.serviceAccountTokenCreator", member: "group:platform@acme.com" }),
        on("role", '"roles/iam.serviceAccountTokenCreator"'),
      ],
    },
    holds: {
      "of one account": member(
        { role: "roles/iam.serviceAccountTokenCreator", member: NODE },
        {},
        "google_service_account_iam_member",
      ),
    },
  },
  "gcp-iam-grants": {
    breaks: {
      "one that gives any role": [
        member(OWN, role("compute.instances.get", "resourcemanager.projects.setIamPolicy")),
        on("condition", '"none, for google_project_iam_custom_role.r"'),
      ],
    },
    holds: {
      "one that gives named roles": member(
        { ...OWN, condition: { title: "named roles", expression: "api.getAttribute(...)" } },
        role("resourcemanager.projects.setIamPolicy"),
      ),
      "one that gives none": member(OWN, role("resourcemanager.projects.getIamPolicy")),
    },
  },
  "gcp-iam-default-service-account": {
    breaks: {
      "by its name": [
        member({ role: "roles/logging.logWriter", member: "serviceAccount:1-compute@developer.gserviceaccount.com" }),
        on("member", '"serviceAccount:1-compute@developer.gserviceaccount.com"'),
      ],
      "by a data source": [
        {
          ...member({ member: "serviceAccount:${data.google_compute_default_service_account.d.email}" }),
          data: { google_compute_default_service_account: { d: {} } },
        },
        on("member", '"data.google_compute_default_service_account.d"'),
      ],
    },
    holds: { "one of its own": member({ role: "roles/logging.logWriter", member: NODE }) },
  },
  "gcp-no-service-account-keys": {
    breaks: {
      "a key": [
        { resource: { google_service_account_key: { k: {} } } },
        'google_service_account_key.k google_service_account_key: "in use"',
      ],
    },
    holds: { "an account": { resource: { google_service_account: { a: {} } } } },
  },
  "gcp-workload-identity-condition": {
    breaks: {
      "a provider alone": [provider({}), onProvider("nothing")],
      "a condition on nobody": [
        provider({ attribute_condition: "assertion.ref == 'refs/heads/main'" }),
        onProvider("\"assertion.ref == 'refs/heads/main'\""),
      ],
    },
    holds: {
      "an owner by id": provider({ attribute_condition: "assertion.repository_owner_id == '1234567'" }),
      "a project": provider({ attribute_condition: "assertion.project_path == 'acme/platform'" }),
    },
    exempts: {
      "a provider of an AWS account": {
        resource: { google_iam_workload_identity_pool_provider: { p: { aws: { account_id: "123456789012" } } } },
      },
    },
  },
  "gcp-workload-identity-subject": {
    breaks: {
      "a whole pool": [
        member({ member: `${POOL}/*` }, {}, "google_service_account_iam_member"),
        `google_service_account_iam_member.m member: "${POOL}/*"`,
      ],
      "a whole pool that Terraform makes": [
        member({ member: "principalSet://iam.googleapis.com/${var.pool}/*" }, {}, "google_service_account_iam_member"),
        'google_service_account_iam_member.m member: "principalSet://iam.googleapis.com/${var.pool}/*"',
      ],
    },
    holds: {
      "one repository": member(
        { member: `${POOL}/attribute.repository/acme/platform` },
        {},
        "google_service_account_iam_member",
      ),
    },
  },
});
