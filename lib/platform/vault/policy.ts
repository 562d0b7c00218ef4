import { Policy, type PolicyConfig } from "@cdktf/provider-vault/lib/policy";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { hcl } from "../../core/hcl";
import { matching } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";
import { lintVaultRules, type VaultPathRule, vaultPolicyHcl } from "../policy/vault-rules";

export interface VaultPolicyProps {
  /** Its name: lower-case, as Vault stores it. */
  readonly name: string;
  /** What may be done where. */
  readonly rules: readonly VaultPathRule[];
  /**
   * Mounts of key-value stores of version 2, so that a path without `data/` is told at synth.
   *
   * @default - none is known
   */
  readonly kvMounts?: readonly string[];
  /** @default - none */
  readonly transform?: { readonly policy?: Transform<PolicyConfig> };
}

/** A policy's name: Vault lowers it, `root` is its own, and a slash or a template in it would break paths. */
export const vaultPolicyName = matching(
  /(?!root$)[a-z0-9][a-z0-9_.-]{0,127}/,
  "1 to 128 lower-case letters, digits, dots, underscores and hyphens; not root",
  'use a name such as "team-shop"',
);

/**
 * A policy of Vault, of typed rules that are checked at synth. References (an accessor in a template) may stand in a path.
 *
 * ```ts
 * new VaultPolicy(this, "reports", {
 *   name: "reports",
 *   rules: [{ path: "secret/data/reports/*", capabilities: ["read"] }],
 *   kvMounts: ["secret"],
 * });
 * ```
 *
 * @throws InvalidPropsError for a capability or a path that Vault would take and ignore, `sudo` on a wildcard, a path that
 * stands there twice, and a KV path without `data/`.
 */
export class VaultPolicy extends Construct {
  readonly resource: Policy;
  readonly policyName: string;

  constructor(scope: Construct, id: string, props: VaultPolicyProps) {
    super(scope, id);
    const check = new PropsCheck("VaultPolicy", scope, id);
    check.required("name", props.name, vaultPolicyName);
    for (const problem of lintVaultRules("rules", props.rules, props)) check.add(problem);
    check.done();
    const config: PolicyConfig = { name: props.name, policy: hcl.text(vaultPolicyHcl(props.rules)) };
    this.resource = new Policy(this, "Default", transformed(props.transform?.policy, config));
    this.policyName = this.resource.name;
  }
}
