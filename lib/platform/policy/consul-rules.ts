import { CaravanError, type Problem } from "../../core/errors";
import { attributesOf, block, type HclBlock, hclText } from "../../core/hcl-body";
import { readHcl } from "../../core/hcl-read";

export type ConsulLevel = "deny" | "read" | "write";

/** A level, with a level for intentions beside it; without one, `read` and `write` of a service allow to read intentions. */
export type ConsulServiceLevel = ConsulLevel | { readonly policy: ConsulLevel; readonly intentions: ConsulLevel };

/**
 * ACL rules of Consul's Community edition, in its own words. The keys of a map are names, or what names begin with; `""`
 * is all of them.
 */
export interface ConsulPolicyRules {
  readonly acl?: ConsulLevel;
  readonly keyring?: ConsulLevel;
  readonly mesh?: ConsulLevel;
  readonly operator?: ConsulLevel;
  readonly peering?: ConsulLevel;
  readonly agent?: ConsulLevels;
  readonly agent_prefix?: ConsulLevels;
  readonly event?: ConsulLevels;
  readonly event_prefix?: ConsulLevels;
  readonly key?: Readonly<Record<string, ConsulLevel | "list">>;
  readonly key_prefix?: Readonly<Record<string, ConsulLevel | "list">>;
  readonly node?: ConsulLevels;
  readonly node_prefix?: ConsulLevels;
  readonly query?: ConsulLevels;
  readonly query_prefix?: ConsulLevels;
  readonly service?: Readonly<Record<string, ConsulServiceLevel>>;
  readonly service_prefix?: Readonly<Record<string, ConsulServiceLevel>>;
  readonly session?: ConsulLevels;
  readonly session_prefix?: ConsulLevels;
}

type Levels = Readonly<Record<string, string | { readonly [name: string]: string }>>;
type ConsulLevels = Readonly<Record<string, ConsulLevel>>;

const PLAIN = ["acl", "keyring", "mesh", "operator", "peering"];
const KINDS = ["agent", "event", "key", "node", "query", "service", "session"];
const NAMED = KINDS.flatMap((kind) => [kind, `${kind}_prefix`]);
const LEVELS = ["deny", "read", "write"];

/** The text of a Consul policy. */
export function consulPolicyHcl(rules: ConsulPolicyRules): string {
  const entries = Object.entries(rules).filter(([, value]) => value !== undefined) as [string, ConsulLevel | Levels][];
  return hclText({
    attributes: attributesOf(Object.fromEntries(entries.filter(([, value]) => typeof value === "string"))),
    blocks: entries.flatMap(([kind, value]) =>
      typeof value === "string" ? [] : Object.entries(value).map(([name, level]) => ruleBlock(kind, name, level)),
    ),
  });
}

function ruleBlock(kind: string, name: string, level: string | { readonly [name: string]: string }): HclBlock {
  return block(kind, name, { attributes: attributesOf(typeof level === "string" ? { policy: level } : level) });
}

/**
 * The rules that a Consul policy's text holds.
 *
 * @throws CaravanError that names the line of what is no policy, and of what stands there twice.
 */
export function readConsulPolicy(text: string): ConsulPolicyRules {
  const { attributes, blocks } = readHcl(text);
  const rules: Record<string, unknown> = {};
  for (const { name, value, line } of attributes) {
    if (name in rules) throw new CaravanError(`line ${line}: ${name} stands there twice`);
    rules[name] = value;
  }
  for (const { type, label, body, line } of blocks) {
    if (label === undefined) throw new CaravanError(`line ${line}: ${type} has no name; write ${type} "" for all`);
    rules[type] ??= {};
    const named = rules[type] as Record<string, unknown>;
    if (typeof named !== "object" || label in named) {
      throw new CaravanError(`line ${line}: ${type} "${label}" stands there twice`);
    }
    const { policy, ...rest } = Object.fromEntries(body.attributes.map(({ name, value }) => [name, value]));
    named[label] = Object.keys(rest).length === 0 ? policy : { policy, ...rest };
  }
  return rules as ConsulPolicyRules;
}

/** What is wrong with the rules of a policy, each as a mistake of `property.<kind>`. */
export function lintConsulRules(property: string, rules: ConsulPolicyRules): Problem[] {
  const problems: Problem[] = [];
  const add = (at: string, given: unknown, allowed: string, fix: string) =>
    problems.push({ property: `${property}.${at}`, given, allowed, fix });
  for (const [kind, value] of Object.entries(rules) as [string, unknown][]) {
    if (value === undefined) continue;
    if (PLAIN.includes(kind)) {
      if (!LEVELS.includes(value as string)) add(kind, value, LEVELS.join(", "), "use one of them");
    } else if (!NAMED.includes(kind)) {
      add(kind, value, [...PLAIN, ...NAMED].join(", "), "use a resource of Consul's Community edition");
    } else if (typeof value !== "object" || value === null) {
      add(kind, value, `names, each with a level: { "": "read" }`, 'name what it is for, or "" for all');
    } else {
      for (const [name, level] of Object.entries(value)) lintLevel(kind, name, level, add);
    }
  }
  if (Object.keys(rules).length === 0) add("rules", rules, "1 or more rules", "give a right");
  return problems;
}

function lintLevel(
  kind: string,
  name: string,
  level: unknown,
  add: (at: string, given: unknown, allowed: string, fix: string) => void,
): void {
  const at = `${kind}[${JSON.stringify(name)}]`;
  const levels = kind.startsWith("key") ? [...LEVELS, "list"] : LEVELS;
  if (/[*${]/.test(name)) {
    add(
      at,
      name,
      "a name as it is, or what names begin with",
      `use ${kind.replace(/_prefix$/, "")}_prefix without a *`,
    );
  }
  if (!kind.endsWith("_prefix") && name === "") add(at, name, "a name", `use ${kind}_prefix for all of them`);
  const { policy, ...rest } =
    typeof level === "object" && level !== null ? (level as Record<string, unknown>) : { policy: level };
  if (!levels.includes(policy as string)) add(at, policy, levels.join(", "), "use one of them");
  for (const [attribute, inner] of Object.entries(rest)) {
    if (attribute !== "intentions" || !kind.startsWith("service")) {
      add(`${at}.${attribute}`, inner, "policy, and for services intentions", "remove it");
    } else if (!LEVELS.includes(inner as string)) {
      add(`${at}.intentions`, inner, LEVELS.join(", "), "use one of them");
    }
  }
}
