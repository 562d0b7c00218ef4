import type { PolicyRule } from "../rule";
import type { SynthesizedResource } from "../synthesized-stack";
import { UNKNOWN } from "../values";
import { BINDINGS, MEMBERS, POLICIES, WIDE_MEMBERS } from "./iam-types";

/** The members of a member or of a binding. */
function membersOf(resource: SynthesizedResource): { attribute: string; member: string }[] {
  return ["member", "members"].flatMap((attribute) =>
    resource
      .texts(attribute)
      .filter((member) => member !== UNKNOWN)
      .map((member) => ({ attribute, member })),
  );
}

const everybody: PolicyRule = {
  id: "gcp-iam-everybody",
  severity: "CRITICAL",
  title: "No right is given to everybody, or to everybody with a Google account",
  why: "allUsers is the whole internet, and allAuthenticatedUsers is too: an account is had in a minute.",
  fix: "name the members",
  references: {
    trivy: ["GCP-0001"],
    checkov: ["CKV_GCP_28", "CKV2_GCP_6", "CKV2_GCP_8"],
    cis: ["GCP v5.0 1.10", "GCP v5.0 5.1"],
  },
  resourceTypes: [...MEMBERS, ...BINDINGS],
  *check(resource) {
    for (const { attribute, member } of membersOf(resource)) {
      if (/^(allUsers|allAuthenticatedUsers)$/i.test(member)) yield { attribute, given: member };
    }
  },
};

const authoritative: PolicyRule = {
  id: "gcp-iam-authoritative",
  severity: "HIGH",
  title: "Rights are added one by one, not written anew as a whole",
  why: "A policy or binding of a role removes what others gave, Google's own service agents among them: the platform stops.",
  fix: "use the resource that ends in _iam_member",
  references: {
    url: "https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/google_project_iam",
  },
  resourceTypes: [...POLICIES, ...BINDINGS],
  *check(resource) {
    // Cloud Storage itself gives these to the project's editors and viewers; only a binding takes them away.
    const role = resource.text("role");
    const isLegacy = role === UNKNOWN || role?.startsWith("roles/storage.legacy") === true;
    if (resource.type === "google_storage_bucket_iam_binding" && isLegacy) return;
    yield { attribute: resource.type, given: "in use" };
  },
};

const basicRole: PolicyRule = {
  id: "gcp-iam-basic-role",
  severity: "HIGH",
  title: "None of Google's basic roles is given",
  why: "They hold thousands of permissions, of services that nobody thought of and of those that Google adds later.",
  fix: "use a google_project_iam_custom_role, or a predefined role of one service",
  references: {
    trivy: ["GCP-0007"],
    checkov: ["CKV_GCP_115", "CKV_GCP_117"],
    cis: ["GCP v5.0 1.6"],
  },
  resourceTypes: [...MEMBERS, ...BINDINGS],
  *check(resource) {
    const role = resource.text("role");
    if (typeof role === "string" && /^roles\/(owner|editor|viewer|admin|writer|reader)$/.test(role)) {
      yield { attribute: "role", given: role };
    }
  },
};

const adminRole: PolicyRule = {
  id: "gcp-iam-admin-role",
  severity: "HIGH",
  title: "No service account administers a service in a whole project",
  why: "Whoever gets hold of such an identity owns everything of that service in the project.",
  fix: "use a google_project_iam_custom_role, or give the role on the resource",
  references: { trivy: ["GCP-0007"], checkov: ["CKV_GCP_42"], cis: ["GCP v5.0 1.6"] },
  resourceTypes: WIDE_MEMBERS,
  *check(resource) {
    const role = resource.text("role");
    if (typeof role !== "string" || !/^roles\/.*admin$/i.test(role)) return;
    const written = membersOf(resource).some(({ member }) => !/^(user|group|domain):/.test(member));
    const made = ["member", "members"]
      .flatMap((attribute) => resource.references(attribute))
      .some((referred) => /(^|\.)google_service_account$/.test(referred.type));
    if (written || made) yield { attribute: "role", given: role };
  },
};

/** Roles by which one acts as another. */
const IMPERSONATION =
  /^roles\/iam\.(serviceAccountUser|serviceAccountTokenCreator|serviceAccountKeyAdmin|serviceAccountOpenIdTokenCreator|workloadIdentityUser|serviceAccountAdmin)$/;

const impersonation: PolicyRule = {
  id: "gcp-iam-impersonation",
  severity: "HIGH",
  title: "Nobody may act as every service account of a project",
  why: "Who may act as any of them has the rights of the mightiest.",
  fix: "give the role on the service account, by google_service_account_iam_member",
  references: {
    trivy: ["GCP-0005", "GCP-0009", "GCP-0011"],
    checkov: ["CKV_GCP_41", "CKV_GCP_44", "CKV_GCP_45", "CKV_GCP_49"],
    cis: ["GCP v5.0 1.6"],
  },
  resourceTypes: WIDE_MEMBERS,
  *check(resource) {
    const role = resource.text("role");
    if (typeof role === "string" && IMPERSONATION.test(role)) yield { attribute: "role", given: role };
  },
};

/** Permissions by which one gives oneself any other, on a whole project. */
const GRANTS = /^resourcemanager\.(projects|folders|organizations)\.setIamPolicy$/;

const grants: PolicyRule = {
  id: "gcp-iam-grants",
  severity: "HIGH",
  title: "Who may give roles in a project may give named ones only",
  why: "Otherwise such an identity makes itself the owner.",
  fix: "add a condition on api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', [])",
  references: { url: "https://cloud.google.com/iam/docs/setting-limits-on-granting-roles" },
  resourceTypes: WIDE_MEMBERS,
  *check(resource) {
    if (resource.block("condition") !== undefined) return;
    const roles = resource
      .references("role")
      .filter((role) => role.texts("permissions").some((each) => each !== UNKNOWN && GRANTS.test(each)));
    for (const role of roles) yield { attribute: "condition", given: `none, for ${role.address}` };
  },
};

const DEFAULT_ACCOUNT = /-compute@developer\.gserviceaccount\.com$|@appspot\.gserviceaccount\.com$/;

const defaultAccount: PolicyRule = {
  id: "gcp-iam-default-service-account",
  severity: "MEDIUM",
  title: "Default service accounts are given no rights",
  why: "Whatever is started without an identity of its own gets this one.",
  fix: "give the role to a service account made for the purpose",
  references: {
    trivy: ["GCP-0004", "GCP-0006", "GCP-0008"],
    checkov: ["CKV_GCP_46", "CKV_GCP_47"],
    cis: ["GCP v5.0 4.1"],
  },
  resourceTypes: [...MEMBERS, ...BINDINGS],
  *check(resource) {
    for (const { attribute, member } of membersOf(resource)) {
      if (DEFAULT_ACCOUNT.test(member)) yield { attribute, given: member };
    }
    const accounts = ["member", "members"].flatMap((attribute) => resource.references(attribute));
    for (const account of accounts) {
      if (/^data\.google_(compute|app_engine)_default_service_account$/.test(account.type)) {
        yield { attribute: "member", given: account.address };
      }
    }
  },
};

const accountKey: PolicyRule = {
  id: "gcp-no-service-account-keys",
  severity: "HIGH",
  title: "No keys of service accounts",
  why: "They do not expire, lie on disks and in Terraform's state, and are what leaks most.",
  fix: "attach the account to the machine, and use workload identity federation for what runs elsewhere",
  references: { checkov: ["CKV2_GCP_3"], cis: ["GCP v5.0 1.5"] },
  resourceTypes: ["google_service_account_key", "data.google_service_account_key"],
  *check(resource) {
    yield { attribute: resource.type, given: "in use" };
  },
};

export const iamRules: readonly PolicyRule[] = [
  everybody,
  authoritative,
  basicRole,
  adminRole,
  impersonation,
  grants,
  defaultAccount,
  accountKey,
];
