import { ConsulProvider } from "@cdktf/provider-consul/lib/provider";
import { NomadProvider } from "@cdktf/provider-nomad/lib/provider";
import { VaultProvider } from "@cdktf/provider-vault/lib/provider";
import type { Construct } from "constructs";
import type { PlatformStatic } from "../platform/contract";

/** The providers of a stack above the platform. Who acts is said by the environment that Terraform runs in. */
export function makeProviders(scope: Construct, { addresses, datacenter, nomadRegion }: PlatformStatic): void {
  const { vault, consul, nomad } = addresses;
  if (vault !== undefined) new VaultProvider(scope, "vault-provider", { address: vault.machine });
  if (consul !== undefined) {
    const { protocol, host } = new URL(consul.machine);
    new ConsulProvider(scope, "consul-provider", { address: host, scheme: protocol.replace(":", ""), datacenter });
  }
  if (nomad !== undefined) new NomadProvider(scope, "nomad-provider", { address: nomad.machine, region: nomadRegion });
}
