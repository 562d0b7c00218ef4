import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TerraformStack } from "cdktf";
import { SynthesisError } from "../core/errors";
import {
  checkovConfigFile,
  evaluate,
  failureText,
  jsonReport,
  markdownReport,
  type PolicyOutcome,
  type PolicyRule,
  trivyIgnoreFile,
  waiversOf,
} from "../policy";

/**
 * Judges a synthesized stack, and leaves the report and the ignore files of outside scanners in its output directory.
 *
 * @throws SynthesisError if a finding stands, or a waiver does not
 */
export function passPolicy(
  stack: TerraformStack,
  terraform: unknown,
  rules: readonly PolicyRule[],
  directory: string | undefined,
): PolicyOutcome {
  const outcome = evaluate({ stack: stack.node.id, terraform, waivers: waiversOf(stack), rules });
  if (directory !== undefined) writeReports(directory, outcome, rules);
  const failure = failureText(outcome);
  if (failure !== undefined) throw new SynthesisError(failure);
  return outcome;
}

function writeReports(directory: string, outcome: PolicyOutcome, rules: readonly PolicyRule[]): void {
  const reports = {
    "policy.json": jsonReport(outcome),
    "policy.md": markdownReport(outcome),
    ".trivyignore.yaml": trivyIgnoreFile([{ outcome, paths: ["cdk.tf.json", "cdk.tf"] }], rules),
    ".checkov.yaml": checkovConfigFile(outcome, rules),
  };
  for (const [name, content] of Object.entries(reports)) writeFileSync(join(directory, name), content);
}
