import { awsRules } from "./aws";
import { azureRules } from "./azure";
import { consulRules } from "./consul";
import { gcpRules } from "./gcp";
import { nomadRules } from "./nomad";
import type { PolicyRule } from "./rule";
import { terraformRules } from "./terraform";
import { vaultRules } from "./vault";

/** Every rule that runs on every synth. */
export const allRules: readonly PolicyRule[] = [
  ...terraformRules,
  ...awsRules,
  ...azureRules,
  ...gcpRules,
  ...vaultRules,
  ...consulRules,
  ...nomadRules,
];
