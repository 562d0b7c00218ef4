import { App } from "cdktf";
import { existingInfrastructure, type LayerStackProps, LocalState } from "../../lib";
import { PlatformStack, type PlatformStackProps } from "../../lib/platform";
import { consulBehaviours } from "../support/hashicorp/consul";
import { nomadBehaviours } from "../support/hashicorp/nomad";
import type { Servers } from "../support/hashicorp/servers";
import { vaultBehaviours } from "../support/hashicorp/vault";
import { StandInProviders } from "../support/providers";
import { stackDirectory } from "../support/synth";
import type { Scope } from "../support/temporary";
import { Terraform } from "../support/terraform";

export type Given = Partial<Omit<PlatformStackProps, keyof LayerStackProps>> &
  Pick<LayerStackProps, "deletionProtection">;

/** Vault, and what stands beside it. */
export type SomeServers = Pick<Servers, "vault"> & Partial<Servers>;

/** The stack of a test on servers that exist, synthesized with these props; its directory. */
export function platformDirectory(scope: Scope, servers: SomeServers, given: Given = {}): string {
  const app = new App({ outdir: scope.directory("synth") });
  new PlatformStack(app, "dev-platform", { ...platformProps(servers), ...given });
  return stackDirectory(app, "dev-platform");
}

export function platformProps({ vault, consul, nomad }: SomeServers): PlatformStackProps {
  return {
    environment: { name: "dev", state: new LocalState() },
    infrastructure: existingInfrastructure({
      environment: "dev",
      vault: { address: vault.address },
      ...(consul && { consul: { address: consul.address } }),
      ...(nomad && { nomad: { address: nomad.address } }),
    }),
    vault: { audit: { stdout: { type: "file", path: "stdout" }, null: { type: "file", path: "/dev/null" } } },
  };
}

/** Terraform with stand-ins that call these servers. */
export function terraformFor(
  scope: Scope,
  program: string,
  cwd: string,
  { vault, consul, nomad }: SomeServers,
  env: Readonly<Record<string, string>> = {},
): Terraform {
  const providers = new StandInProviders(scope, {
    vault: vaultBehaviours(vault),
    ...(consul && { consul: consulBehaviours(consul) }),
    ...(nomad && { nomad: nomadBehaviours(nomad) }),
  });
  return new Terraform({ program, cwd, providers, env });
}
