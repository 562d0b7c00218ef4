import { ciRights } from "../../../lib/infrastructure/azure/ci-rights";
import { type AzurePermissions, nodeRights } from "../../../lib/infrastructure/azure/rights";
import { roleGuid } from "../../../lib/infrastructure/azure/roles";
import type { Template } from "../../../lib/testing";
import { place } from "./place";

export interface Grant {
  readonly scope: string;
  readonly right: string;
  readonly condition?: string;
}

/** Address of the only resource of a type whose name begins so. */
export function addressOf(template: Template, type: string, name: string): string {
  const found = template.addresses.filter((address) => new RegExp(`^${type}\\.${name}(_[0-9A-F]{8})?$`).test(address));
  if (found[0] === undefined || found.length > 1) throw new Error(`${type}.${name}: ${template.addresses.join(" ")}`);
  return found[0];
}

/** The value of an output. */
export function outputOf(template: Template, name: string): unknown {
  return (template.json["output"] as Record<string, { readonly value: unknown }>)[name]?.value;
}

/** What an identity that the template makes is called in role assignments. */
export function principalOf(template: Template, identity: string): string {
  return `\${${addressOf(template, "azurerm_user_assigned_identity", identity)}.principal_id}`;
}

const allRights: Readonly<Record<string, AzurePermissions>> = { ...nodeRights, ...ciRights };
const rights = new Map(Object.keys(allRights).map((right) => [roleGuid(place, right), right]));

/** All roles of an identity. */
export function grantsOf(template: Template, principal: string): Grant[] {
  return template
    .resources("azurerm_role_assignment")
    .filter((each) => each.arguments["principal_id"] === principal)
    .map(({ arguments: made }) => {
      const role = String(made["role_definition_id"]);
      const condition = made["condition"];
      return {
        scope: String(made["scope"]),
        right: rights.get(role.slice(role.lastIndexOf("/") + 1)) ?? role,
        ...(condition === undefined ? {} : { condition: String(condition) }),
      };
    });
}

/** Follows a condition as far as ours go: for some actions, paths that are like one of some and like none of others. */
export function holds(condition: string, action: string, path: string): boolean {
  const like = (pattern: string) =>
    new RegExp(
      `^${pattern
        .split("*")
        .map((part) => part.replaceAll(".", "\\."))
        .join(".*")}$`,
    ).test(path);
  return condition.split(/(?<=\)\)) AND (?=\(\()/).every((clause) => {
    const actions = [...clause.matchAll(/!\(ActionMatches\{'([^']+)'\}\)/g)].map(([, name]) => name);
    const likes = [...clause.matchAll(/:path\] StringLike '([^']+)'/g)].map(([, pattern = ""]) => pattern);
    const unlike = [...clause.matchAll(/:path\] StringNotLike '([^']+)'/g)].map(([, pattern = ""]) => pattern);
    if (actions.length === 0 || likes.length === 0) {
      throw new Error(`a condition that this test does not know: ${clause}`);
    }
    return !actions.includes(action) || (likes.some(like) && !unlike.some(like));
  });
}

/** Whether an identity may do something at a scope, to a blob of a path if it is one. */
export function may(template: Template, principal: string, action: string, scope: string, path = ""): boolean {
  return grantsOf(template, principal).some((grant) => {
    if (!scope.startsWith(grant.scope)) return false;
    const permissions = allRights[grant.right];
    const all = [...(permissions?.actions ?? []), ...(permissions?.dataActions ?? [])];
    const named = all.some((each) =>
      each.includes("*")
        ? new RegExp(`^${each.replaceAll(".", "\\.").replace("*", ".+")}$`).test(action)
        : each === action,
    );
    return named && (grant.condition === undefined || holds(grant.condition, action, path));
  });
}
