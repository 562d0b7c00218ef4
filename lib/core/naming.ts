import { createHash } from "node:crypto";
import { Token } from "cdktf";
import { CaravanError, show } from "./errors";
import { type NameKind, type NameRule, nameKinds } from "./name-kinds";

export interface PhysicalNameProps {
  /** What is named; says how long the name may be and of which characters. */
  readonly kind: NameKind;
  /** From the general to the particular: `["caravan", "prod", "seal"]`. Known at synth. */
  readonly parts: readonly string[];
  /**
   * What else sets the name apart without being read in it, such as an account and a region for a bucket, whose name is
   * the whole world's. The name then always ends with a hash.
   *
   * @default none
   */
  readonly distinctBy?: readonly string[];
}

/**
 * The name that a resource bears in its cloud: `caravan-prod-seal`.
 *
 * The parts are joined as they are where that is allowed and unambiguous. Otherwise (a character or capital that the
 * kind does not allow, a part that holds the separator, a name too long, too short or with a reserved ending) what is
 * readable of it is kept and a hash of the parts is added, so that two lists of parts never share a name:
 * `caravan-acme-prod-main-d9fd3d3fd1`. The same parts give the same name always and everywhere.
 *
 * @throws CaravanError if a part is empty or a Terraform value, or if the name starts with what the service has reserved.
 */
export function physicalName({ kind, parts, distinctBy = [] }: PhysicalNameProps): string {
  const rule: NameRule = nameKinds[kind];
  checkParts(kind, parts);
  checkParts(kind, distinctBy, 0);
  const name =
    distinctBy.length === 0 && isPlain(rule, parts)
      ? framed(rule, parts.join(rule.separator))
      : hashed(rule, parts, distinctBy);
  const reserved = rule.reservedStart?.exec(name)?.[0];
  if (reserved !== undefined) {
    throw new CaravanError(
      `${kind} name ${show(name)} starts with ${show(reserved)}, which the service keeps for itself (${rule.source}).\n` +
        "  fix: choose another first part",
    );
  }
  return name;
}

function checkParts(kind: NameKind, parts: readonly string[], min = 1): void {
  const unknown = parts.find((part) => Token.isUnresolved(part));
  if (unknown !== undefined) {
    throw new CaravanError(
      `${kind} name: a part is a Terraform value, which is known only at apply.\n` +
        "  fix: make the name of values that are known at synth",
    );
  }
  if (parts.length < min || parts.some((part) => typeof part !== "string" || part === "")) {
    throw new CaravanError(
      `${kind} name: given the parts ${show(parts)}.\n` +
        "  allowed: one or more texts that are not empty\n" +
        "  fix:     leave out what has no value",
    );
  }
}

/** Of a length and look that no word has, so that a plain name is never taken for a hashed one. */
const HASH_LENGTH = 10;
const HASH_AT_END = /(^|[-/])[0-9a-f]{10}$/;

function isPlain(rule: NameRule, parts: readonly string[]): boolean {
  if (rule.separator === "") return false;
  const part = new RegExp(`^[a-z0-9](?:[a-z0-9${rule.extra}]*[a-z0-9])?$`);
  if (!parts.every((text) => part.test(text))) return false;
  const joined = parts.join(rule.separator);
  if (HASH_AT_END.test(joined)) return false;
  const name = framed(rule, joined);
  return name.length >= (rule.min ?? 1) && name.length <= rule.max && !rule.reservedEnd?.test(name);
}

function hashed(rule: NameRule, parts: readonly string[], distinctBy: readonly string[]): string {
  const input = distinctBy.length === 0 ? parts : [parts, distinctBy];
  const hash = createHash("sha256").update(JSON.stringify(input)).digest("hex").slice(0, HASH_LENGTH);
  const joint = jointOf(rule);
  const room = rule.max - framed(rule, joint + hash).length;
  const readable = parts
    .map((text) => cleaned(rule, text))
    .filter((text) => text !== "")
    .join(rule.separator)
    .slice(0, room)
    .replace(/[^a-z0-9]+$/, "");
  return framed(rule, readable === "" ? hash : `${readable}${joint}${hash}`);
}

function cleaned(rule: NameRule, text: string): string {
  const foreign = new RegExp(`[^a-z0-9${rule.extra}]+`, "g");
  return text
    .toLowerCase()
    .replace(foreign, jointOf(rule))
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "");
}

/** What stands for foreign characters, and before the hash. */
function jointOf({ separator }: NameRule): string {
  return separator === "" ? "" : "-";
}

function framed(rule: NameRule, name: string): string {
  return (rule.before ?? "") + name + (rule.after ?? "");
}
