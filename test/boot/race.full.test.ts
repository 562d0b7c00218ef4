import { test } from "vitest";
import { testScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import { hostNeeds, productNeeds } from "./needs";
import { race } from "./race";

const TIMES = Number(process.env["CARAVAN_RACES"] ?? 100);

describeWith("three servers that race to initialise Vault", { ...hostNeeds, ...productNeeds }, (programs) => {
  test(`${TIMES} times: one does`, { timeout: 5_400_000 }, async () => {
    const { contended, refused, seconds } = await race(testScope(), programs, TIMES);
    console.log(`${TIMES} races, ${contended} contended, ${refused} refusals: ${seconds.toFixed(0)} s`);
  });
});
