import { expect, test } from "vitest";
import { runChecks } from "../../lib/cli/checks";
import { Output } from "../../lib/cli/output";
import { Settings } from "../../lib/cli/settings";
import { testScope } from "../support/temporary";

function settings() {
  const nowhere = { write: () => {} };
  const output = new Output({ out: nowhere, err: nowhere }, { json: false, verbose: false });
  return new Settings({ lockTimeout: "1m" }, output, testScope().directory("checks"));
}

test("P5: a repository's own check sees the plans, and fails with what it printed", async () => {
  const found = await runChecks(
    [
      { name: "good", run: 'test "$CARAVAN_PLANS" = /plans' },
      { name: "bad", run: "echo no public bucket; exit 3" },
    ],
    "/plans",
    settings(),
  );
  expect(found).toEqual(["bad: no public bucket"]);
});

test("P6: what a plan costs is told, and fails nothing", async () => {
  expect(await runChecks([{ name: "cost", run: "echo 12 USD" }], "/plans", settings(), { told: true })).toEqual([
    "cost: 12 USD",
  ]);
});
