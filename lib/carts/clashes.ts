import type { Problem } from "../core/errors";
import type { Group } from "../nomad";
import type { CartExposure, CartService, DerivedCart } from "./derived";

/** What two lines of a stack's Carts cannot both have: ports, hosts, volumes; and exposures of what cannot be exposed. */
export function clashes(carts: readonly DerivedCart[], services: ReadonlyMap<string, CartService>): Problem[] {
  return [
    ...staticPortClashes(carts),
    ...hostClashes(carts.flatMap(({ exposures }) => exposures)),
    ...carts.flatMap((cart) => localPortClashes(cart)),
    ...carts.flatMap(({ exposures }) => exposures.flatMap((exposure) => problemsOfExposure(exposure, services))),
    ...volumeClashes(carts),
  ];
}

interface StaticPort {
  readonly cart: string;
  readonly place: string;
  readonly pool: string | undefined;
  readonly network: string;
  readonly port: number;
  readonly property: string;
}

/** The node's ports that a Cart's jobs ask for. */
export function staticPorts(cart: DerivedCart): StaticPort[] {
  return cart.jobs.flatMap((job) =>
    Object.entries<Group>(job.group ?? {}).flatMap(([group, { network }]) =>
      Object.entries(network?.port ?? {}).flatMap(
        ([label, { static: port, hostNetwork = "default", ignoreCollision }]) =>
          typeof port !== "number" || ignoreCollision === true
            ? []
            : [
                {
                  cart: cart.name,
                  place: `${job.id}/${group}`,
                  pool: job.nodePool,
                  network: hostNetwork,
                  port,
                  property: `${cart.at}.jobs: job "${job.id}", group "${group}": network.port.${label}.static`,
                },
              ],
      ),
    ),
  );
}

/** Two groups that ask for one port of a node that may have both. */
export function staticPortClashes(carts: readonly DerivedCart[]): Problem[] {
  const taken = new Map<string, StaticPort[]>();
  const problems: Problem[] = [];
  for (const one of carts.flatMap(staticPorts)) {
    const key = `${one.network}:${one.port}`;
    const others = taken.get(key) ?? [];
    const other = others.find(({ place, pool }) => place !== one.place && meet(pool, one.pool));
    if (other !== undefined) {
      const allowed = `a port that no other takes; ${other.cart} (${other.place}) does`;
      const fix = "let Nomad choose one, or run them in different node pools";
      problems.push({ property: one.property, given: one.port, allowed, fix });
    }
    taken.set(key, [...others, one]);
  }
  return problems;
}

/** Whether one node can be in both pools. Without a name it is the namespace's, whichever that is. */
function meet(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === "all" || other === "all" || one === other;
}

/** Two exposures of one host and path, within a stack or between stacks. */
export function hostClashes(exposures: readonly CartExposure[]): Problem[] {
  const taken = new Map<string, CartExposure>();
  return exposures.flatMap((exposure) => {
    const key = `${exposure.host}${exposure.path}`;
    const other = taken.get(key);
    taken.set(key, other ?? exposure);
    if (other === undefined) return [];
    const allowed = `a host and path that no other exposes; ${other.cart} does`;
    const fix = "choose another host, or another path";
    return [{ property: `${exposure.at}.host`, given: key, allowed, fix }];
  });
}

/** Tasks of a group share one network: what they listen on and where they reach others are different ports. */
function localPortClashes({ jobs, at }: DerivedCart): Problem[] {
  return jobs.flatMap((job) =>
    Object.entries<Group>(job.group ?? {}).flatMap(([group, { service }]) => {
      const taken = new Map<number, string>();
      const problems: Problem[] = [];
      const take = (port: number | undefined, what: string) => {
        if (port === undefined || Number.isNaN(port)) return;
        const other = taken.get(port);
        if (other !== undefined) {
          const property = `${at}.consumes`;
          const allowed = `a port that nothing else in group ${group} has; it is that of ${other}`;
          problems.push({ property, given: `localPort ${port} of ${what}`, allowed, fix: "choose another localPort" });
        }
        taken.set(port, what);
      };
      const all = [service ?? []].flat();
      for (const one of all) {
        if (one.connect?.sidecarService !== undefined) take(Number(one.port), `service ${one.name}`);
      }
      for (const one of all) {
        for (const { destinationName, localBindPort } of [one.connect?.sidecarService?.proxy?.upstreams ?? []].flat()) {
          take(localBindPort, destinationName);
        }
      }
      return problems;
    }),
  );
}

function problemsOfExposure(exposure: CartExposure, services: ReadonlyMap<string, CartService>): Problem[] {
  const service = services.get(exposure.service);
  const property = `${exposure.at}.service`;
  const given = exposure.service;
  if (service?.cart !== exposure.cart) {
    const own = [...services.values()].filter(({ cart }) => cart === exposure.cart).map(({ name }) => name);
    return [
      {
        property,
        given,
        allowed: own.join(", ") || "a service that the Cart provides",
        fix: "name a service of this Cart",
      },
    ];
  }
  if (!service.mesh || !service.listens) {
    const fix = "let it listen on a port, in the mesh";
    return [{ property, given, allowed: "a service in the mesh: the gateway reaches no other", fix }];
  }
  if (service.protocol === "tcp") {
    return [
      {
        property,
        given: `${given}, which speaks tcp`,
        allowed: "a service that speaks HTTP",
        fix: 'say protocol: "http" if it does',
      },
    ];
  }
  return [];
}

function volumeClashes(carts: readonly DerivedCart[]): Problem[] {
  const taken = new Map<string, string>();
  const problems: Problem[] = [];
  for (const cart of carts) {
    for (const volume of cart.volumes) {
      const at = `${cart.at}.volumes`;
      const { name, existing = false, perAlloc = false, accessMode = "single-node-writer", readOnly = false } = volume;
      const other = taken.get(name);
      if (!existing && other !== undefined) {
        const fix = "rename it, or say existing: true where both mean the same";
        problems.push({ property: at, given: name, allowed: `a name that no other volume has; ${other}'s has`, fix });
      }
      if (!existing) taken.set(name, cart.name);
      const counts = cart.jobs
        .filter(({ id }) => id === volume.job)
        .flatMap(({ group }) => Object.values<Group>(group))
        .filter((group) => Object.values(group.volume ?? {}).some(({ source }) => source === name))
        .map(({ count = 1 }) => count);
      const isShared = accessMode.startsWith("multi-node");
      const most = Math.max(1, ...counts.filter((count) => Number.isInteger(count)));
      if (!perAlloc && !isShared && !readOnly && most > 1) {
        const fix = "say perAlloc: true for one volume each, or an accessMode of multi-node";
        problems.push({ property: at, given: `${name} for ${most} allocations`, allowed: "one writer", fix });
      }
    }
  }
  return problems;
}
