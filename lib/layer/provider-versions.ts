import { type TerraformProvider, TerraformStack } from "cdktf";
import type { Construct } from "constructs";

const FLOOR = "cdktf-caravan/provider-floor";

/**
 * States the provider version that something in this stack needs, where it is later than the bindings' own:
 * `requireProvider(this, "vault", ">= 5.7")`.
 */
export function requireProvider(scope: Construct, name: string, constraint: string): void {
  TerraformStack.of(scope).node.addMetadata(FLOOR, { name, constraint });
}

function floorsOf(stack: TerraformStack, provider: string): string[] {
  const floors = stack.node.metadata.filter((entry) => entry.type === FLOOR).map((entry) => entry.data);
  return [...new Set(floors.filter(({ name }) => name === provider).map(({ constraint }) => String(constraint)))];
}

/**
 * cdktf pins every provider to the exact version that its bindings were generated from. Here that version is a floor
 * within its major version, raised by `requireProvider`, and the lock file decides.
 */
export function loosenProviderVersions(stack: TerraformStack): void {
  for (const provider of stack.allProviders()) {
    const name = provider.terraformResourceType;
    const constraints = [withinMajor(provider), ...floorsOf(stack, name)].filter((part) => part !== undefined);
    if (constraints.length > 0) {
      stack.addOverride(`terraform.required_providers.${name}.version`, constraints.join(", "));
    }
  }
}

function withinMajor(provider: TerraformProvider): string | undefined {
  const { providerVersion, providerVersionConstraint } = provider.terraformGeneratorMetadata ?? {};
  const [, major, minor] = /^(\d+)\.(\d+)\.\d+$/.exec(providerVersion ?? "") ?? [];
  return major === undefined ? providerVersionConstraint : `~> ${major}.${minor}`;
}
