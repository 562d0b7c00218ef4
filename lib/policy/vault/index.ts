import type { PolicyRule } from "../rule";
import { vaultAuditRules } from "./audit";
import { vaultEngineRules } from "./engines";
import { vaultPolicyRules } from "./policies";
import { vaultSignInRules } from "./sign-in";

/** The rules for Vault. */
export const vaultRules: readonly PolicyRule[] = [
  ...vaultAuditRules,
  ...vaultSignInRules,
  ...vaultPolicyRules,
  ...vaultEngineRules,
];
