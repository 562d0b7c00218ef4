import type { SynthesizedResource, SynthesizedStack } from "./synthesized-stack";

export type Severity = "CRITICAL" | "HIGH" | "MEDIUM" | "LOW";

/** Worst first: the order of reports. */
export const severities: readonly Severity[] = ["CRITICAL", "HIGH", "MEDIUM", "LOW"];

/** Where a rule comes from, and what an outside scanner calls it. */
export interface RuleReferences {
  /** Ids of Trivy's checks, without their former prefix `AVD-`: `"AWS-0086"`. */
  readonly trivy?: readonly string[];
  /** Ids of Checkov's checks: `"CKV_AWS_53"`. */
  readonly checkov?: readonly string[];
  /** Benchmark and number: `"AWS v6.0 3.1.1"`. */
  readonly cis?: readonly string[];
  /** A page that explains the danger, where no scanner knows it. */
  readonly url?: string;
}

/** What a rule found on the resource it looked at. */
export interface Violation {
  /** Where the value stands: `"egress[0].cidr_blocks"`. For what is missing, the attribute that should be there. */
  readonly attribute: string;
  /** The value as it stands, `undefined` for what is missing. Never a secret. */
  readonly given?: unknown;
  /** What to do, where it is more exact than the rule's own `fix`. */
  readonly fix?: string;
}

/**
 * One rule over synthesized resources. It sees what Terraform will see, whoever made it: this library's constructs, a
 * user's own L1 resources, an escape hatch.
 *
 * A value that only Terraform knows breaks no rule by itself. What is missing breaks it.
 */
export interface PolicyRule {
  /** Stable, part of the public interface: waivers name it. */
  readonly id: string;
  readonly severity: Severity;
  /** What must hold, as a sentence without a full stop. */
  readonly title: string;
  /** What can happen otherwise. */
  readonly why: string;
  /** What to do about it, as an imperative. */
  readonly fix: string;
  readonly references: RuleReferences;
  /** The types the rule looks at: `"aws_s3_bucket"`, `"data.aws_ami"`, `"provider.aws"`. */
  readonly resourceTypes: readonly string[];
  /** Looks at one resource of these types. */
  check(resource: SynthesizedResource, stack: SynthesizedStack): Iterable<Violation>;
}
