import { TerraformVariable, Token } from "cdktf";
import type { Construct } from "constructs";
import { requireProvider } from "../../layer/provider-versions";

/**
 * A secret that comes by `TF_VAR_<name>` and is kept neither in state nor in a plan. It is read when its version is raised;
 * else it may be missing.
 */
export function secretVariable(scope: Construct, name: string, description: string): string {
  const secret = new TerraformVariable(scope, name, { type: "string", description, sensitive: true, default: "" });
  secret.overrideLogicalId(name);
  secret.addOverride("ephemeral", true);
  return Token.asString(secret.value);
}

/** The name of a variable made of names with hyphens: `variableName("database", "shop-db", "password")`. */
export function variableName(...parts: readonly string[]): string {
  return parts.join("_").replaceAll("-", "_");
}

/** Write-only tokens of the engines of Consul and Nomad came after the version that the bindings know. */
export function requireWriteOnlyTokens(scope: Construct): void {
  requireProvider(scope, "vault", ">= 5.7.0");
}
