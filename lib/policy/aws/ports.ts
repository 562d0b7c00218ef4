import type { SynthesizedBlock } from "../synthesized-stack";
import { UNKNOWN, type Unknown } from "../values";

/** Ports behind which a machine is administered: what CIS and Trivy name (22, 3389), and their like. */
export const ADMIN_PORTS: ReadonlyMap<number, string> = new Map([
  [22, "SSH"],
  [23, "Telnet"],
  [2375, "Docker"],
  [2376, "Docker"],
  [3389, "RDP"],
  [5985, "WinRM"],
  [5986, "WinRM"],
]);

/** Ports of a rule: all, a range, or unknown. */
export type Ports = "all" | { readonly from: number; readonly to: number } | Unknown;

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

/** The administration ports that a rule opens. */
export function adminPortsIn(ports: Ports | undefined): number[] {
  if (ports === undefined || ports === UNKNOWN) return [];
  return [...ADMIN_PORTS.keys()].filter((port) => ports === "all" || (ports.from <= port && port <= ports.to));
}

/** Whether a CIDR block holds every address, of either family. */
export function isAnywhere(cidr: string | Unknown | undefined): boolean {
  return typeof cidr === "string" && /^[0-9a-f.:]+\/0$/i.test(cidr);
}
