import type { AclPolicyConfig as ConsulPolicyConfig } from "@cdktf/provider-consul/lib/acl-policy";
import type { ConsulProviderConfig } from "@cdktf/provider-consul/lib/provider";
import type { AclPolicyConfig as NomadPolicyConfig } from "@cdktf/provider-nomad/lib/acl-policy";
import type { NomadProviderConfig } from "@cdktf/provider-nomad/lib/provider";
import type { DataVaultPkiSecretBackendIssuerConfig } from "@cdktf/provider-vault/lib/data-vault-pki-secret-backend-issuer";
import type { PolicyConfig } from "@cdktf/provider-vault/lib/policy";
import type { VaultProviderConfig } from "@cdktf/provider-vault/lib/provider";
import type { Transform } from "../layer/transform";
import type { HandedOverTransform } from "./handed-over-transform";
import type { CiSignInTransform } from "./identity/ci";
import type { TokenIssuerTransform } from "./identity/issuer";
import type { ConsulWorkloadsTransform, VaultWorkloadsTransform } from "./identity/workloads";
import type { NomadTenancyTransform } from "./nomad/tenancy";
import type { NomadVariableSetProps } from "./nomad/variables";
import type { VaultBaseTransform } from "./vault/base";

/** Changes to policies, by the product. */
export interface PolicyTransforms {
  readonly vault?: Transform<PolicyConfig>;
  readonly consul?: Transform<ConsulPolicyConfig>;
  readonly nomad?: Transform<NomadPolicyConfig>;
}

/** Changes to what a `PlatformStack` makes. Those of teams, people, the mesh, stores and engines are part of those. */
export interface PlatformTransform {
  readonly vaultProvider?: Transform<VaultProviderConfig>;
  readonly consulProvider?: Transform<ConsulProviderConfig>;
  readonly nomadProvider?: Transform<NomadProviderConfig>;
  /** By which the cluster's own authority is read. */
  readonly clusterCa?: Transform<DataVaultPkiSecretBackendIssuerConfig>;
  readonly handedOver?: HandedOverTransform;
  readonly vault?: VaultBaseTransform;
  /** Laid on the policies of personas, grants, teams and directories. */
  readonly policies?: PolicyTransforms;
  readonly issuer?: TokenIssuerTransform;
  readonly ci?: CiSignInTransform & {
    /** The roles of CI's identities in the cloud. */
    readonly awsRole?: HandedOverTransform["awsRole"];
    readonly azureRole?: HandedOverTransform["azureRole"];
    readonly gcpRole?: HandedOverTransform["gcpRole"];
  };
  readonly tenancy?: NomadTenancyTransform;
  readonly variables?: NomadVariableSetProps["transform"];
  readonly vaultWorkloads?: VaultWorkloadsTransform;
  readonly consulWorkloads?: ConsulWorkloadsTransform;
}
