import fc from "fast-check";
import type { GraphNode } from "../../lib/gitops/stack-graph";

/** Random graphs of up to twelve stacks: each depends on any of those made before it. */
export function graphs(): fc.Arbitrary<GraphNode[]> {
  return fc
    .uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/), { minLength: 1, maxLength: 12 })
    .chain((ids) =>
      fc.tuple(
        ...ids.map((id, index) => fc.subarray(ids.slice(0, index)).map((dependencies) => ({ id, dependencies }))),
      ),
    );
}
