import { identityRules } from "../../../lib/policy/azure/identities";
import { logRules } from "../../../lib/policy/azure/logs";
import { secretRules } from "../../../lib/policy/azure/secrets";
import { testRules } from "../rule-examples";

const assignment = (attributes: object, beside: object = {}) => ({
  resource: { azurerm_role_assignment: { a: attributes }, ...beside },
});
const role = (permissions: object) => ({ azurerm_role_definition: { r: { permissions } } });
const credential = (attributes: object) => ({
  resource: {
    azurerm_federated_identity_credential: {
      c: {
        audience: ["api://AzureADTokenExchange"],
        issuer: "https://token.actions.githubusercontent.com",
        subject: "repo:acme/platform:ref:refs/heads/main",
        ...attributes,
      },
    },
  },
});
const workspace = (attributes: object) => ({ resource: { azurerm_log_analytics_workspace: { w: attributes } } });
const onCredential = (attribute: string, given: unknown) =>
  `azurerm_federated_identity_credential.c ${attribute}: ${String(given)}`;

const OWN_ROLE = { role_definition_id: "${azurerm_role_definition.r.role_definition_resource_id}" };

testRules([...identityRules, ...logRules, ...secretRules], {
  "azure-role-administrator": {
    breaks: {
      "an owner": [
        assignment({ role_definition_name: "Owner" }),
        'azurerm_role_assignment.a role_definition_name: "Owner"',
      ],
      "one by its id": [
        assignment({
          role_definition_id:
            "${data.azurerm_subscription.s.id}/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c",
        }),
        'azurerm_role_assignment.a role_definition_id: "Contributor"',
      ],
    },
    holds: {
      "a narrow role": assignment({ role_definition_name: "Key Vault Secrets User" }),
      "a role of one's own": assignment(OWN_ROLE, role({ actions: ["Microsoft.Compute/disks/read"] })),
    },
  },
  "azure-role-wildcard": {
    breaks: {
      "every action": [{ resource: role({ actions: ["*"] }) }, 'azurerm_role_definition.r permissions.actions: "*"'],
      "every action of a service": [
        { resource: role({ actions: ["Microsoft.Compute/disks/read", "Microsoft.Network/*"] }) },
        'azurerm_role_definition.r permissions.actions: "Microsoft.Network/*"',
      ],
      "every data action": [
        { resource: role({ data_actions: ["*"] }) },
        'azurerm_role_definition.r permissions.data_actions: "*"',
      ],
    },
    holds: {
      "named actions": { resource: role({ actions: ["Microsoft.Compute/virtualMachineScaleSets/*/read"] }) },
      "reading all": { resource: role({ actions: ["*/read"] }) },
    },
  },
  "azure-role-grants": {
    breaks: {
      "one that gives any role": [
        assignment(OWN_ROLE, role({ actions: ["Microsoft.Authorization/roleAssignments/*"] })),
        'azurerm_role_assignment.a condition: "none, for azurerm_role_definition.r"',
      ],
    },
    holds: {
      "one that gives named roles": assignment(
        { ...OWN_ROLE, condition: "@Request[...] ForAnyOfAnyValues:GuidEquals {...}" },
        role({ actions: ["Microsoft.Authorization/roleAssignments/write"] }),
      ),
      "one that gives none": assignment(OWN_ROLE, role({ actions: ["Microsoft.Authorization/roleAssignments/read"] })),
    },
  },
  "azure-federated-subject": {
    breaks: {
      "any branch": [credential({ subject: "repo:acme/*" }), onCredential("subject", '"repo:acme/*"')],
      "another audience": [
        credential({ audience: ["https://github.com/acme"] }),
        onCredential("audience", '"https://github.com/acme"'),
      ],
      "an issuer without TLS": [
        credential({ issuer: "http://git.acme.com" }),
        onCredential("issuer", '"http://git.acme.com"'),
      ],
    },
    holds: { "one branch": credential({}) },
  },
  "azure-no-client-secrets": {
    breaks: {
      "a password": [
        { resource: { azuread_service_principal_password: { p: {} } } },
        'azuread_service_principal_password.p azuread_service_principal_password: "in use"',
      ],
    },
    holds: { "a managed identity": { resource: { azurerm_user_assigned_identity: { i: {} } } } },
  },
  "azure-log-retention": {
    breaks: {
      "a workspace alone": [workspace({}), "azurerm_log_analytics_workspace.w retention_in_days: nothing"],
      "a month": [workspace({ retention_in_days: 30 }), "azurerm_log_analytics_workspace.w retention_in_days: 30"],
    },
    holds: { "a quarter": workspace({ retention_in_days: 90 }) },
  },
  "azure-log-shared-key": {
    breaks: {
      "a workspace alone": [workspace({}), "azurerm_log_analytics_workspace.w local_authentication_enabled: nothing"],
    },
    holds: {
      "identities only": workspace({ local_authentication_enabled: false }),
      "the argument's former name": workspace({ local_authentication_disabled: true }),
    },
  },
  "azure-secret-in-state": {
    breaks: {
      "a secret": [
        { resource: { azurerm_key_vault_secret: { s: { value: "x" } } } },
        'azurerm_key_vault_secret.s value: "a secret (not shown)"',
      ],
    },
    holds: { "a write-only one": { resource: { azurerm_key_vault_secret: { s: { value_wo: "x" } } } } },
  },
});
