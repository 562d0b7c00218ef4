import { expect, test } from "vitest";
import { meaningOf } from "../../../lib/gitops/plan/meaning";
import { stateOf } from "../../../lib/gitops/plan/stack-plan";
import { statefulDestroys } from "../../../lib/gitops/plan/stateful";

const gone = (address: string, actions: ("delete" | "create")[] = ["delete"]) => ({
  address,
  type: "t",
  change: { actions, before: { id: "1" }, after: null },
});

function plan(...addresses: ReturnType<typeof gone>[]) {
  const meaning = meaningOf({ resource_changes: addresses }, "key");
  return [{ stack: "prod-a", state: stateOf(meaning, []), meaning }];
}

test("P5: a plan that destroys what keeps data is a finding, also as a replacement and within a module", () => {
  const found = statefulDestroys(
    plan(
      gone("aws_s3_bucket.data"),
      gone('module.a["x.y"].aws_kms_key.main[0]', ["delete", "create"]),
      gone("aws_security_group.open"),
    ),
    [],
    "2026-06-01",
  );
  expect(found.map((text) => text.split(" loses")[0])).toEqual([
    "prod-a: delete aws_s3_bucket.data",
    'prod-a: replace module.a["x.y"].aws_kms_key.main[0]',
  ]);
});

test("P5: an allowance in Git holds for one address of one stack, and until its last day", () => {
  const waiver = { stack: "prod-a", address: "aws_s3_bucket.data", reason: "moved", until: "2026-06-01" };
  const plans = plan(gone("aws_s3_bucket.data"));
  expect(statefulDestroys(plans, [waiver], "2026-06-01")).toEqual([]);
  expect(statefulDestroys(plans, [waiver], "2026-06-02")[0]).toContain("its allowance ended on 2026-06-01");
  expect(statefulDestroys(plans, [{ ...waiver, stack: "prod-b" }], "2026-06-01")).toHaveLength(1);
});
