import { expect, test } from "vitest";
import { testScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import { chosen, crashAt, crashAtEach } from "./crash";
import { hostNeeds, productNeeds } from "./needs";
import { beforeRevocation, steps } from "./stop-at";

// A sample, but for one step chosen anew in each run; CARAVAN_SEED repeats one. All steps: crash.full.test.ts.
const seed = Number(process.env["CARAVAN_SEED"] ?? Date.now() % 1_000_000);
const vaults = steps.filter(({ name }) => name.startsWith("vault:"));

describeWith("a crash in first boot", { ...hostNeeds, ...productNeeds }, (programs) => {
  test(`of a server that is alone, at five of ${steps.length} steps: it is whole afterwards, and no root token is left`, async () => {
    const others = steps.filter((step) => step !== beforeRevocation);
    const five = [beforeRevocation, ...chosen(others, 4, seed)];
    console.log(`seed ${seed}: ${five.map(({ name }) => name).join("; ")}`);
    const seconds = await crashAtEach(testScope(), programs, five);
    console.log(`five power cuts and a birth: ${seconds.toFixed(0)} s`);
  });

  test("of the server that initialises Vault, which is gone for good: another takes over", async () => {
    const [step] = chosen(vaults, 1, seed);
    console.log(`seed ${seed}: ${step?.name}`);
    expect(step).toBeDefined();
    if (step === undefined) return;
    const seconds = await crashAt(testScope(), programs, step, "gone");
    console.log(`whole with another server after ${seconds.toFixed(0)} s`);
  });
});
