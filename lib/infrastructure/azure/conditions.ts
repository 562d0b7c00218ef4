/** Where a blob stands in its container, in the words of conditions. */
const PATH = "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path]";

/** Lets an action touch only blobs whose path is like one of these: `["snapshots/*"]`. */
export interface PathRule {
  readonly actions: readonly string[];
  readonly paths: readonly string[];
  /** Paths that they do not touch all the same. @default - none */
  readonly except?: readonly string[];
}

/** https://learn.microsoft.com/en-us/azure/role-based-access-control/conditions-format: characters */
export const CONDITION_LIMIT = 8192;

/**
 * The condition of a role assignment by which each of these actions touches its own blobs only. What no rule names, the role
 * allows as it is.
 */
export function pathCondition(rules: readonly PathRule[]): string {
  return rules
    .map(({ actions, paths, except = [] }) => {
      const other = actions.map((action) => `!(ActionMatches{'${action}'})`).join(" AND ");
      const like = paths.map((path) => `${PATH} StringLike '${path}'`).join(" OR ");
      const not = except.map((path) => ` AND ${PATH} StringNotLike '${path}'`).join("");
      return `((${other}) OR ${not === "" ? `(${like})` : `((${like})${not})`})`;
    })
    .join(" AND ");
}

export interface AssigningRule {
  /** Ids (UUIDs) of the roles that may be given to identities of services, but for those below. */
  readonly roles: readonly string[];
  /** Object ids of identities that are given none of them. */
  readonly never: readonly string[];
  /** Ids of the roles that these may be given too. */
  readonly exempt: readonly string[];
}

/**
 * The condition for whoever gives roles: which, and to whom.
 * https://learn.microsoft.com/en-us/azure/role-based-access-control/delegate-role-assignments-examples
 */
export function assigningCondition({ roles, never, exempt }: AssigningRule): string {
  const rule = (action: "write" | "delete", verb: "Request" | "Resource") => {
    const of = (attribute: string) => `@${verb}[Microsoft.Authorization/roleAssignments:${attribute}]`;
    const anyOf = (attribute: string, ids: readonly string[]) =>
      `${of(attribute)} ForAnyOfAnyValues:GuidEquals {${ids.join(", ")}}`;
    const terms = [
      anyOf("RoleDefinitionId", roles),
      `${of("PrincipalType")} StringEqualsIgnoreCase 'ServicePrincipal'`,
      `(NOT (${anyOf("PrincipalId", never)}) OR ${anyOf("RoleDefinitionId", exempt)})`,
    ];
    return `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/${action}'})) OR (${terms.join(" AND ")}))`;
  };
  return [rule("write", "Request"), rule("delete", "Resource")].join(" AND ");
}
