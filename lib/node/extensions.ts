import type { ConsulExtension } from "./configuration/consul-types";
import type { NomadExtension } from "./configuration/nomad-types";
import type { VaultAgentExtension, VaultExtension } from "./configuration/vault-types";

/** What a user adds to the products' configuration files, laid over ours: blocks are merged, everything else is replaced. */
export interface NodeExtensions {
  readonly vault?: VaultExtension;
  readonly consul?: ConsulExtension;
  readonly nomad?: NomadExtension;
  readonly vaultAgent?: VaultAgentExtension;
}
