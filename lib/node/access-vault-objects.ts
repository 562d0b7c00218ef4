import type { VaultPolicy } from "./access-vault-policies";
import type { CloudName } from "./cloud/clouds";

/** One object of Vault. `kind` says which resource of Terraform it is; one that is `secret` no Terraform state may hold. */
export type VaultObject =
  | { readonly kind: "audit"; readonly path: string; readonly type: string; readonly options: Settings }
  | { readonly kind: "mount"; readonly path: string; readonly type: string; readonly settings: Settings }
  | { readonly kind: "auth"; readonly path: string; readonly type: string; readonly settings: Settings }
  | VaultPolicy
  | { readonly kind: "configuration"; readonly path: string; readonly settings: Settings; readonly secret?: true }
  | {
      readonly kind: "role";
      readonly of: `${CloudName}-login` | "pki" | "consul";
      readonly mount: string;
      readonly name: string;
      readonly settings: Settings;
    };

export type Setting = string | number | boolean | readonly string[] | { readonly [name: string]: Setting };
export type Settings = Readonly<Record<string, Setting>>;
