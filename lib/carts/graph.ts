import type { Problem } from "../core/errors";
import { nearest } from "../nomad/nearest";
import type { CartCall, CartService, DerivedCart } from "./derived";

/** A job of a Cart, as a node of the order: `shop-web/shop-web`. */
export const jobKey = (cart: string, job: string) => `${cart}/${job}`;

/** Who of a stack calls whom, and what comes before what. */
export interface CartGraph {
  readonly carts: readonly DerivedCart[];
  /** Every service of the stack, by name. */
  readonly services: ReadonlyMap<string, CartService>;
  /** The calls within the stack, by the service that is called. */
  readonly calls: ReadonlyMap<string, readonly CartCall[]>;
  /** The jobs that are healthy before a job starts, each by `jobKey`. */
  readonly order: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The graph of a stack's Carts, with what is wrong in it. */
export function readGraph(carts: readonly DerivedCart[]): { readonly graph: CartGraph; readonly problems: Problem[] } {
  const problems: Problem[] = [];
  const byName = new Map<string, DerivedCart>();
  const jobs = new Map<string, string>();
  const services = new Map<string, CartService>();
  for (const cart of carts) {
    if (byName.has(cart.name)) {
      problems.push({
        property: cart.at,
        given: cart.name,
        allowed: "a name that no other Cart has",
        fix: "rename one of the two",
      });
    }
    byName.set(cart.name, cart);
    for (const { id } of cart.jobs) {
      const owner = jobs.get(id);
      if (owner !== undefined) {
        const allowed = `an id that no other job of the namespace has; it is one of ${owner}'s`;
        problems.push({ property: `${cart.at}.jobs`, given: id, allowed, fix: "rename the job" });
      }
      jobs.set(id, cart.name);
    }
    for (const service of cart.services) {
      const other = services.get(service.name);
      if (other !== undefined && other.cart !== service.cart) {
        const allowed = `a name that no other Cart provides; ${other.cart} does`;
        problems.push({ property: `${service.at}.name`, given: service.name, allowed, fix: "rename one of the two" });
      } else if (other?.declared === true && service.declared) {
        const allowed = "each service once";
        problems.push({ property: `${service.at}.name`, given: service.name, allowed, fix: "remove one of the two" });
      }
      // What the Cart declares holds over what its job says of the same name.
      if (other === undefined || !other.declared) services.set(service.name, service);
    }
  }
  const calls = new Map<string, CartCall[]>();
  for (const call of carts.flatMap((cart) => cart.calls)) {
    const problem = problemOfCall(call, services);
    if (problem !== undefined) problems.push(problem);
    if (!call.external) calls.set(call.to, [...(calls.get(call.to) ?? []), call]);
  }
  const order = orderOf(carts, byName, services, problems);
  for (const ring of cycles(order)) {
    const cart = byName.get(ring[0]?.split("/")[0] ?? "");
    problems.push({
      property: `${cart?.at ?? "carts"}.consumes`,
      given: [...ring, ring[0]].map(shown).join(" -> "),
      allowed: "an order in which each comes after what it needs",
      fix: "say startsWithout: true where one starts without the other",
    });
  }
  return { graph: { carts, services, calls, order }, problems };
}

function problemOfCall(call: CartCall, services: ReadonlyMap<string, CartService>): Problem | undefined {
  const provider = services.get(call.to);
  const property = `${call.at}.service`;
  if (call.external) {
    if (provider === undefined) return undefined;
    const fix = `write "${call.to}", without external()`;
    return { property, given: `external("${call.to}")`, allowed: "what no Cart of this stack provides", fix };
  }
  if (provider === undefined) {
    const guess = nearest(call.to, [...services.keys()]);
    const own = `provide it, or write external("${call.to}") where another stack does`;
    const allowed = [...services.keys()].join(", ") || "a service that a Cart provides";
    return { property, given: call.to, allowed, fix: guess === undefined ? own : `write "${guess}", ${own}` };
  }
  if (!provider.mesh) {
    const fix = `find it by its name, ${call.to}.service.consul, or let ${provider.cart} provide it in the mesh`;
    return { property, given: call.to, allowed: "a service in the mesh", fix };
  }
  if (!provider.listens) {
    return {
      property,
      given: call.to,
      allowed: "a service that listens on a port",
      fix: `give it one in ${provider.cart}`,
    };
  }
  if (call.http !== undefined && provider.protocol === "tcp") {
    const fix = `remove it, or let ${call.to} speak HTTP`;
    return { property: `${call.at}.http`, given: call.http, allowed: "it for services that speak HTTP", fix };
  }
  return undefined;
}

function orderOf(
  carts: readonly DerivedCart[],
  byName: ReadonlyMap<string, DerivedCart>,
  services: ReadonlyMap<string, CartService>,
  problems: Problem[],
): Map<string, Set<string>> {
  const order = new Map(carts.flatMap(({ name, jobs }) => jobs.map(({ id }) => [jobKey(name, id), new Set<string>()])));
  const before = (later: string, earlier: string) => {
    if (later !== earlier) order.get(later)?.add(earlier);
  };
  for (const cart of carts) {
    for (const call of cart.calls) {
      const provider = call.external || call.startsWithout ? undefined : services.get(call.to);
      if (provider !== undefined) before(jobKey(cart.name, call.job), jobKey(provider.cart, provider.job));
    }
    for (const { cart: name, at } of cart.after) {
      const other = byName.get(name);
      if (other === undefined || name === cart.name) {
        const names = [...byName.keys()].filter((one) => one !== cart.name).join(", ");
        problems.push({
          property: at,
          given: name,
          allowed: names || "another Cart of the stack",
          fix: "name one of them",
        });
        continue;
      }
      for (const { id } of cart.jobs)
        for (const { id: theirs } of other.jobs) before(jobKey(cart.name, id), jobKey(name, theirs));
    }
  }
  return order;
}

/** The rings of an order, one of those that have a node in common. Empty exactly where the order can be followed. */
export function cycles(order: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const done = new Set<string>();
  const rings: string[][] = [];
  for (const start of order.keys()) {
    if (done.has(start)) continue;
    const path: string[] = [];
    const onPath = new Set<string>();
    const steps: { readonly node: string; readonly next: Iterator<string> }[] = [];
    const enter = (node: string) => {
      path.push(node);
      onPath.add(node);
      steps.push({ node, next: (order.get(node) ?? new Set<string>()).values() });
    };
    enter(start);
    for (let step = steps.at(-1); step !== undefined; step = steps.at(-1)) {
      const { value, done: isAtEnd } = step.next.next();
      if (isAtEnd === true) {
        done.add(step.node);
        onPath.delete(step.node);
        path.pop();
        steps.pop();
      } else if (onPath.has(value)) {
        const ring = path.slice(path.indexOf(value));
        if (!rings.some((other) => other.some((node) => ring.includes(node)))) rings.push(ring);
      } else if (!done.has(value)) {
        enter(value);
      }
    }
  }
  return rings;
}

/** A job of a Cart of the same name by that name alone. */
function shown(key: string | undefined): string {
  const [cart = "", job = ""] = key?.split("/") ?? [];
  return cart === job ? cart : `${cart}/${job}`;
}
