import type { PolicyRule } from "../rule";
import { nomadAclRules } from "./acl";
import { nomadTenancyRules } from "./tenancy";

/** The rules for Nomad. */
export const nomadRules: readonly PolicyRule[] = [...nomadAclRules, ...nomadTenancyRules];
