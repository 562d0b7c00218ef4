import { expect, test } from "vitest";
import { jobProblems } from "../../lib/nomad";
import { refusals } from "./refusals";
import { jobWith } from "./sample-jobs";

test("the job that all refusals start from is right", () => {
  expect(jobProblems(jobWith())).toEqual([]);
});

test.each(refusals)("refuses $title", ({ job, field }) => {
  const problems = jobProblems(job);
  expect(problems.map((problem) => problem.field)).toContain(field);
  // One mistake is one problem, but for those that are two: CSI modes, say.
  expect(problems.length).toBeLessThan(3);
});
