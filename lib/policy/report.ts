import { type Finding, type PolicyOutcome, passes, type WaivedFinding } from "./outcome";
import { type PolicyRule, severities } from "./rule";
import { isChoice } from "./waiver";

/** The outcome as JSON, for programs: the same bytes for the same stack, with no date of its making. */
export function jsonReport(outcome: PolicyOutcome): string {
  const { stack, findings, waived, waiverProblems, rulesChecked, resourcesChecked, resources } = outcome;
  const report = {
    stack,
    passes: passes(outcome),
    rulesChecked,
    resourcesChecked,
    resources,
    findings,
    waived,
    waiverProblems,
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

/** The outcome as Markdown, for the person who reads a pull request. */
export function markdownReport(outcome: PolicyOutcome): string {
  const sections = [
    `## Policy of ${code(outcome.stack)}: ${passes(outcome) ? "passes" : "fails"}`,
    summary(outcome),
    ...section("Findings", findingTable(outcome.findings)),
    ...section(
      "Waivers that do not stand",
      outcome.waiverProblems.map(({ message }) => `- ${cell(message)}`),
    ),
    ...section("Waived", waivedTable(outcome.waived)),
  ];
  return `${sections.join("\n\n")}\n`;
}

/** The outcome as the text of an error; `undefined` where the stack passes. */
export function failureText(outcome: PolicyOutcome): string | undefined {
  if (passes(outcome)) return undefined;
  const { stack, findings, waiverProblems } = outcome;
  const heads = [count(findings.length, "finding"), ...(waiverProblems.length > 0 ? [problems(outcome)] : [])];
  return [
    `policy of stack "${stack}": ${heads.join(", ")}`,
    ...findings.flatMap((finding) => [
      `  ${finding.severity} ${finding.rule}: ${finding.title}`,
      `    resource: ${finding.resource}${finding.constructPath === undefined ? "" : ` (construct "${finding.constructPath}")`}`,
      `    given:    ${finding.attribute} is ${finding.given}`,
      `    why:      ${finding.why}`,
      `    fix:      ${finding.fix}`,
    ]),
    ...waiverProblems.map((problem) => `  ${problem.message}`),
    ...(findings.length > 0 ? ["  If it is right as it is: waive(resource, { rule, reason, until })"] : []),
  ].join("\n");
}

/** The rules as a Markdown table, as it stands in docs/policy.md. */
export function describeRules(rules: readonly PolicyRule[]): string {
  const rows = rules.map(({ id, severity, title, why, references }) => {
    const sources = [
      ...(references.trivy ?? []),
      ...(references.checkov ?? []),
      ...(references.cis ?? []).map((number) => `CIS ${number}`),
      ...(references.url === undefined ? [] : [`[page](${references.url})`]),
    ];
    return [code(id), severity, `${title}. ${why}`, sources.join(", ")];
  });
  return alignedTable(["rule", "severity", "what must hold, and why", "also known as"], rows).join("\n");
}

function summary(outcome: PolicyOutcome): string {
  const { findings, waived, rulesChecked, resourcesChecked, resources } = outcome;
  const bySeverity = severities
    .map((severity) => ({ severity, number: findings.filter((finding) => finding.severity === severity).length }))
    .filter(({ number }) => number > 0)
    .map(({ severity, number }) => `${number} ${severity}`);
  const parts = [
    `${count(rulesChecked, "rule")} on ${resourcesChecked} of ${count(resources, "resource")}`,
    `${count(findings.length, "finding")}${bySeverity.length > 0 ? ` (${bySeverity.join(", ")})` : ""}`,
    `${waived.length} waived`,
    ...(outcome.waiverProblems.length > 0 ? [problems(outcome)] : []),
  ];
  return `${parts.join(" · ")}.`;
}

function findingTable(findings: readonly Finding[]): string[] {
  const rows = findings.map((finding) => [
    finding.severity,
    code(finding.rule),
    code(finding.resource),
    `${code(finding.attribute)}: ${cell(finding.given)}`,
    cell(finding.fix),
  ]);
  return table(["severity", "rule", "resource", "given", "fix"], rows);
}

function waivedTable(waived: readonly WaivedFinding[]): string[] {
  // A waiver covers all findings of its rule on its resource: one row.
  const rows = new Map<string, string[]>();
  for (const { severity, rule, resource, waiver } of waived) {
    const until = isChoice(waiver) ? `chosen by ${code(waiver.prop)}` : waiver.until;
    rows.set(`${rule} ${resource}`, [severity, code(rule), code(resource), cell(waiver.reason), until]);
  }
  return table(["severity", "rule", "resource", "reason", "until"], [...rows.values()]);
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [`### ${title}`, lines.join("\n")];
}

function table(head: string[], rows: string[][]): string[] {
  if (rows.length === 0) return [];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}

/** A table with columns of one width, as formatters of Markdown write it. */
function alignedTable(head: string[], rows: string[][]): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const lines = [head, widths.map((width) => "-".repeat(width)), ...rows];
  return lines.map((cells) => `| ${cells.map((text, column) => text.padEnd(widths[column] ?? 0)).join(" | ")} |`);
}

/** Text that stays inside its cell and is nothing but text. */
function cell(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\|`*_<>[\]]/g, (character) => `\\${character}`)
    .trim();
}

function code(text: string): string {
  return /[`|\n]/.test(text) ? cell(text) : `\`${text}\``;
}

function problems(outcome: PolicyOutcome): string {
  return count(outcome.waiverProblems.length, "waiver") + " not sound";
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
