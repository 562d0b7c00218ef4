import { compare, nearest } from "./near";
import type { Finding, WaivedFinding, WaiverProblem } from "./outcome";
import type { PolicyRule } from "./rule";
import { isChoice, type Waiver } from "./waiver";

interface Given {
  readonly findings: readonly Finding[];
  readonly waivers: readonly Waiver[];
  readonly rules: readonly PolicyRule[];
  /** All addresses of the stack. */
  readonly addresses: readonly string[];
  readonly today: string;
}

interface Checked {
  readonly findings: Finding[];
  readonly waived: WaivedFinding[];
  readonly problems: WaiverProblem[];
}

/** Sorts findings into those that stand and those that a sound waiver covers, and says which waivers are not sound. */
export function checkWaivers(given: Given): Checked {
  const problems: WaiverProblem[] = [];
  const sound = new Map<string, Waiver>();
  // What a construct brings by itself goes first: a user's waiver of the same is the one that is too much.
  for (const waiver of [...given.waivers].sort((a, b) => Number(isChoice(b)) - Number(isChoice(a)))) {
    const wrong = mistake(waiver, given);
    if (wrong !== undefined) problems.push({ ...wrong, waiver });
    else if (!sound.has(keyOf(waiver))) sound.set(keyOf(waiver), waiver);
    else if (!isChoice(waiver)) problems.push({ kind: "unused", waiver, message: covered(waiver, sound) });
  }
  const findings: Finding[] = [];
  const waived: WaivedFinding[] = [];
  const used = new Set<string>();
  for (const finding of given.findings) {
    const waiver = sound.get(keyOf(finding));
    if (waiver === undefined) {
      findings.push(finding);
    } else {
      used.add(keyOf(finding));
      waived.push({ ...finding, waiver });
    }
  }
  for (const [key, waiver] of sound) {
    if (!used.has(key)) problems.push({ kind: "unused", waiver, message: unused(waiver, given.addresses) });
  }
  return { findings, waived, problems: problems.sort((a, b) => compare(keyOf(a.waiver), keyOf(b.waiver))) };
}

function keyOf(of: { readonly rule: string; readonly resource: string }): string {
  return `${of.resource} ${of.rule}`;
}

/** What the message begins with: which waiver, and where it was made. */
function named(waiver: Waiver): string {
  const where = waiver.constructPath === undefined ? "" : ` (made at "${waiver.constructPath}")`;
  return `waiver of ${waiver.rule} on ${waiver.resource}${where}`;
}

function mistake(waiver: Waiver, given: Given): Omit<WaiverProblem, "waiver"> | undefined {
  if (!given.rules.some((rule) => rule.id === waiver.rule)) {
    return {
      kind: "unknown-rule",
      message: `${named(waiver)}: there is no such rule${suggestions(waiver.rule, given.rules)}`,
    };
  }
  if (typeof waiver.reason !== "string" || waiver.reason.trim() === "") {
    return { kind: "no-reason", message: `${named(waiver)}: its reason is empty. Say why the rule need not hold here` };
  }
  if (isChoice(waiver)) {
    return waiver.prop === ""
      ? { kind: "no-prop", message: `${named(waiver)}: name the prop whose value breaks the rule` }
      : undefined;
  }
  if (!isDay(waiver.until)) {
    const message = `${named(waiver)}: until is ${JSON.stringify(waiver.until)}. Give a day such as "2027-03-31"`;
    return { kind: "bad-date", message };
  }
  if (waiver.until < given.today) {
    const message = `${named(waiver)}: it ended on ${waiver.until}. Fix the resource, or say again why and until when`;
    return { kind: "expired", message };
  }
  return undefined;
}

function isDay(text: unknown): boolean {
  if (typeof text !== "string" || !/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** Near ids; somebody may also have written a scanner's id. */
function suggestions(written: string, rules: readonly PolicyRule[]): string {
  const scanned = written.replace(/^AVD-/, "");
  const known = rules.filter(({ references }) => [references.trivy, references.checkov].flat().includes(scanned));
  const candidates = known.length > 0 ? known : rules;
  const ids = candidates.map((rule) => rule.id);
  const near = known.length > 0 ? ids : nearest(written, ids);
  return near.length === 0 ? ". docs/policy.md lists the rules" : `. Did you mean ${near.join(" or ")}?`;
}

function unused(waiver: Waiver, addresses: readonly string[]): string {
  if (addresses.includes(waiver.resource)) {
    return `${named(waiver)}: the rule holds there, nothing needs the waiver. Remove it`;
  }
  const near = nearest(waiver.resource, addresses);
  const hint = near.length === 0 ? "Remove it" : `Did you mean ${near.join(" or ")}?`;
  return `${named(waiver)}: the stack has no such resource. ${hint}`;
}

function covered(waiver: Waiver, sound: ReadonlyMap<string, Waiver>): string {
  const other = sound.get(keyOf(waiver));
  const by =
    other !== undefined && isChoice(other) ? `the prop "${other.prop}" already brings one` : "there is another";
  return `${named(waiver)}: ${by}. Remove it`;
}
