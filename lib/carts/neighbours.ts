import type { Construct } from "constructs";
import { type Problem, SynthesisError, show } from "../core/errors";
import type { Environment } from "../layer/environment";
import { hostClashes, staticPortClashes } from "./clashes";
import type { CartService } from "./derived";
import type { CartGraph } from "./graph";

/** A stack of Carts, as its neighbours see it. */
export interface Neighbour extends Construct {
  readonly environment: Environment;
  readonly graph: CartGraph;
  /** Nomad's namespace of its jobs. */
  readonly namespace: string;
}

/**
 * What stacks of Carts of one environment say of each other, where one app holds several.
 *
 * @throws SynthesisError with every mistake
 */
export function checkNeighbours(stack: Neighbour): void {
  const stacks = stack.node.root.node.children
    .filter(isNeighbour)
    .filter(({ environment }) => environment.name === stack.environment.name);
  // Once for all of them.
  if (stacks.length < 2 || stacks[0] !== stack) return;
  const carts = stacks.flatMap(({ graph, node }) =>
    graph.carts.map((cart) => ({ ...cart, name: `${node.id}: ${cart.name}`, at: `${node.id}: ${cart.at}` })),
  );
  const problems = [
    ...staticPortClashes(carts),
    ...hostClashes(
      stacks.flatMap(({ graph, node }) =>
        graph.carts.flatMap(({ exposures }) => exposures.map((one) => ({ ...one, at: `${node.id}: ${one.at}` }))),
      ),
    ),
    ...sharedNames(stacks),
  ];
  if (problems.length === 0) return;
  const lines = problems.map(
    ({ property, given, allowed, fix }) =>
      `  ${property}: given ${show(given)}\n    allowed: ${allowed}\n    fix:     ${fix}`,
  );
  const names = stacks.map(({ node }) => `"${node.id}"`).join(", ");
  throw new SynthesisError(`Carts of the stacks ${names} do not go together:\n${lines.join("\n")}`);
}

/** Works across two copies of the library. */
function isNeighbour(x: unknown): x is Neighbour {
  return typeof x === "object" && x !== null && "graph" in x && "namespace" in x && "environment" in x;
}

function sharedNames(stacks: readonly Neighbour[]): Problem[] {
  const problems: Problem[] = [];
  const services = new Map<string, { readonly stack: string; readonly service: CartService }>();
  const jobs = new Map<string, string>();
  for (const { node, graph, namespace } of stacks) {
    for (const service of graph.services.values()) {
      const other = services.get(service.name);
      if (other !== undefined) {
        const allowed = `a name that no other stack provides; "${other.stack}" does`;
        problems.push({
          property: `${node.id}: ${service.at}.name`,
          given: service.name,
          allowed,
          fix: "rename one of the two",
        });
      }
      services.set(service.name, { stack: node.id, service });
    }
    for (const { at, jobs: own } of graph.carts) {
      for (const { id } of own) {
        const key = `${namespace}/${id}`;
        const other = jobs.get(key);
        if (other !== undefined) {
          const allowed = `an id that no other job of the namespace has; it is one of stack "${other}"`;
          problems.push({ property: `${node.id}: ${at}.jobs`, given: id, allowed, fix: "rename the job" });
        }
        jobs.set(key, node.id);
      }
    }
  }
  for (const { node, graph } of stacks) {
    for (const call of graph.carts.flatMap(({ calls }) => calls)) {
      const found = call.external ? services.get(call.to) : undefined;
      if (found === undefined || found.stack === node.id) continue;
      const callers = found.service.allows.map((caller) => (typeof caller === "string" ? caller : caller.service));
      if (found.service.mesh && callers.includes(call.from)) continue;
      const fix = `add "${call.from}" to allows of ${call.to} in stack "${found.stack}"`;
      const allowed =
        callers.length === 0 ? `nobody, by ${found.service.cart}` : `${callers.join(", ")}, by ${found.service.cart}`;
      problems.push({ property: `${node.id}: ${call.at}.service`, given: call.from, allowed, fix });
    }
  }
  return problems;
}
