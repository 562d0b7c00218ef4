import { awsRules } from "./aws";
import type { PolicyRule } from "./rule";
import { terraformRules } from "./terraform";

/** Every rule that runs on every synth. */
export const allRules: readonly PolicyRule[] = [...terraformRules, ...awsRules];
