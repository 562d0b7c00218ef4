import { type Waivable, waiveByChoice } from "../policy";

/** Rights by which somebody can give himself everything. The policy asks that each is named. */
type GrantingRule =
  | "vault-policy-grants"
  | "consul-acl-write"
  | "nomad-management"
  | "nomad-all-namespaces"
  | "nomad-operator-write";

const WHY = {
  admin: {
    reason:
      "governs the platform, and is on record in the audit log: whoever is in a group with it is an administrator",
    prop: "people.groups",
  },
  deployer: {
    reason:
      "applies this stack, and writes policies: whoever merges to the branch that it is bound to is an administrator",
    prop: "ci.apply",
  },
  snapshot: {
    reason: "saves snapshots on the servers, for which Consul asks acl:write; its token never leaves them",
    prop: "infrastructure",
  },
} as const;

/** Who is an administrator by whatever name; the policy report lists them by this. */
export type Administrator = keyof typeof WHY;

export function isAdministrator(name: string): name is Administrator {
  return Object.hasOwn(WHY, name);
}

/** Names an administrator in the policy report, by a waiver of the rule that the right breaks. */
export function nameAdministrator(resource: Waivable, who: Administrator, ...rules: readonly GrantingRule[]): void {
  for (const rule of rules) waiveByChoice(resource, { rule, ...WHY[who] });
}
