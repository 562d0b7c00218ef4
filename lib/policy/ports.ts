import { UNKNOWN, type Unknown } from "./values";

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

/** Ports as people write them: `"22"`, `"8000-8999"`, `"*"`. */
export function portsIn(text: string | Unknown): Ports {
  if (text === UNKNOWN) return UNKNOWN;
  if (text === "*") return "all";
  const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  return from === undefined ? UNKNOWN : { from: Number(from), to: Number(to ?? from) };
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
