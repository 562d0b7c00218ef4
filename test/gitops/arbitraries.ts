import fc from "fast-check";
import { type CaravanConfig, checkConfig, type EnvironmentConfig } from "../../lib/gitops/config";
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

const runner = fc.constantFrom<string | string[]>("inside", ["self-hosted", "inside"], ["self-hosted"]);

function environments(name: string, more: EnvironmentConfig): fc.Arbitrary<EnvironmentConfig> {
  const roles = { region: "eu-west-1", plannerRoleArn: `${name}:planner`, deployerRoleArn: `${name}:deployer` };
  return fc
    .record(
      {
        runner,
        gates: fc.boolean(),
        deferred: fc.constantFrom("ask" as const, "apply" as const),
        destroy: fc.boolean(),
        manual: fc.subarray(["support", "carts"]).map((above) => ["state", ...above].map((id) => `${name}-${id}`)),
        aws: fc.constant(roles),
      },
      { requiredKeys: ["runner"] },
    )
    .map((each) => ({ ...each, ...more }));
}

/** Options of a repository with the environments `dev` and `prod`, of any of which there may be none. */
export const configs: fc.Arbitrary<CaravanConfig> = fc
  .record(
    {
      environments: fc.oneof(
        fc.record({ dev: environments("dev", {}), prod: environments("prod", {}) }),
        fc.record({ dev: environments("dev", {}), prod: environments("prod", { promoteFrom: "dev" }) }),
      ),
      program: fc.constantFrom("terraform" as const, "tofu" as const),
      programVersion: fc.constant("1.12.1"),
      nodeVersion: fc.constantFrom("20", "22.1.0", "lts/jod"),
      hostedRunner: fc.constantFrom<string | string[]>("ubuntu-24.04", ["self-hosted", "outside"]),
      branch: fc.constantFrom("trunk", "release/1.x"),
      build: fc.constantFrom("npm run build", 'npx tsc && echo "${HOME}: built"'),
      driftSchedule: fc.constantFrom("0 4 * * 1-5", "*/30 * * * *"),
      checks: fc.constant([{ name: "conftest", run: 'conftest test "$CARAVAN_PLANS"/*.json' }]),
      cost: fc.constant({ name: "infracost", run: "infracost breakdown --path $CARAVAN_PLANS" }),
      jobMinutes: fc.integer({ min: 5, max: 360 }),
      allowDestroy: fc.constant([
        { stack: "dev-carts", address: "vault_mount.a", reason: "moved", until: "2030-01-01" },
      ]),
    },
    { requiredKeys: ["environments"] },
  )
  .map((given) => checkConfig(given));
