import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commentMark, planComment } from "../../../lib/gitops/plan/comment";
import { meaningOf } from "../../../lib/gitops/plan/meaning";
import { type StackPlan, stateOf } from "../../../lib/gitops/plan/stack-plan";
import type { ResourceChange } from "../../../lib/gitops/plan/terraform-plan";
import { plans } from "./arbitraries";

const about = {
  environment: "prod",
  commit: "0123456789abcdef0123456789abcdef01234567",
  runUrl: "https://example.com/1",
};

function stackPlan(stack: string, changes: readonly ResourceChange[], upstream: readonly string[] = []): StackPlan {
  const meaning = meaningOf({ resource_changes: changes }, "key");
  return { stack, state: stateOf(meaning, upstream), meaning, upstream };
}

const create = (address: string, after: object = {}): ResourceChange => ({
  address,
  type: "t",
  change: { actions: ["create"], before: null, after },
});
const remove = (address: string): ResourceChange => ({
  address,
  type: "t",
  change: { actions: ["delete"], before: { id: "1" }, after: null },
});

describe("the comment of a pull request", () => {
  test("tells each stack's state, destroys first, the rest folded", () => {
    const text = planComment({
      ...about,
      plans: [
        stackPlan("prod-infrastructure", [
          create("aws_vpc.new", { cidr: "10.0.0.0/16" }),
          remove("aws_eip.old"),
          {
            address: "aws_s3_bucket.b",
            type: "t",
            change: { actions: ["update"], before: { id: "b", days: 1 }, after: { id: "b", days: 2 } },
          },
        ]),
        stackPlan("prod-platform", [create("vault_policy.p", { name: "p" })], ["prod-infrastructure"]),
        { stack: "prod-support", state: "deferred", upstream: ["prod-platform"] },
        { stack: "prod-carts", state: "error", message: "Error: no provider" },
        { stack: "prod-edge", state: "no change", meaning: { changes: [] }, unaffected: true },
      ],
    });
    expect(text).toBe(`<!-- caravan:plan:prod -->
### Plan of prod: 1 of 5 stacks cannot be planned, **1 to destroy**

| stack | state | create | update | replace | delete | |
|---|---|---:|---:|---:|---:|---|
| prod-infrastructure | **destroys** | 1 | 1 | 0 | 1 |  |
| prod-platform | provisional | 1 | 0 | 0 | 0 | prod-infrastructure changes as well, so this may change with it |
| prod-support | deferred |  |  |  |  | needs prod-platform, which was never applied; it is planned and shown after that |
| prod-carts | **error** |  |  |  |  |  |
| prod-edge | no change | 0 | 0 | 0 | 0 | nothing that it is made of has changed since its last apply |

Commit \`0123456789abcdef0123456789abcdef01234567\`. The merge applies exactly this, or stops and asks. Everything: [the run](https://example.com/1).
<details open><summary>prod-infrastructure: destroys 1</summary>

\`\`\`diff
- delete aws_eip.old
\`\`\`
</details>

<details open><summary>prod-carts: error</summary>

\`\`\`
Error: no provider
\`\`\`
</details>

<details><summary>prod-infrastructure: 1 to create, 1 to update, 1 to delete</summary>

\`\`\`diff
- delete aws_eip.old
! update aws_s3_bucket.b
      days: 1 -> 2
+ create aws_vpc.new
      cidr = "10.0.0.0/16"
\`\`\`
</details>

<details><summary>prod-platform: 1 to create</summary>

\`\`\`diff
+ create vault_policy.p
      name = "p"
\`\`\`
</details>

`);
    expect(text.startsWith(commentMark("prod"))).toBe(true);
  });

  test("of 1,000 resources fits, and shows every destroy", () => {
    const long = (index: number) => `module.network["eu-central-1"].aws_route_table_association.private_${index}`;
    const changes = Array.from({ length: 1000 }, (_, index) =>
      index % 2 === 0 ? remove(long(index)) : create(long(index), { description: "x".repeat(200), tags: { a: index } }),
    );
    const text = planComment({ ...about, plans: [stackPlan("prod-infrastructure", changes)] });
    expect(text.length).toBeLessThanOrEqual(65_536);
    for (let index = 0; index < 1000; index += 2) expect(text).toContain(`- delete ${long(index)}\n`);
    expect(text).toMatch(/\d+ more lines: \[the run\]/);
  });

  test("of 1,000 destroys fits, each type said once", () => {
    const changes = Array.from({ length: 1000 }, (_, index) =>
      remove(`module.very_long_name_of_a_module.aws_cloudwatch_log_subscription_filter.kept_for_audit_${index}`),
    );
    const text = planComment({ ...about, plans: [stackPlan("prod-infrastructure", changes)] });
    expect(text.length).toBeLessThanOrEqual(65_536);
    for (let index = 0; index < 1000; index++) expect(text).toMatch(new RegExp(`kept_for_audit_${index}\\b`));
  });

  test("cannot be broken out of by what stands in a plan", () => {
    const text = planComment({
      ...about,
      plans: [stackPlan("prod-a", [create('t.x["```\n</details> @everyone"]', { text: "````\n# hello" })])],
    });
    const fence = /^(`{3,})diff$/m.exec(text)?.[1] ?? "";
    expect(fence.length).toBeGreaterThan(4);
    expect(text.split("\n").filter((line) => line === fence)).toHaveLength(1);
  });

  test("keeps within any limit", () => {
    fc.assert(
      fc.property(
        fc.array(plans(), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1500, max: 6000 }),
        (list, limit) => {
          const all = list.map((plan, index): StackPlan => {
            const meaning = meaningOf(plan, "key");
            return { stack: `s${index}`, state: stateOf(meaning, []), meaning };
          });
          expect(planComment({ ...about, plans: all, limit }).length).toBeLessThanOrEqual(limit);
        },
      ),
    );
  });
});
