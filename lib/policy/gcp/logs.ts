import type { PolicyRule } from "../rule";
import { UNKNOWN } from "../values";

/** A year, as for the logs of other clouds. */
const RETENTION_DAYS = 365;

const retention: PolicyRule = {
  id: "gcp-log-bucket-retention",
  severity: "LOW",
  title: "A log bucket keeps its entries for a year at least",
  why: "A break-in is noticed after months; Google's default is 30 days.",
  fix: `set retention_days to ${RETENTION_DAYS} or more`,
  references: { url: "https://cloud.google.com/logging/docs/buckets#custom-retention" },
  resourceTypes: ["google_logging_project_bucket_config"],
  *check(bucket) {
    const days = bucket.number("retention_days");
    if (days === UNKNOWN || (days !== undefined && days >= RETENTION_DAYS)) return;
    yield { attribute: "retention_days", given: days };
  },
};

export const logRules: readonly PolicyRule[] = [retention];
