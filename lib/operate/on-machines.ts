import type { Product } from "../node/products";
import type { Cloud, Machine, MachineOutput } from "./cloud";
import { OperateError } from "./errors";
import { demandCloud, type Living } from "./living";

/** A product's servers that run, by the group that runs it. @throws OperateError if none does, or one comes or goes */
export async function serversOf(living: Living, product: Product, signal: AbortSignal): Promise<readonly Machine[]> {
  const group = Object.keys(living.groups).find((name) => living.groups[name]?.includes(product));
  if (group === undefined) {
    const all = [...new Set(Object.values(living.groups).flat())].join(", ");
    throw new OperateError("failed", `${living.environment} has no ${product}`, `name one of its products: ${all}`);
  }
  const { machines, wanted } = await demandCloud(living).group(group, signal);
  const moving = machines.find(({ state }) => state !== "running");
  if (moving !== undefined || machines.length !== wanted) {
    const what = moving === undefined ? `${machines.length} of ${wanted} run` : `${moving.id} is ${moving.state}`;
    throw new OperateError(
      "refused",
      `the servers of group ${group} are not all there and at rest: ${what}`,
      `wait until they are, or finish the roll that was begun: caravan roll ${group}`,
    );
  }
  return machines;
}

/** Runs a script of `caravan-node` or systemd on a machine, and takes nothing but success. */
export async function onMachine(
  cloud: Cloud,
  machine: Machine,
  script: string,
  options: { readonly timeout: string; readonly signal: AbortSignal },
): Promise<string> {
  const { exitCode, output } = await cloud.run(machine.id, script, options);
  if (exitCode === 0) return output;
  throw failed(machine, script, { exitCode, output });
}

export function failed(machine: Machine, script: string, { exitCode, output }: MachineOutput): OperateError {
  const said = output.trim().split("\n").slice(-5).join("\n");
  return new OperateError(
    "failed",
    `on ${machine.id}: "${script.split("\n")[0]}" ended with ${exitCode}:\n${said}`,
    "do what it says, then run this again: what was done is seen to be done",
  );
}
