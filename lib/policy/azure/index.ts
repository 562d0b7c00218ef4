import type { PolicyRule } from "../rule";
import { balancerRules } from "./balancers";
import { identityRules } from "./identities";
import { keyVaultRules } from "./key-vault";
import { logRules } from "./logs";
import { machineRules } from "./machines";
import { networkRules } from "./network";
import { secretRules } from "./secrets";
import { securityRuleRules } from "./security-rules";
import { storageRules } from "./storage";

/** The rules for Microsoft Azure. */
export const azureRules: readonly PolicyRule[] = [
  ...storageRules,
  ...keyVaultRules,
  ...identityRules,
  ...networkRules,
  ...securityRuleRules,
  ...logRules,
  ...secretRules,
  ...machineRules,
  ...balancerRules,
];
