import fc from "fast-check";
import { block, flag, free, labelled, oneOrMore, seconds, text } from "./values";

const comparing = block(
  {
    attribute: fc.constantFrom("${node.class}", "${attr.kernel.name}", "${meta.rack}"),
    operator: fc.constantFrom("=" as const, "!=" as const, ">" as const, "set_contains" as const),
    value: text,
  },
  ["attribute", "value"],
);

export const constraint = oneOrMore(
  fc.oneof(
    comparing,
    fc.constant({ operator: "distinct_hosts" as const, value: "true" }),
    fc.constant({ attribute: "${meta.rack}", operator: "is_set" as const }),
    fc.constant({ attribute: "${attr.nomad.version}", operator: "semver" as const, value: ">= 1.8.0, < 3" }),
    fc.constant({ attribute: "${node.unique.name}", operator: "regexp" as const, value: "^web-\\d+$" }),
    fc.constant({ attribute: "${meta.rack}", operator: "distinct_property" as const, value: "2" }),
  ),
);

export const taskConstraint = oneOrMore(comparing);

const weight = fc.integer({ min: 1, max: 100 });
export const affinity = oneOrMore(
  fc.tuple(comparing, weight, flag).map(([parts, value, away]) => ({ ...parts, weight: away ? -value : value })),
);

export const spread = oneOrMore(
  block(
    {
      attribute: fc.constantFrom("${node.datacenter}", "${meta.rack}"),
      weight,
      target: labelled(fc.integer({ min: 0, max: 50 }).map((percent) => ({ percent }))),
    },
    ["attribute"],
  ),
);

export const restart = block({
  attempts: fc.integer({ min: 0, max: 5 }),
  interval: seconds(600, 7200),
  delay: seconds(1, 60),
  mode: fc.constant("fail" as const),
  renderTemplates: flag,
});

export const reschedule = fc.oneof(
  fc.record({
    attempts: fc.integer({ min: 1, max: 3 }),
    interval: seconds(3600, 7200),
    delay: seconds(5, 60),
    delayFunction: fc.constantFrom("constant" as const, "exponential" as const),
    maxDelay: seconds(120, 300),
    unlimited: fc.constant(false),
  }),
  fc.record({
    delay: seconds(5, 60),
    delayFunction: fc.constantFrom("exponential" as const, "fibonacci" as const),
    maxDelay: seconds(120, 300),
    unlimited: fc.constant(true),
    attempts: fc.constant(0),
    interval: fc.constant("0s"),
  }),
);

export const update = block({
  maxParallel: fc.integer({ min: 1, max: 3 }),
  healthCheck: fc.constantFrom("checks" as const, "task_states" as const, "manual" as const),
  minHealthyTime: seconds(1, 60),
  healthyDeadline: seconds(120, 300),
  progressDeadline: seconds(301, 900),
  autoRevert: flag,
  stagger: seconds(1, 60),
  canary: fc.integer({ min: 1, max: 2 }),
  autoPromote: flag,
}).map((parts) => (parts.autoPromote ? { ...parts, canary: parts.canary ?? 1 } : parts));

export const migrate = block({
  maxParallel: fc.integer({ min: 1, max: 3 }),
  healthCheck: fc.constantFrom("checks" as const, "task_states" as const),
  minHealthyTime: seconds(1, 60),
  healthyDeadline: seconds(120, 300),
});

export const disconnect = fc.oneof(
  block({
    lostAfter: seconds(1, 3600),
    replace: flag,
    reconcile: fc.constantFrom("best_score" as const, "longest_running" as const, "keep_original" as const),
  }),
  fc.record({ stopOnClientAfter: seconds(1, 3600) }),
);

export const scaling = fc.record({
  min: fc.constant(1),
  max: fc.integer({ min: 5, max: 9 }),
  enabled: flag,
  type: fc.constant("horizontal" as const),
  policy: free,
});

export const ephemeralDisk = block({ size: fc.integer({ min: 2001, max: 4000 }), sticky: flag, migrate: flag });
