import { type Bounds, Deadline } from "../bounds";
import { OperateError } from "../errors";
import { demandCloud, type Living } from "../living";
import { onMachine, serversOf } from "../on-machines";
import { followDocument, onEach, whole } from "./follow";

export interface RotateGossipResult {
  readonly environment: string;
  readonly product: "consul" | "nomad";
  /** Ids of the servers that have the new key in their files too. */
  readonly machines: readonly string[];
}

/**
 * Gives a product's agents a new gossip key and takes all older ones away, and lets every server keep the new one for a beginning
 * without data. Run again after a failure, it makes one more key.
 *
 * @param bounds `timeout` is `"1h"` if it is not given.
 * @throws OperateError of kind `refused` while servers come or go: one that is down now would not join afterwards
 */
export async function rotateGossip(
  living: Living,
  product: "consul" | "nomad",
  bounds: Bounds = {},
): Promise<RotateGossipResult> {
  const deadline = new Deadline(bounds, "1h");
  const machines = await serversOf(living, product, deadline.signal);
  await whole(living, deadline);
  const [first, ...others] = machines;
  if (first === undefined) throw new OperateError("failed", `no server of ${product} runs`, "caravan status");
  deadline.report(`a new gossip key of ${product}, from ${first.id}`);
  await onMachine(demandCloud(living), first, `caravan-node rotate gossip ${product}`, {
    timeout: "10m",
    signal: deadline.signal,
  });
  await onEach(living, [first, ...others], "the new key in the files", followDocument, deadline);
  return { environment: living.environment, product, machines: machines.map(({ id }) => id) };
}
