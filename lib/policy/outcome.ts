import type { Severity } from "./rule";
import type { Waiver } from "./waiver";

/** A rule that does not hold on a resource. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  /** What should hold. */
  readonly title: string;
  /** What can happen as it is. */
  readonly why: string;
  /** Terraform's address: `"aws_s3_bucket.state"`. */
  readonly resource: string;
  /** Path of the construct, where the resource has one. */
  readonly constructPath?: string;
  /** Where the value stands in the resource. */
  readonly attribute: string;
  /** The value as a message shows it; `"nothing"` for what is missing. */
  readonly given: string;
  readonly fix: string;
}

/** A finding that a waiver covers. */
export interface WaivedFinding extends Finding {
  readonly waiver: Waiver;
}

/** A waiver that cannot stand as it is. */
export interface WaiverProblem {
  readonly kind: "unknown-rule" | "no-reason" | "no-prop" | "bad-date" | "expired" | "unused";
  readonly waiver: Waiver;
  /** What is wrong and what to do about it, in one sentence or two. */
  readonly message: string;
}

/** What the rules say of one stack. */
export interface PolicyOutcome {
  /** The stack's id. */
  readonly stack: string;
  /** What fails the synth: by severity, then rule, resource and attribute. */
  readonly findings: readonly Finding[];
  readonly waived: readonly WaivedFinding[];
  /** Waivers that are wrong. They fail the synth too. */
  readonly waiverProblems: readonly WaiverProblem[];
  /** Number of rules whose resource types occur in the stack. */
  readonly rulesChecked: number;
  /** Number of resources, data sources and providers that at least one rule looked at. */
  readonly resourcesChecked: number;
  /** Number of resources, data sources and providers in the stack. */
  readonly resources: number;
}

/** Whether the synth may go on. */
export function passes(outcome: PolicyOutcome): boolean {
  return outcome.findings.length === 0 && outcome.waiverProblems.length === 0;
}
