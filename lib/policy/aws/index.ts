import type { PolicyRule } from "../rule";

/** The rules for Amazon Web Services. */
export const awsRules: readonly PolicyRule[] = [];
