import type { PolicyRule } from "../rule";
import { consulAclRules } from "./acl";
import { consulMeshRules } from "./mesh";

/** The rules for Consul. */
export const consulRules: readonly PolicyRule[] = [...consulAclRules, ...consulMeshRules];
