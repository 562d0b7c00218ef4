import { test } from "vitest";
import { testScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import { crashAt } from "./crash";
import { hostNeeds, productNeeds } from "./needs";
import { steps } from "./stop-at";

describeWith("three servers, one of which crashes in first boot", { ...hostNeeds, ...productNeeds }, (programs) => {
  test.each(steps.map((step) => [step.name, step] as const))("%s: it starts again", async (name, step) => {
    const seconds = await crashAt(testScope(), programs, step, "restarted");
    console.log(`${name}: started again, whole after ${seconds.toFixed(0)} s`);
  });

  test.each(steps.map((step) => [step.name, step] as const))("%s: it is gone for good", async (name, step) => {
    const seconds = await crashAt(testScope(), programs, step, "gone");
    console.log(`${name}: gone, whole with another after ${seconds.toFixed(0)} s`);
  });
});
