import type { PropsCheck } from "../../core/errors";
import { integer, shortName } from "../../core/rules";
import { allowedRange } from "../ranges";

/** Something that nodes reach by a way of its own. */
export interface GcpOutside {
  /** Its addresses, from /8 on: `"10.9.0.10/32"`. */
  readonly range: string;
  /**
   * Its port.
   *
   * @default 443
   */
  readonly port?: number;
}

/** What nodes reach beside Google's APIs, by a name for each: `{ proxy: { range: "10.9.0.10/32", port: 3128 } }`. */
export type GcpOutsides = Readonly<Record<string, GcpOutside>>;

/** Checks the property `outside`. */
export function checkOutside(check: PropsCheck, outside: GcpOutsides = {}): void {
  for (const [name, { range, port }] of Object.entries(outside)) {
    check.required(`outside["${name}"]`, name, shortName(16, "proxy"));
    check.required(`outside.${name}.range`, range, allowedRange);
    check.optional(`outside.${name}.port`, port, integer(1, 65_535));
  }
}
