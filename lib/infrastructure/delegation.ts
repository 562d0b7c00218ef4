import { TerraformOutput, type TerraformStack } from "cdktf";

/**
 * Where nobody can enter a zone's name servers above it by Terraform, somebody does it by hand: the stack prints what to enter. A
 * zone that is signed has a DS record beside, without which nobody checks its signatures.
 */
export function printDelegation(
  stack: TerraformStack,
  domain: string,
  nameServers: readonly string[],
  then: string,
  dsRecord?: string,
): void {
  new TerraformOutput(stack, "domain_delegation", {
    staticId: true,
    description: `Records to enter in the zone above ${domain}${then}`,
    value: { name: domain, type: "NS", records: nameServers, ...(dsRecord === undefined ? {} : { ds: dsRecord }) },
  });
}

/** What comes after the entry, where a certificate waits for it. */
export const THEN_DELEGATED = "; then set dns: { delegated: true } and apply again";
