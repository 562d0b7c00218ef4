import fc from "fast-check";
import { type Traffic, type TrafficRole, traffic } from "../../lib/core/traffic";
import type { ServerGroups } from "../../lib/infrastructure/props";
import { products } from "../../lib/node/products";

/** Who plays which roles of the traffic table, by a name. */
export type Roles = ReadonlyMap<string, readonly TrafficRole[]>;

/** One opening, as texts compare it: `"server-main workers tcp 8301-8301"`. */
export function opening(from: string, to: string, protocol: string, fromPort: number, toPort: number): string {
  return `${from} ${to} ${protocol} ${fromPort}-${toPort}`;
}

type Row = Pick<Traffic, "from" | "to" | "protocol" | "fromPort" | "toPort">;

function openings(rows: readonly Row[], roles: Roles): Set<string> {
  const playing = (role: TrafficRole) => [...roles].flatMap(([name, played]) => (played.includes(role) ? [name] : []));
  return new Set(
    rows.flatMap(({ from, to, protocol, fromPort, toPort }) =>
      playing(from).flatMap((a) => playing(to).map((b) => opening(a, b, protocol, fromPort, toPort))),
    ),
  );
}

/** The table's rows between those who play its roles. */
export function wantedOpenings(roles: Roles): Set<string> {
  return openings(traffic, roles);
}

/**
 * The same where nobody plays the machine balancer, since it passes packets on as they are: who may call it reaches what it
 * may reach, on the same port.
 */
export function wantedThrough(roles: Roles): Set<string> {
  const calls = traffic.filter(({ to }) => to === "machineBalancer");
  const passed = calls.flatMap((call) =>
    traffic
      .filter(({ from, protocol, fromPort }) => {
        return from === "machineBalancer" && protocol === call.protocol && fromPort === call.fromPort;
      })
      .map(({ to }) => ({ ...call, to })),
  );
  return openings([...traffic, ...passed], roles);
}

/** Server groups that run the three products in any grouping. */
export const anyGrouping: fc.Arbitrary<ServerGroups> = fc
  .tuple(...products.map(() => fc.integer({ min: 0, max: 2 })))
  .map((groupOf) =>
    Object.fromEntries(
      [...new Set(groupOf)].map((group) => [
        `g${group}`,
        { runs: products.filter((_, index) => groupOf[index] === group) },
      ]),
    ),
  );
