import { type Traffic, type TrafficRole, trafficBetween } from "../../core/traffic";
import type { FirewallMember } from "../firewall";

/** Ports that are open, and what for. */
export type Open = Pick<Traffic, "protocol" | "fromPort" | "toPort" | "purpose">;

/**
 * Where Google's load balancers ask from how their targets are:
 * https://cloud.google.com/load-balancing/docs/health-check-concepts#ip-ranges
 */
export const HEALTH_CHECK_RANGES: readonly string[] = ["35.191.0.0/16", "130.211.0.0/22"];

/** Where Identity-Aware Proxy lets people through from: https://cloud.google.com/iap/docs/using-tcp-forwarding */
export const IAP_RANGE = "35.235.240.0/20";

/**
 * What roles may open to others in a network where the machine address is a pass-through balancer: it has no place of its own,
 * a packet that it hands on still comes from the caller. Whoever may call it therefore reaches what stands behind it, on the
 * same port, and nothing else.
 */
export function openBetween(from: readonly TrafficRole[], to: readonly TrafficRole[]): Open[] {
  const behind = trafficBetween(["machineBalancer"], to).map(key);
  const through = trafficBetween(from, ["machineBalancer"]).filter((each) => behind.includes(key(each)));
  return unique([...trafficBetween(from, to), ...through]);
}

/** What a member is let out with to whom: everything that it may open to any of the others. */
export function openTo(from: FirewallMember, others: readonly FirewallMember[]): Open[] {
  return unique(others.flatMap((to) => openBetween(from.roles, to.roles)));
}

/** Without repetition; the first purpose of a port stays. */
function unique(open: readonly Open[]): Open[] {
  const keys = open.map(key);
  return open.filter((each, index) => keys.indexOf(key(each)) === index);
}

function key({ protocol, fromPort, toPort }: Open): string {
  return `${protocol} ${fromPort}-${toPort}`;
}

/** Blocks of a rule, one a protocol: `{ protocol: "tcp", ports: ["8200", "20000-32000"] }`. */
export function allowOf(open: readonly Open[]): { readonly protocol: string; readonly ports: string[] }[] {
  return (["tcp", "udp"] as const).flatMap((protocol) => {
    const ports = open
      .filter((each) => each.protocol === protocol)
      .map(({ fromPort, toPort }) => (fromPort === toPort ? String(fromPort) : `${fromPort}-${toPort}`));
    return ports.length === 0 ? [] : [{ protocol, ports }];
  });
}

/** What a rule is for, each purpose once. */
export function purposeOf(open: readonly Open[]): string {
  return [...new Set(open.map(({ purpose }) => purpose))].join("; ");
}

/** https://cloud.google.com/vpc/docs/quota#per_firewall_rule: service accounts of sources, and of targets, in a rule. */
export const ACCOUNTS_A_RULE = 10;

/** A list in pieces that one rule can hold. */
export function pieces<T>(list: readonly T[], size = ACCOUNTS_A_RULE): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(size * index, size * (index + 1)),
  );
}
