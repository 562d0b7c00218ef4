import { TerraformResource, type TerraformStack } from "cdktf";

/** Something that a destroy leaves on a server. */
export interface Remainder {
  /** Terraform's address. */
  readonly address: string;
  /** Why it stays. */
  readonly why: string;
}

/** What no call of a product removes: Terraform's providers forget it, and leave it as it is. */
const SETTINGS: Readonly<Record<string, string>> = {
  nomad_scheduler_config: "Nomad always has one: it stays as it was set",
  consul_certificate_authority: "a datacenter always has an authority: give it back to Consul before",
  vault_raft_autopilot: "Vault always has one: it stays as it was set",
};

/** What stays after a destroy, in the order of the stack. */
export function remainders(stack: TerraformStack): Remainder[] {
  return stack.node.findAll().flatMap((construct) => {
    if (!TerraformResource.isTerraformResource(construct)) return [];
    const { terraformResourceType: type, friendlyUniqueId } = construct;
    const why = reasonOf(construct);
    return why === undefined ? [] : [{ address: `${type}.${friendlyUniqueId}`, why }];
  });
}

function reasonOf(resource: TerraformResource): string | undefined {
  if (resource.node.scope?.node.id === "handed-over" && resource.lifecycle?.preventDestroy === true) {
    return "first boot made it: Terraform refuses to destroy it, and it goes with the infrastructure";
  }
  if (resource.terraformResourceType === "nomad_namespace" && resource.node.id === "namespace-default") {
    return "Nomad's own: it stays, with what its jobs may use";
  }
  return SETTINGS[resource.terraformResourceType];
}
