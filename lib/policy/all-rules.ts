import { awsRules } from "./aws";
import type { PolicyRule } from "./rule";

/** Every rule that runs on every synth. */
export const allRules: readonly PolicyRule[] = [...awsRules];
