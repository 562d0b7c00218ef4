import { createHash } from "node:crypto";
import type { PropsCheck } from "../../core/errors";
import { integer, matching, shortName } from "../../core/rules";
import { ports } from "../../core/traffic";
import { allowedRange } from "../ranges";
import { applicationSecurityGroupId } from "./rules";

/** Something that nodes reach by a way of its own: where it is, by its group, its addresses or the tag of Azure's service. */
export interface AzureOutside {
  /**
   * Its application security group, in the same virtual network. Letting nodes in is its owner's.
   *
   * @default - it is known otherwise
   */
  readonly applicationSecurityGroupId?: string;
  /**
   * Its addresses, from /8 on: `"10.9.0.10/32"`.
   *
   * @default - it is known otherwise
   */
  readonly range?: string;
  /**
   * The tag of a service of Azure: `"Sql.WestEurope"`. It stands for everybody's instances of that service, not yours alone
   * (https://learn.microsoft.com/en-us/azure/virtual-network/service-tags-overview).
   *
   * @default - it is known otherwise
   */
  readonly serviceTag?: string;
  /**
   * Its port.
   *
   * @default 443
   */
  readonly port?: number;
  /**
   * Its place among the priorities of the rules, 0 to 999, where two names happen to have the same.
   *
   * @default - by the name
   */
  readonly slot?: number;
}

/** What nodes reach beside Azure's APIs, by a name for each: `{ proxy: { range: "10.9.0.10/32", port: 3128 } }`. */
export type AzureOutsides = Readonly<Record<string, AzureOutside>>;

export const OUTSIDE_SLOTS = 1000;

const serviceTag = matching(
  /(?!Internet$|VirtualNetwork$|AzureLoadBalancer$|AzureCloud)[A-Za-z][A-Za-z0-9]+(\.[A-Za-z0-9]+)?/,
  'the tag of one service of Azure, such as "Sql.WestEurope"',
  "print the tags with: az network list-service-tags --location <region>",
);

/** Where a name's rule stands among the priorities. It depends on no other name. */
export function outsideSlot(name: string, { slot }: AzureOutside): number {
  return slot ?? createHash("sha256").update(name).digest().readUInt32BE(0) % OUTSIDE_SLOTS;
}

/** Checks the property `outside`. */
export function checkOutside(check: PropsCheck, outside: AzureOutsides = {}): void {
  const nameOf = new Map<number, string>();
  for (const [name, given] of Object.entries(outside)) {
    const { applicationSecurityGroupId: group, range, serviceTag: tag, port, slot } = given;
    check.required(`outside["${name}"]`, name, shortName(16, "proxy"));
    check.optional(`outside.${name}.applicationSecurityGroupId`, group, applicationSecurityGroupId);
    check.optional(`outside.${name}.range`, range, allowedRange);
    check.optional(`outside.${name}.serviceTag`, tag, serviceTag);
    check.optional(`outside.${name}.port`, port, integer(1, 65_535));
    check.optional(`outside.${name}.slot`, slot, integer(0, OUTSIDE_SLOTS - 1));
    if ([group, range, tag].filter((each) => each !== undefined).length !== 1) {
      check.add({
        property: `outside.${name}`,
        given,
        allowed: "an applicationSecurityGroupId, a range or a serviceTag, one of them",
        fix: "say where it is: by its group in the network, by its addresses, or by Azure's tag of it",
      });
    }
    const place = outsideSlot(name, given);
    const other = nameOf.get(place);
    if (other !== undefined) {
      check.add({
        property: `outside.${name}`,
        given,
        allowed: `a place of its own among the rules' priorities; "${other}" has slot ${place} too`,
        fix: `give it a slot: { slot: ${(place + 1) % OUTSIDE_SLOTS} }`,
      });
    }
    nameOf.set(place, name);
  }
}

/** What the rule that lets nodes out to it says. */
export function outsideRule(name: string, outside: AzureOutside) {
  const { applicationSecurityGroupId: group, range, serviceTag: tag, port = ports.https } = outside;
  return {
    open: { protocol: "tcp", fromPort: port, toPort: port, purpose: `Outside: ${name}` } as const,
    target: group === undefined ? { prefixes: [String(range ?? tag)] } : { groups: [group] },
  };
}
