import { CaravanError, type Problem } from "../../core/errors";
import { attributesOf, block, type HclBlock, type HclBody, hclText } from "../../core/hcl-body";
import { readHcl } from "../../core/hcl-read";

/** https://developer.hashicorp.com/nomad/docs/secure/acl/policies/policy-spec */
const NAMESPACE_CAPABILITIES = [
  "deny",
  "list-jobs",
  "parse-job",
  "read-job",
  "read-job-scaling",
  "read-logs",
  "read-fs",
  "submit-job",
  "register-job",
  "deregister-job",
  "purge-job",
  "plan-job",
  "promote-deployment",
  "dispatch-job",
  "scale-job",
  "alloc-exec",
  "alloc-node-exec",
  "alloc-lifecycle",
  "submit-recommendation",
  "csi-register-plugin",
  "csi-list-volume",
  "csi-read-volume",
  "csi-write-volume",
  "csi-mount-volume",
  "host-volume-create",
  "host-volume-delete",
  "host-volume-read",
  "host-volume-register",
  "host-volume-write",
  "list-scaling-policies",
  "read-scaling-policy",
] as const;
const NODE_POOL_CAPABILITIES = ["deny", "delete", "read", "write"] as const;
const OPERATOR_CAPABILITIES = [
  "deny",
  "keyring-delete",
  "keyring-read",
  "keyring-rotate",
  "license-read",
  "snapshot-save",
] as const;
const VARIABLE_CAPABILITIES = ["deny", "list", "read", "write", "destroy"] as const;

export type NomadCapability = (typeof NAMESPACE_CAPABILITIES)[number];
export type NomadVariableCapability = (typeof VARIABLE_CAPABILITIES)[number];
type Level = "deny" | "read" | "write";

/** Rights in the namespaces of a name, in which `*` stands for any characters. */
export interface NomadNamespaceRights {
  /** Many rights at once. */
  readonly policy?: Level | "scale";
  readonly capabilities?: readonly NomadCapability[];
  /** Rights to variables, by path. */
  readonly variables?: Readonly<Record<string, readonly NomadVariableCapability[]>>;
}

/** ACL rules of Nomad, in its own words. */
export interface NomadPolicyRules {
  readonly namespace?: Readonly<Record<string, NomadNamespaceRights>>;
  readonly node_pool?: Readonly<
    Record<
      string,
      { readonly policy?: Level; readonly capabilities?: readonly (typeof NODE_POOL_CAPABILITIES)[number][] }
    >
  >;
  readonly host_volume?: Readonly<Record<string, { readonly policy: Level }>>;
  readonly agent?: { readonly policy: Level };
  readonly node?: { readonly policy: Level };
  readonly operator?: {
    readonly policy?: Level;
    readonly capabilities?: readonly (typeof OPERATOR_CAPABILITIES)[number][];
  };
  readonly plugin?: { readonly policy: Level | "list" };
  readonly quota?: { readonly policy: Level };
}

/** The text of a Nomad policy. */
export function nomadPolicyHcl(rules: NomadPolicyRules): string {
  const { namespace = {}, node_pool = {}, host_volume = {}, ...flat } = rules;
  const named = (kind: string, byName: Readonly<Record<string, object>>) =>
    Object.entries(byName).map(([name, rights]) => block(kind, name, rightsBody(rights)));
  return hclText({
    attributes: [],
    blocks: [
      ...Object.entries(flat).flatMap(([kind, rights]) => (rights ? [block(kind, undefined, rightsBody(rights))] : [])),
      ...named("host_volume", host_volume),
      ...named("node_pool", node_pool),
      ...named("namespace", namespace),
    ],
  });
}

interface Rights {
  readonly policy?: string;
  readonly capabilities?: readonly string[];
  readonly variables?: Readonly<Record<string, readonly string[]>>;
}

function rightsBody({ policy, capabilities, variables = {} }: Rights): HclBody {
  const paths = Object.entries(variables).map(([path, rights]) =>
    block("path", path, { attributes: attributesOf({ capabilities: rights }) }),
  );
  return {
    attributes: attributesOf({ policy, capabilities }),
    blocks: paths.length === 0 ? [] : [block("variables", undefined, { blocks: paths })],
  };
}

/**
 * The rules that a Nomad policy's text holds.
 *
 * @throws CaravanError that names the line of what is no policy, and of what stands there twice, which Nomad refuses.
 */
export function readNomadPolicy(text: string): NomadPolicyRules {
  const { attributes, blocks } = readHcl(text);
  const [stray] = attributes;
  if (stray !== undefined) throw new CaravanError(`line ${stray.line}: "${stray.name}" where a block should be`);
  const rules: Record<string, unknown> = {};
  for (const { type, label, body, line } of blocks) {
    const rights = readRights(body);
    if (label !== undefined) rules[type] ??= {};
    const home = label === undefined ? rules : (rules[type] as Record<string, unknown>);
    const key = label ?? type;
    if (key in home) throw new CaravanError(`line ${line}: ${type} ${JSON.stringify(label ?? "")} stands there twice`);
    home[key] = rights;
  }
  return rules as NomadPolicyRules;
}

function readRights({ attributes, blocks }: HclBody): object {
  const values = Object.fromEntries(attributes.map(({ name, value }) => [name, value]));
  if (Object.keys(values).length < attributes.length) {
    throw new CaravanError(`line ${attributes[0]?.line}: an attribute stands twice in a block`);
  }
  const paths = blocks.flatMap(({ type, body, line }): readonly HclBlock[] => {
    if (type !== "variables") throw new CaravanError(`line ${line}: "${type}" where variables should be`);
    return body.blocks;
  });
  if (paths.length === 0) return values;
  const variables = paths.map(({ label = "", body }) => [
    label,
    body.attributes.find(({ name }) => name === "capabilities")?.value ?? [],
  ]);
  return { ...values, variables: Object.fromEntries(variables) };
}

type Add = (at: string, given: unknown, allowed: string, fix: string) => void;

const FLAT: Readonly<Record<string, readonly string[]>> = {
  agent: ["deny", "read", "write"],
  node: ["deny", "read", "write"],
  operator: ["deny", "read", "write"],
  plugin: ["deny", "read", "list", "write"],
  quota: ["deny", "read", "write"],
};
const NAMED: Readonly<
  Record<string, { readonly policies: readonly string[]; readonly capabilities: readonly string[] }>
> = {
  namespace: { policies: ["deny", "read", "write", "scale"], capabilities: NAMESPACE_CAPABILITIES },
  node_pool: { policies: ["deny", "read", "write"], capabilities: NODE_POOL_CAPABILITIES },
  host_volume: { policies: ["deny", "read", "write"], capabilities: ["deny", "mount-readonly", "mount-readwrite"] },
};

/** What is wrong with the rules of a policy, each as a mistake of `property.<kind>`. */
export function lintNomadRules(property: string, rules: NomadPolicyRules): Problem[] {
  const problems: Problem[] = [];
  const add: Add = (at, given, allowed, fix) => problems.push({ property: `${property}.${at}`, given, allowed, fix });
  for (const [kind, rights] of Object.entries(rules) as [string, unknown][]) {
    if (rights === undefined) continue;
    const named = NAMED[kind];
    const policies = FLAT[kind];
    if (policies !== undefined) {
      lintRights(kind, rights, policies, kind === "operator" ? OPERATOR_CAPABILITIES : [], add);
    } else if (named === undefined) {
      add(
        kind,
        rights,
        [...Object.keys(FLAT), ...Object.keys(NAMED)].join(", "),
        "Nomad refuses what it does not know",
      );
    } else {
      for (const [name, inner] of Object.entries(rights as object)) {
        const at = `${kind}[${JSON.stringify(name)}]`;
        // Only names of pools may have underscores.
        if (!(kind === "node_pool" ? /^[\w*-]{1,128}$/ : /^[A-Za-z0-9*-]{1,128}$/).test(name)) {
          const also = kind === "node_pool" ? ", underscores" : "";
          add(at, name, `1 to 128 letters, digits, hyphens${also} and *`, "use the name as Nomad has it");
        }
        lintRights(at, inner, named.policies, named.capabilities, add);
      }
    }
  }
  if (Object.keys(rules).length === 0) add("rules", rules, "1 or more rules", "give a right");
  return problems;
}

function lintRights(
  at: string,
  rights: unknown,
  policies: readonly string[],
  capabilities: readonly string[],
  add: Add,
): void {
  const { policy, capabilities: given, variables, ...rest } = rights as Record<string, unknown>;
  if (policy !== undefined && !policies.includes(policy as string)) {
    add(`${at}.policy`, policy, policies.join(", "), "use one of them");
  }
  lintCapabilities(`${at}.capabilities`, given, capabilities, add);
  for (const name of Object.keys(rest))
    add(`${at}.${name}`, rest[name], "policy, capabilities, variables", "remove it");
  if (policy === undefined && given === undefined && variables === undefined) {
    add(at, rights, "a policy or capabilities", "give a right, or remove it");
  }
  for (const [path, rightsThere] of Object.entries((variables as object | undefined) ?? {})) {
    if (!at.startsWith("namespace")) add(`${at}.variables`, path, "variables in a namespace", "move it there");
    const place = `${at}.variables[${JSON.stringify(path)}]`;
    if (/[^\w~/*.-]/.test(path))
      add(place, path, "letters, digits, - _ ~ / and *", "write it as the path of a variable");
    lintCapabilities(place, rightsThere, VARIABLE_CAPABILITIES, add);
  }
}

function lintCapabilities(at: string, given: unknown, allowed: readonly string[], add: Add): void {
  if (given === undefined) return;
  const list = Array.isArray(given) ? given : [given];
  for (const capability of list) {
    if (!allowed.includes(capability))
      add(at, capability, allowed.join(", ") || "no capabilities here", "use one of them");
  }
  if (list.length === 0) add(at, given, "1 or more capabilities", 'name them, or write ["deny"]');
  if (list.includes("deny") && list.length > 1) add(at, given, "deny alone: it wins", "remove deny, or the others");
}
