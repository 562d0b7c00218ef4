/** Where a blob stands in its container, in the words of conditions. */
const PATH = "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path]";

/** Lets an action touch only blobs whose path is like one of these: `["snapshots/*"]`. */
export interface PathRule {
  readonly actions: readonly string[];
  readonly paths: readonly string[];
}

/** https://learn.microsoft.com/en-us/azure/role-based-access-control/conditions-format: characters */
export const CONDITION_LIMIT = 8192;

/**
 * The condition of a role assignment by which each of these actions touches its own blobs only. What no rule names, the role
 * allows as it is.
 */
export function pathCondition(rules: readonly PathRule[]): string {
  return rules
    .map(({ actions, paths }) => {
      const other = actions.map((action) => `!(ActionMatches{'${action}'})`).join(" AND ");
      const like = paths.map((path) => `${PATH} StringLike '${path}'`).join(" OR ");
      return `((${other}) OR (${like}))`;
    })
    .join(" AND ");
}

/** A role may be assigned only if it is one of these, to identities of services, and to none of those. */
export function assigningCondition(roleIds: readonly string[], never: readonly string[]): string {
  const asks = (verb: "Request" | "Resource", attribute: string) =>
    `@${verb}[Microsoft.Authorization/roleAssignments:${attribute}]`;
  const rule = (action: string, verb: "Request" | "Resource") => {
    const terms = [
      `${asks(verb, "RoleDefinitionId")} ForAnyOfAnyValues:GuidEquals {${roleIds.join(", ")}}`,
      `${asks(verb, "PrincipalType")} StringEqualsIgnoreCase 'ServicePrincipal'`,
      ...never.map((principal) => `NOT ${asks(verb, "PrincipalId")} ForAnyOfAnyValues:GuidEquals {${principal}}`),
    ];
    return `(!(ActionMatches{'Microsoft.Authorization/roleAssignments/${action}'}) OR (${terms.join(" AND ")}))`;
  };
  return [rule("write", "Request"), rule("delete", "Resource")].join(" AND ");
}
