import { CaravanError } from "../core/errors";
import { environmentOf } from "../gitops/stacks";
import {
  type Bounds,
  connect,
  connectPlatform,
  type Living,
  type PlatformServersStatic,
  type TerraformOutputs,
} from "../operate";
import type { Settings } from "./settings";
import { openTunnels } from "./tunnel-file";

type Env = Readonly<Record<string, string | undefined>>;

/** The outputs by which a stack is known that makes an infrastructure, or stands on servers that exist. */
const INFRASTRUCTURE = "infrastructure_contract";
const PLATFORM = "platform_contract";

/** The stacks, and that of the environment with an output which is known at synth. */
function lookFor(output: string, settings: Settings) {
  const environment = settings.environmentName();
  const workspace = settings.workspace("");
  const names = [...new Set([environment, ...Object.keys(settings.config?.environments ?? {})])];
  const stack = workspace.stacks.order.find(
    ({ id, terraform }) => terraform.output?.[output] !== undefined && environmentOf(id, names) === environment,
  );
  return { workspace, stack };
}

/** The outputs of the environment's infrastructure, as its state has them; nothing where it stands on servers that exist. */
async function infrastructureOutputs(settings: Settings): Promise<TerraformOutputs | undefined> {
  const { workspace, stack } = lookFor(INFRASTRUCTURE, settings);
  if (stack === undefined) return undefined;
  const state = await workspace.stateAlone(stack);
  if (state !== undefined) return state.outputs;
  throw new CaravanError(
    `${stack.id} was never applied, so there is nothing to operate. Run: caravan apply ${stack.id}`,
  );
}

/** Connects to the environment: by its infrastructure's outputs, through a tunnel that is open, or to servers that exist. */
export async function connectTo(settings: Settings, env: Env = process.env): Promise<Living> {
  const outputs = await infrastructureOutputs(settings);
  if (outputs !== undefined) {
    return connect(outputs, { env: { ...openTunnels(tunnelName(outputs)), ...filled(env) } });
  }
  return connectPlatform(platform(settings), { env });
}

/** Something that no other environment's outputs have. */
export function tunnelName(outputs: TerraformOutputs): string {
  const contract = outputs[INFRASTRUCTURE]?.value as
    | { readonly static: { readonly clusterBucket: string } }
    | undefined;
  return contract?.static.clusterBucket ?? "";
}

/** What a tunnel is made from. @throws CaravanError where nothing could carry one */
export async function demandInfrastructure(settings: Settings): Promise<TerraformOutputs> {
  const outputs = await infrastructureOutputs(settings);
  if (outputs !== undefined) return outputs;
  const { environment } = platform(settings);
  throw new CaravanError(
    `${environment} stands on servers that exist: no cloud is known whose sessions could carry a tunnel. Set VAULT_ADDR, ` +
      "CONSUL_HTTP_ADDR and NOMAD_ADDR to where they are reached from here.",
  );
}

/** What the synthesized platform says of servers that exist. */
function platform(settings: Settings): PlatformServersStatic {
  const { stack } = lookFor(PLATFORM, settings);
  const contract = stack?.terraform.output?.[PLATFORM]?.value as { readonly static: PlatformServersStatic } | undefined;
  if (contract !== undefined && stack?.terraform.data?.["terraform_remote_state"] === undefined) return contract.static;
  throw new CaravanError(
    `No stack of ${settings.environmentName()} makes an infrastructure. Synthesize the app that has it, or give --output that synth's directory.`,
  );
}

/** Connects to the environment, lets something happen to it, and gives back what was lent. */
export async function withLiving<T>(settings: Settings, use: (living: Living) => Promise<T>): Promise<T> {
  const living = await connectTo(settings);
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

/** An empty variable is none: it must not stand before a tunnel's. */
function filled(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
}
