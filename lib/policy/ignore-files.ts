import { compare } from "./near";
import type { PolicyOutcome, WaivedFinding } from "./outcome";
import type { PolicyRule } from "./rule";
import { isChoice } from "./waiver";

/** The waived findings of one stack, with the files of it that an outside scanner reads. */
export interface ScannedStack {
  readonly outcome: PolicyOutcome;
  /** As the scanner names them, relative to where it starts: `"stacks/prod-infrastructure/cdk.tf.json"`. */
  readonly paths: readonly string[];
}

/**
 * The waivers as Trivy's `.trivyignore.yaml`. Trivy can ignore a check in a file but not on one resource, so the
 * statement names the resource; our own rules still judge every other resource of the stack.
 *
 * Format: https://trivy.dev/latest/docs/configuration/filtering/#trivyignoreyaml
 */
export function trivyIgnoreFile(stacks: readonly ScannedStack[], rules: readonly PolicyRule[]): string {
  const entries = stacks.flatMap(({ outcome, paths }) =>
    waivers(outcome).flatMap((finding) =>
      referencesOf(finding, rules, "trivy").map((id) =>
        [
          `  - id: ${id}`,
          "    paths:",
          ...paths.map((path) => `      - ${JSON.stringify(path)}`),
          `    statement: ${JSON.stringify(statement(finding))}`,
          ...(isChoice(finding.waiver) ? [] : [`    expired_at: ${dayAfter(finding.waiver.until)}`]),
        ].join("\n"),
      ),
    ),
  );
  return entries.length === 0 ? "misconfigurations: []\n" : `misconfigurations:\n${entries.join("\n")}\n`;
}

/**
 * The waivers as a configuration file of Checkov (`--config-file`). Checkov skips a check for the whole run, so scan
 * stack by stack; the comments say which resource each one is for.
 *
 * Format: https://www.checkov.io/2.Basics/CLI%20Command%20Reference.html
 */
export function checkovConfigFile(outcome: PolicyOutcome, rules: readonly PolicyRule[]): string {
  const reasons = new Map<string, string[]>();
  for (const finding of waivers(outcome)) {
    for (const id of referencesOf(finding, rules, "checkov")) {
      const until = isChoice(finding.waiver) ? "" : ` (until ${finding.waiver.until})`;
      reasons.set(id, [...(reasons.get(id) ?? []), `  # ${oneLine(statement(finding))}${until}`]);
    }
  }
  if (reasons.size === 0) return "skip-check: []\n";
  const entries = [...reasons]
    .sort(([a], [b]) => compare(a, b))
    .flatMap(([id, comments]) => [...comments, `  - ${id}`]);
  return `skip-check:\n${entries.join("\n")}\n`;
}

/** One finding for each waiver that is in use. */
function waivers(outcome: PolicyOutcome): WaivedFinding[] {
  const seen = new Map(outcome.waived.map((finding) => [`${finding.rule} ${finding.resource}`, finding]));
  return [...seen.values()];
}

function referencesOf(finding: WaivedFinding, rules: readonly PolicyRule[], scanner: "trivy" | "checkov"): string[] {
  return [...(rules.find((rule) => rule.id === finding.rule)?.references[scanner] ?? [])];
}

function statement({ rule, resource, waiver }: WaivedFinding): string {
  const by = isChoice(waiver) ? `, chosen by the prop ${waiver.prop}` : "";
  return `${resource}, ${rule}${by}: ${waiver.reason}`;
}

/** Trivy takes the date as its first second, from which on the entry no longer holds. */
function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}
