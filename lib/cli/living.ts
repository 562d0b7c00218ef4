import { CaravanError } from "../core/errors";
import { environmentOf } from "../gitops/stacks";
import { type Bounds, connect, type Living, type TerraformOutputs } from "../operate";
import type { Settings } from "./settings";

/** The output by which an infrastructure stack is known. */
const CONTRACT = "infrastructure_contract";

/** The outputs of the environment's infrastructure, as its state has them. */
export async function infrastructureOutputs(settings: Settings): Promise<TerraformOutputs> {
  const environment = settings.environmentName();
  const workspace = settings.workspace();
  const names = [...new Set([environment, ...Object.keys(settings.config?.environments ?? {})])];
  const stack = workspace.stacks.order.find(
    ({ id, terraform }) => terraform.output?.[CONTRACT] !== undefined && environmentOf(id, names) === environment,
  );
  if (stack === undefined) {
    throw new CaravanError(
      `No stack of ${environment} makes an infrastructure. Synthesize the app that has it, or give --output that synth's directory.`,
    );
  }
  const state = await workspace.state(stack);
  if (state !== undefined) return state.outputs;
  throw new CaravanError(
    `${stack.id} was never applied, so there is nothing to operate. Run: caravan apply ${stack.id}`,
  );
}

/** Connects to the environment, lets something happen to it, and gives back what was lent. */
export async function withLiving<T>(settings: Settings, use: (living: Living) => Promise<T>): Promise<T> {
  const living = await connect(await infrastructureOutputs(settings));
  try {
    return await use(living);
  } finally {
    await living.sessions.close();
  }
}

/** What every operation is given: a bound, and a line for each step. */
export function boundsOf(settings: Settings): Bounds {
  return {
    timeout: settings.options.timeout,
    report: (line) => settings.output.note(line),
  };
}
