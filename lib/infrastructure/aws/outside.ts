import type { PropsCheck } from "../../core/errors";
import { integer, shortName } from "../../core/rules";
import { ports } from "../../core/traffic";
import { allowedRange } from "../ranges";
import { securityGroupId } from "./rules";

/** Something that nodes reach by a way of its own: where it is, by its security group or by its addresses. */
export interface AwsOutside {
  /**
   * Its security group, in this VPC or a peered one. Letting nodes in is its owner's.
   *
   * @default - it is known by `range`
   */
  readonly securityGroupId?: string;
  /**
   * Its addresses, from /8 on: `"10.9.0.10/32"`.
   *
   * @default - it is known by `securityGroupId`
   */
  readonly range?: string;
  /**
   * Its port.
   *
   * @default 443
   */
  readonly port?: number;
}

/** What nodes reach beside AWS's APIs, by a name for each: `{ proxy: { range: "10.9.0.10/32", port: 3128 } }`. */
export type AwsOutsides = Readonly<Record<string, AwsOutside>>;

/** Checks the property `outside`. */
export function checkOutside(check: PropsCheck, outside: AwsOutsides = {}): void {
  for (const [name, { securityGroupId: group, range, port }] of Object.entries(outside)) {
    check.required(`outside["${name}"]`, name, shortName(16, "proxy"));
    check.optional(`outside.${name}.securityGroupId`, group, securityGroupId);
    check.optional(`outside.${name}.range`, range, allowedRange);
    check.optional(`outside.${name}.port`, port, integer(1, 65_535));
    if ((group === undefined) === (range === undefined)) {
      check.add({
        property: `outside.${name}`,
        given: outside[name],
        allowed: "a securityGroupId or a range, one of both",
        fix: "say where it is: by its security group in the VPC, or by its addresses",
      });
    }
  }
}

/** What the rule that lets nodes out to it says. */
export function outsideRule(name: string, { port = ports.https, range, securityGroupId: group }: AwsOutside) {
  return {
    open: { protocol: "tcp", fromPort: port, toPort: port, purpose: `Outside: ${name}` } as const,
    target: range === undefined ? { referencedSecurityGroupId: group } : { cidrIpv4: range },
  };
}
