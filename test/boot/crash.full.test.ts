import { test } from "vitest";
import { testScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import { crashAt, crashAtEach, crashWhileJoining } from "./crash";
import { hostNeeds, productNeeds } from "./needs";
import { steps } from "./stop-at";

describeWith("a server that crashes in first boot, of three", { ...hostNeeds, ...productNeeds }, (programs) => {
  test(`alone, at each of ${steps.length} steps of one birth, one after the other`, {
    timeout: 3_600_000,
  }, async () => {
    const seconds = await crashAtEach(testScope(), programs, steps);
    console.log(`${steps.length} power cuts and a birth: ${seconds.toFixed(0)} s`);
  });

  test("while its Vault joins another: it joins anew", async () => {
    const seconds = await crashWhileJoining(testScope(), programs);
    console.log(`ended while it joined: whole after ${seconds.toFixed(0)} s`);
  });

  test.each(steps.map((step) => [step.name, step] as const))("%s: it starts again", async (name, step) => {
    const seconds = await crashAt(testScope(), programs, step, "restarted");
    console.log(`${name}: started again, whole after ${seconds.toFixed(0)} s`);
  });

  test.each(steps.map((step) => [step.name, step] as const))("%s: it is gone for good", async (name, step) => {
    const seconds = await crashAt(testScope(), programs, step, "gone");
    console.log(`${name}: gone, whole with another after ${seconds.toFixed(0)} s`);
  });
});
