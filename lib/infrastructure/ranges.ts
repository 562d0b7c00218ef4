import { type Rule, rule } from "../core/errors";
import { Cidr } from "./cidr";

/** A shorter prefix is no network of anybody, but a good part of the internet. */
const SHORTEST_PREFIX = 8;

/** A network that may come in: `"203.0.113.0/24"`. Never everybody. */
export const allowedRange: Rule<string> = rule({
  allowed: `an IPv4 block in CIDR notation, its first address in front, /${SHORTEST_PREFIX} or longer; never everybody (0.0.0.0/0)`,
  fix: 'name your networks, such as "203.0.113.0/24" for an office or "203.0.113.7/32" for one address',
  accepts: (value) => {
    const block = typeof value === "string" ? Cidr.around(value) : undefined;
    return block !== undefined && block.toString() === value && block.prefix >= SHORTEST_PREFIX;
  },
});
