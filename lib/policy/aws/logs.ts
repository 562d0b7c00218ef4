import type { PolicyRule } from "../rule";
import { UNKNOWN } from "../values";

/** A year: CKV_AWS_338. */
const RETENTION_DAYS = 365;

const retention: PolicyRule = {
  id: "aws-log-group-retention",
  severity: "LOW",
  title: "A log group keeps its events for a year at least, and says how long",
  why: "A break-in is noticed after months; without a number logs are kept, and paid for, for ever.",
  fix: `set retention_in_days to ${RETENTION_DAYS} or more, or to 0 for ever`,
  references: { checkov: ["CKV_AWS_66", "CKV_AWS_338"] },
  resourceTypes: ["aws_cloudwatch_log_group"],
  *check(group) {
    const days = group.number("retention_in_days");
    if (days === UNKNOWN || days === 0 || (days !== undefined && days >= RETENTION_DAYS)) return;
    yield { attribute: "retention_in_days", given: days };
  },
};

export const logRules: readonly PolicyRule[] = [retention];
