import type { Ports } from "../ports";
import type { SynthesizedBlock } from "../synthesized-stack";
import { UNKNOWN } from "../values";

/** The ports of a rule, with AWS's spellings of "all protocols"; `icmp` has types and no ports. */
export function portsOf(rule: SynthesizedBlock, protocolName: string): Ports | undefined {
  const protocol = rule.text(protocolName);
  if (protocol === "-1" || protocol === "all") return "all";
  if (typeof protocol === "string" && /^(icmp|icmpv6|1|58)$/i.test(protocol)) return undefined;
  const from = rule.number("from_port");
  const to = rule.number("to_port");
  if (from === UNKNOWN || to === UNKNOWN) return UNKNOWN;
  if (from === undefined || to === undefined) return protocol === undefined ? UNKNOWN : "all";
  return { from, to };
}
