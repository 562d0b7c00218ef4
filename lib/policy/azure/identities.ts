import type { PolicyRule } from "../rule";
import type { SynthesizedBlock } from "../synthesized-stack";
import { UNKNOWN } from "../values";

/** Roles of Azure that are everything, or the right to give oneself everything, by name and by id. */
const ADMINISTRATORS: Readonly<Record<string, string>> = {
  Owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  Contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  "User Access Administrator": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
  "Role Based Access Control Administrator": "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
  "Key Vault Administrator": "00482a5a-887f-4fb3-b363-3b7fe8e74483",
  "Storage Account Contributor": "17d1049b-9a84-46fb-8f53-869881c3d3ab",
};

const administrator: PolicyRule = {
  id: "azure-role-administrator",
  severity: "HIGH",
  title: "None of Azure's administrator roles is given",
  why: "They allow everything, or the right to give oneself everything.",
  fix: "write a role definition with the actions that are needed",
  references: {
    trivy: ["AZU-0030"],
    url: "https://learn.microsoft.com/en-us/azure/role-based-access-control/built-in-roles",
  },
  resourceTypes: ["azurerm_role_assignment"],
  *check(assignment) {
    const name = assignment.text("role_definition_name");
    if (typeof name === "string" && Object.hasOwn(ADMINISTRATORS, name)) {
      yield { attribute: "role_definition_name", given: name };
    }
    const id = String(assignment.value("role_definition_id") ?? "");
    const known = Object.entries(ADMINISTRATORS).find(([, guid]) => id.toLowerCase().endsWith(guid));
    if (known !== undefined) yield { attribute: "role_definition_id", given: known[0] };
  },
};

/** Actions that an action with wildcards holds. */
function covers(pattern: string, action: string): boolean {
  const source = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${source.join(".*")}$`, "i").test(action);
}

/** Every action of a whole service or of all of them, for reading excepted. */
function isWide(action: string): boolean {
  return /^\*(\/(write|delete|action|\*))?$/i.test(action) || /^[\w.]+\/\*$/.test(action);
}

const wildcard: PolicyRule = {
  id: "azure-role-wildcard",
  severity: "HIGH",
  title: "No role of one's own allows every action, or every action of a service",
  why: "It holds actions that nobody thought of, among them those that Azure adds later.",
  fix: "name the actions",
  references: { trivy: ["AZU-0030"], checkov: ["CKV_AZURE_39"] },
  resourceTypes: ["azurerm_role_definition"],
  *check(role) {
    for (const permissions of role.blocks("permissions")) {
      for (const attribute of ["actions", "data_actions"]) {
        for (const action of permissions.texts(attribute)) {
          if (action !== UNKNOWN && isWide(action)) yield { attribute: permissions.at(attribute), given: action };
        }
      }
    }
  },
};

const GRANTS = "Microsoft.Authorization/roleAssignments/write";

function allowsGranting(permissions: SynthesizedBlock): boolean {
  const has = (name: string) => permissions.texts(name).some((action) => action !== UNKNOWN && covers(action, GRANTS));
  return has("actions") && !has("not_actions");
}

const grants: PolicyRule = {
  id: "azure-role-grants",
  severity: "HIGH",
  title: "Who may give roles may give named ones only",
  why: "Otherwise such an identity gives itself the role of the owner.",
  fix: "add a condition to the assignment, on Microsoft.Authorization/roleAssignments:RoleDefinitionId",
  references: {
    url: "https://learn.microsoft.com/en-us/azure/role-based-access-control/delegate-role-assignments-overview",
  },
  resourceTypes: ["azurerm_role_assignment"],
  *check(assignment) {
    if (assignment.has("condition")) return;
    const roles = assignment
      .references("role_definition_id")
      .filter((role) => role.type === "azurerm_role_definition" && role.blocks("permissions").some(allowsGranting));
    for (const role of roles) yield { attribute: "condition", given: `none, for ${role.address}` };
  },
};

/** The audience of tokens that are exchanged for Entra ID's. */
const AUDIENCE = "api://AzureADTokenExchange";

const federatedSubject: PolicyRule = {
  id: "azure-federated-subject",
  severity: "HIGH",
  title: "A federated credential trusts one audience and one subject, named in full",
  why: "The issuer signs tokens for all its users: what is not said exactly a pipeline of a stranger may also say.",
  fix: `set audience = ["${AUDIENCE}"] and subject, such as "repo:acme/platform:ref:refs/heads/main", without a wildcard`,
  references: {
    url: "https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation-considerations",
  },
  resourceTypes: ["azurerm_federated_identity_credential"],
  *check(credential) {
    const subject = credential.text("subject");
    if (subject !== UNKNOWN && (subject === undefined || subject === "" || /[*?]/.test(subject))) {
      yield { attribute: "subject", given: subject };
    }
    for (const audience of credential.texts("audience")) {
      if (audience !== UNKNOWN && audience !== AUDIENCE) yield { attribute: "audience", given: audience };
    }
    const issuer = credential.text("issuer");
    if (typeof issuer === "string" && !issuer.startsWith("https://")) yield { attribute: "issuer", given: issuer };
  },
};

const noPasswords: PolicyRule = {
  id: "azure-no-client-secrets",
  severity: "HIGH",
  title: "No client secrets or certificates for service principals",
  why: "They lie on disks and in Terraform's state, and are what leaks most.",
  fix: "use a managed identity, and a federated credential for what runs elsewhere",
  references: { url: "https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation" },
  resourceTypes: [
    "azuread_application_password",
    "azuread_application_certificate",
    "azuread_service_principal_password",
    "azuread_service_principal_certificate",
  ],
  *check(resource) {
    yield { attribute: resource.type, given: "in use" };
  },
};

export const identityRules: readonly PolicyRule[] = [administrator, wildcard, grants, federatedSubject, noPasswords];
