import { CaravanError, type Problem } from "../../core/errors";
import { attributesOf, block, type HclBody, type HclValue, hclText } from "../../core/hcl-body";
import { readHcl } from "../../core/hcl-read";
import { isStraySudo } from "../../policy/vault/protected-paths";

const CAPABILITIES = [
  "create",
  "read",
  "update",
  "patch",
  "delete",
  "list",
  "sudo",
  "subscribe",
  "recover",
  "deny",
] as const;

export type VaultCapability = (typeof CAPABILITIES)[number];

/** What may be done at one path of Vault, in the words of Vault's policies. */
export interface VaultPathRule {
  /**
   * The path without `/v1/`: `+` stands for one segment, a trailing `*` for the rest. `{{identity....}}` is filled in for
   * who asks.
   */
  readonly path: string;
  readonly capabilities: readonly VaultCapability[];
  /**
   * Parameters that a request may have, with the values that each may have; an empty list is any value.
   *
   * @default - any
   */
  readonly allowedParameters?: Readonly<Record<string, readonly string[]>>;
  /** @default - none */
  readonly deniedParameters?: Readonly<Record<string, readonly string[]>>;
  /** @default - none */
  readonly requiredParameters?: readonly string[];
  /** The shortest time for which an answer may be wrapped: `"10s"`. @default - none */
  readonly minWrappingTtl?: string;
  /** @default - none */
  readonly maxWrappingTtl?: string;
}

/** The text of a Vault policy. */
export function vaultPolicyHcl(rules: readonly VaultPathRule[]): string {
  return hclText({
    attributes: [],
    blocks: rules.map((rule) =>
      block("path", rule.path, {
        attributes: attributesOf({
          capabilities: rule.capabilities,
          allowed_parameters: rule.allowedParameters,
          denied_parameters: rule.deniedParameters,
          required_parameters: rule.requiredParameters,
          min_wrapping_ttl: rule.minWrappingTtl,
          max_wrapping_ttl: rule.maxWrappingTtl,
        }),
      }),
    ),
  });
}

/**
 * The rules that a Vault policy's text holds.
 *
 * @throws CaravanError that names the line of what is no policy.
 */
export function readVaultPolicy(text: string): VaultPathRule[] {
  return rulesOf(readHcl(text));
}

function rulesOf({ attributes, blocks }: HclBody): VaultPathRule[] {
  const [stray] = attributes;
  if (stray !== undefined) throw new CaravanError(`line ${stray.line}: "${stray.name}" where path "..." should be`);
  return blocks.map(({ type, label, body, line }) => {
    if (type !== "path" || label === undefined) {
      throw new CaravanError(`line ${line}: "${type}" where path "..." should be`);
    }
    const values: Record<string, HclValue> = {};
    for (const { name, value, line: at } of body.attributes) {
      if (name in values) throw new CaravanError(`line ${at}: ${name} stands twice in path "${label}"`);
      if (!ATTRIBUTES.includes(name)) throw new CaravanError(`line ${at}: path "${label}" has no "${name}"`);
      values[name] = value;
    }
    return {
      path: label,
      capabilities: (values["capabilities"] ?? []) as readonly VaultCapability[],
      ...given("allowedParameters", values["allowed_parameters"]),
      ...given("deniedParameters", values["denied_parameters"]),
      ...given("requiredParameters", values["required_parameters"]),
      ...given("minWrappingTtl", values["min_wrapping_ttl"]),
      ...given("maxWrappingTtl", values["max_wrapping_ttl"]),
    };
  });
}

const ATTRIBUTES = [
  "capabilities",
  "allowed_parameters",
  "denied_parameters",
  "required_parameters",
  "min_wrapping_ttl",
  "max_wrapping_ttl",
];

function given(name: string, value: HclValue | undefined): object {
  return value === undefined ? {} : { [name]: value };
}

export interface VaultLint {
  /**
   * Mounts of key-value stores of version 2, whose paths have `data/` or another word of its API after the mount.
   *
   * @default - none is known
   */
  readonly kvMounts?: readonly string[];
}

/** What is wrong with the rules of a policy, each as a mistake of `property[index]`. */
export function lintVaultRules(property: string, rules: readonly VaultPathRule[], lint: VaultLint = {}): Problem[] {
  return rules.flatMap((rule, index) =>
    [...pathProblems(rule, lint), ...capabilityProblems(rule), ...twice(rules, index)].map((problem) => ({
      ...problem,
      property: `${property}[${index}].${problem.property}`,
    })),
  );
}

function* twice(rules: readonly VaultPathRule[], index: number): Generator<Problem> {
  const path = rules[index]?.path;
  if (rules.findIndex((rule) => rule.path === path) === index) return;
  yield { property: "path", given: path, allowed: "each path once", fix: "join the rules of that path" };
}

/** Words that stand after the mount of a key-value store of version 2. */
const KV_WORDS = ["data", "metadata", "delete", "undelete", "destroy", "subkeys", "config"];

function* pathProblems({ path, capabilities }: VaultPathRule, { kvMounts = [] }: VaultLint): Generator<Problem> {
  const problem = (allowed: string, fix: string): Problem => ({ property: "path", given: path, allowed, fix });
  if (path === "") yield problem("a path", "write it as Vault's API documentation does, without /v1/");
  if (path.startsWith("/") || path.startsWith("v1/")) {
    yield problem("a path without a leading slash or v1/", "remove what stands before the mount");
  }
  const plain = path.replaceAll(TEMPLATE, "x");
  if (plain.replace(/\*$/, "").includes("*")) {
    yield problem("a * at the end only", "write + for one segment in the middle");
  }
  if (plain.split("/").some((segment) => segment.includes("+") && segment !== "+")) {
    yield problem("a + that is a whole segment", "write + alone between slashes, or a * at the end");
  }
  if (/\{\{|\}\}/.test(plain)) {
    yield problem("templates of the form {{identity....}}", "close each template, and begin it with identity");
  }
  for (const mount of kvMounts) {
    const [word, ...rest] = path.startsWith(`${mount}/`) ? path.slice(mount.length + 1).split("/") : [];
    if (word === undefined || word === "+" || (word.endsWith("*") && rest.length === 0 && word === "*")) continue;
    if (!KV_WORDS.includes(word)) {
      yield problem(
        `${mount}/ and one of ${KV_WORDS.join(", ")}`,
        `write ${mount}/data/${path.slice(mount.length + 1)}`,
      );
    } else if (word === "data" && capabilities.includes("list")) {
      const fix = `list ${mount}/metadata/... instead`;
      yield { property: "capabilities", given: capabilities, allowed: "no list below data/, which Vault ignores", fix };
    }
  }
}

/** As `{{identity.entity.name}}`; a Terraform reference within it is a name that is known later. */
const TEMPLATE = /\{\{\s*identity\.(?:\$\{[^}]*\}|[^{}])+\}\}/g;

function* capabilityProblems({ path, capabilities }: VaultPathRule): Generator<Problem> {
  const problem = (given: unknown, allowed: string, fix: string): Problem => ({
    property: "capabilities",
    given,
    allowed,
    fix,
  });
  if (!Array.isArray(capabilities) || capabilities.length === 0) {
    yield problem(capabilities, "1 or more capabilities", 'name them, or write ["deny"]');
    return;
  }
  for (const capability of capabilities) {
    if (CAPABILITIES.includes(capability)) continue;
    yield problem(capability, CAPABILITIES.join(", "), "use one of them; policy = ... is a form of Vault before 0.5");
  }
  if (new Set(capabilities).size < capabilities.length) yield problem(capabilities, "each once", "remove the second");
  if (capabilities.includes("deny") && capabilities.length > 1) {
    yield problem(capabilities, "deny alone: it wins over the others", "remove deny, or the others");
  }
  if (capabilities.includes("sudo") && isStraySudo(path)) {
    yield problem(
      capabilities,
      "no sudo on a path with a wildcard, but for families that Vault protects as a whole, such as sys/auth/*",
      "name the path that needs sudo",
    );
  }
}
