import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type App, TerraformStack } from "cdktf";
import type { PolicyOutcome } from "../policy";

/** What a synth wrote for one stack. */
export interface StackSummary {
  readonly stack: string;
  /** Number of resources, data sources not counted. */
  readonly resources: number;
  readonly dataSources: number;
  /** What the policy said; undefined for a stack that is no `LayerStack`. */
  readonly policy?: PolicyOutcome;
  /** Size of the stack's Terraform file in bytes. */
  readonly bytes: number;
}

/** Sums up what `app.synth()` wrote, a stack each, in the order in which they can be applied. */
export function summarize(app: App): StackSummary[] {
  return inOrder(app.node.findAll().filter(TerraformStack.isStack)).map((stack) => {
    const { synthesizedStackPath } = app.manifest.forStack(stack);
    const text = readFileSync(join(app.outdir, synthesizedStackPath));
    const { resource, data } = JSON.parse(text.toString("utf8"));
    return {
      stack: stack.node.id,
      resources: count(resource),
      dataSources: count(data),
      policy: (stack as { policyOutcome?: PolicyOutcome }).policyOutcome,
      bytes: text.length,
    };
  });
}

/** The summary as a table for a terminal. */
export function summaryTable(app: App): string {
  const head = ["stack", "resources", "data sources", "policy", "bytes"];
  const rows = summarize(app).map(({ stack, resources, dataSources, policy, bytes }) => [
    stack,
    String(resources),
    String(dataSources),
    policyText(policy),
    String(bytes),
  ]);
  const widths = head.map((title, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? title).length)));
  const numeric = [false, true, true, false, true];
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) =>
          numeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function policyText(policy: PolicyOutcome | undefined): string {
  if (policy === undefined) return "not checked";
  const waived = policy.waived.length;
  return waived === 0 ? `passes ${policy.rulesChecked} rules` : `passes ${policy.rulesChecked} rules, ${waived} waived`;
}

function count(section: Record<string, Record<string, unknown>> | undefined): number {
  return Object.values(section ?? {}).reduce((sum, byName) => sum + Object.keys(byName).length, 0);
}

function inOrder(stacks: TerraformStack[]): TerraformStack[] {
  const ordered: TerraformStack[] = [];
  const visit = (stack: TerraformStack) => {
    if (ordered.includes(stack)) return;
    for (const dependency of stack.dependencies) visit(dependency);
    ordered.push(stack);
  };
  for (const stack of stacks) visit(stack);
  return ordered;
}
