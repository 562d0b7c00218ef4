import { nodeRoles } from "../../../lib/infrastructure/gcp/custom-roles";
import { customRoleId } from "../../../lib/infrastructure/gcp/names";
import type { Template, TemplateResource } from "../../../lib/testing";

/** Which argument of a grant names the resource that it is made on. */
const ON: Readonly<Record<string, string>> = {
  google_kms_crypto_key_iam_member: "crypto_key_id",
  google_project_iam_member: "project",
  google_secret_manager_secret_iam_member: "secret_id",
  google_storage_bucket_iam_member: "bucket",
};

export interface Grant {
  readonly on: string;
  readonly role: string;
  readonly condition?: string;
}

/** Address of the only resource of a type whose name begins so. */
export function addressOf(template: Template, type: string, name: string): string {
  const found = template.addresses.filter((address) => new RegExp(`^${type}\\.${name}(_[0-9A-F]{8})?$`).test(address));
  if (found[0] === undefined || found.length > 1) throw new Error(`${type}.${name}: ${template.addresses.join(" ")}`);
  return found[0];
}

/** What a service account that the template makes is called in grants. */
export function memberOf(template: Template, account: string): string {
  return `serviceAccount:\${${addressOf(template, "google_service_account", account)}.email}`;
}

/** All grants of a member; on a resource, they are found by the name under which grants know it. */
export function grantsOf(template: Template, member: string): Grant[] {
  return Object.entries(ON).flatMap(([type, on]) =>
    template
      .resources(type)
      .filter((each) => each.arguments["member"] === member)
      .map(({ arguments: made }: TemplateResource) => {
        const [condition] = [made["condition"]].flat() as { expression: string }[];
        return {
          on: String(made[on]),
          role: String(made["role"]),
          ...(condition === undefined ? {} : { condition: condition.expression }),
        };
      }),
  );
}

function permissionsOf(template: Template, role: string): readonly string[] {
  const [, made] = /^\$\{(google_project_iam_custom_role\..*)\.name\}$/.exec(role) ?? [];
  if (made !== undefined) return template.resource(made)["permissions"] as string[];
  const [, id] = /^projects\/[^/]+\/roles\/(.*)$/.exec(role) ?? [];
  const found = Object.entries(nodeRoles).find(([purpose]) => customRoleId("prod", purpose) === id);
  if (found === undefined) throw new Error(`no custom role of nodes: ${role}`);
  return found[1].permissions;
}

/** Follows a condition as far as ours go: what names of resources are, begin or end with, joined by `||` and `&&`. */
export function holds(condition: string, resource: { readonly name: string }): boolean {
  const term = (text: string): boolean => {
    const [, negation, extracted, method, value = ""] =
      /^(!?)resource\.name(?:\.extract\("([^"]*)"\))?(\.startsWith\(|\.endsWith\(| == )"([^"]*)"\)?$/.exec(text) ?? [];
    if (method === undefined) throw new Error(`a condition that this test does not know: ${text}`);
    const [, name = ""] =
      extracted === undefined
        ? [undefined, resource.name]
        : (new RegExp(extracted.replace(/\{\w+\}$/, "(.*)$")).exec(resource.name) ?? []);
    const decided =
      method === " == " ? name === value : method === ".endsWith(" ? name.endsWith(value) : name.startsWith(value);
    return decided !== (negation === "!");
  };
  return condition.split(" || ").some((all) => all.split(" && ").every(term));
}

/** Whether a member may do something with a resource, by its name in conditions. */
export function may(template: Template, member: string, permission: string, on: string, name = ""): boolean {
  return grantsOf(template, member).some(
    (grant) =>
      grant.on === on &&
      permissionsOf(template, grant.role).includes(permission) &&
      (grant.condition === undefined || holds(grant.condition, { name })),
  );
}
