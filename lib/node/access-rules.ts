/** What may be done at one Vault path, in the words of Vault's policies. */
export interface VaultRule {
  /** A path, with `+` for one segment and a trailing `*` for the rest. */
  readonly path: string;
  readonly capabilities: readonly VaultCapability[];
}

export type VaultCapability = "create" | "read" | "update" | "delete" | "list" | "sudo" | "deny";

export type Level = "deny" | "read" | "write";

/** Consul's ACL rules, in its own words. A map's keys are names or prefixes, `""` is all. */
export interface ConsulRules {
  readonly acl?: Level;
  readonly keyring?: Level;
  readonly mesh?: Level;
  readonly operator?: Level;
  readonly agent_prefix?: Readonly<Record<string, Level>>;
  readonly key_prefix?: Readonly<Record<string, Level>>;
  readonly node_prefix?: Readonly<Record<string, Level>>;
  readonly service?: Readonly<Record<string, Level>>;
  readonly service_prefix?: Readonly<Record<string, ServiceLevel>>;
}

export type ServiceLevel = Level | { readonly policy: Level; readonly intentions: Level };

/** Nomad's ACL rules, in its own words. */
export interface NomadRules {
  readonly agent?: Level;
  readonly node?: Level;
  readonly plugin?: Level | "list";
  readonly operator?: { readonly policy?: Level; readonly capabilities?: readonly string[] };
  readonly namespace?: Readonly<Record<string, NomadNamespaceRule>>;
  readonly node_pool?: Readonly<Record<string, Level>>;
}

export interface NomadNamespaceRule {
  readonly policy?: Level;
  readonly capabilities?: readonly string[];
  readonly variables?: Readonly<Record<string, readonly string[]>>;
}

/** A Vault policy's text. */
export function vaultPolicyText(rules: readonly VaultRule[]): string {
  return rules.map((rule) => block(`path ${quote(rule.path)}`, [list("capabilities", rule.capabilities)])).join("\n");
}

/** A Consul policy's text. */
export function consulPolicyText(rules: ConsulRules): string {
  const lines = Object.entries(rules).flatMap(([kind, value]) => {
    if (typeof value === "string") return [`${kind} = ${quote(value)}`];
    return Object.entries(value as Record<string, ServiceLevel>).map(([name, level]) => {
      const parts = typeof level === "string" ? { policy: level } : level;
      return block(`${kind} ${quote(name)}`, Object.entries(parts).map(assign));
    });
  });
  return lines.join("\n");
}

/** A Nomad policy's text. */
export function nomadPolicyText(rules: NomadRules): string {
  const { agent, node, plugin, operator, namespace = {}, node_pool = {} } = rules;
  const flat = Object.entries({ agent, node, plugin }).flatMap(([kind, level]) =>
    level === undefined ? [] : [block(kind, [assign(["policy", level])])],
  );
  const pools = Object.entries(node_pool).map(([name, policy]) =>
    block(`node_pool ${quote(name)}`, [assign(["policy", policy])]),
  );
  const namespaces = Object.entries(namespace).map(([name, rule]) => {
    const paths = Object.entries(rule.variables ?? {}).map(([path, capabilities]) =>
      block(`path ${quote(path)}`, [list("capabilities", capabilities)]),
    );
    return block(`namespace ${quote(name)}`, [
      ...granted(rule),
      ...(paths.length > 0 ? [block("variables", paths)] : []),
    ]);
  });
  return [...flat, ...(operator ? [block("operator", granted(operator))] : []), ...pools, ...namespaces].join("\n");
}

function granted(rule: { readonly policy?: Level; readonly capabilities?: readonly string[] }): string[] {
  return [
    ...(rule.policy === undefined ? [] : [assign(["policy", rule.policy])]),
    ...(rule.capabilities === undefined ? [] : [list("capabilities", rule.capabilities)]),
  ];
}

function block(head: string, lines: readonly string[]): string {
  return `${head} {\n${lines.map((line) => line.replace(/^/gm, "  ")).join("\n")}\n}`;
}

function assign([name, value]: readonly [string, string]): string {
  return `${name} = ${quote(value)}`;
}

function list(name: string, values: readonly string[]): string {
  return `${name} = [${values.map(quote).join(", ")}]`;
}

/** HCL's quoted string is JSON's but for templates, which none of these three languages has. */
function quote(text: string): string {
  return JSON.stringify(text);
}
