import type { Product } from "../../node/products";
import { type Deadline, waitUntil } from "../bounds";
import type { Machine } from "../cloud";
import { judge } from "../judge";
import { demandCloud, type Living } from "../living";
import { observe } from "../observe";
import { onMachine } from "../on-machines";

const STEP = "15m";

/**
 * Runs a script on machines, one after the other. Between two of them the environment must be whole again: a server that does not
 * come back is not followed by another.
 */
export async function onEach(
  living: Living,
  machines: readonly Machine[],
  what: string,
  script: string,
  deadline: Deadline,
): Promise<void> {
  const cloud = demandCloud(living);
  for (const machine of machines) {
    deadline.report(`${what} on ${machine.id}`);
    await onMachine(cloud, machine, script, { timeout: STEP, signal: deadline.signal });
    await whole(living, deadline);
  }
}

/** Waits until every product works and all its servers are healthy. */
export async function whole(living: Living, deadline: Deadline): Promise<void> {
  await waitUntil(
    deadline,
    async (signal) => {
      const amiss = judge(await observe(living, signal)).filter(({ severity }) => severity !== "warning");
      if (amiss.length === 0) return { done: undefined };
      return { waitingFor: amiss.map(({ about, what }) => `${about}: ${what}`).join("; ") };
    },
    { fix: "caravan status says what to do about each; then run this again, it goes on where it stopped" },
  );
}

/** First boot goes through its steps again and writes what has changed. */
export const followDocument = "systemctl restart caravan-first-boot";

/** What reads a new CA or certificate on a machine that runs these. */
export function reload(products: readonly Product[]): string {
  return `systemctl reload ${products.map((product) => `${product}.service`).join(" ")}`;
}
