import { decodeHcl } from "../../../lib";
import type { Template } from "../../../lib/testing";

/** The policy document in an attribute of a resource, as an object. */
export function documentOf(template: Template, address: string, attribute = "policy"): { Statement: unknown[] } {
  return decodeHcl(String(template.resource(address)[attribute])) as { Statement: unknown[] };
}

/** Everything that a role's own policies say, by the role's address. */
export function identityPolicies(template: Template, role: string): { Statement: unknown[] }[] {
  const inline = template
    .resources("aws_iam_role_policy")
    .filter((each) => each.arguments["role"] === `\${${role}.name}`);
  const attached = template
    .resources("aws_iam_role_policy_attachment")
    .filter((each) => each.arguments["role"] === `\${${role}.name}`)
    .map((each) => String(each.arguments["policy_arn"]).replace(/^\$\{(.*)\.arn\}$/, "$1"));
  return [...inline.map((each) => each.address), ...attached].map((address) => documentOf(template, address));
}

/** The address of a resource by type and path of ids; cdktf adds a hash of the path. */
export function addressOf(template: Template, type: string, path: string): string {
  const pattern = new RegExp(`^${type}\\.${path}(_[0-9A-F]{8})?$`);
  const found = template.addresses.filter((address) => pattern.test(address));
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} of ${type}.${path}`);
  return found[0];
}
