import { setTimeout as pause } from "node:timers/promises";
import { parseDuration } from "../../core/values";
import type { MachineOutput } from "../cloud";
import { OperateError } from "../errors";
import type { RestApi } from "../rest";
import { MANAGEMENT } from "./scale-set";

interface Told {
  readonly status?: string;
  readonly error?: { readonly message?: string };
  readonly properties?: { readonly output?: Output };
}

interface Output {
  readonly value?: readonly { readonly message?: string }[];
}

/** Azure tells no exit code, and the last 4 KB of what was said: the code is said last. */
const EXIT = "caravan-exit-code";

/**
 * Runs a script by the machine's agent, as root: https://learn.microsoft.com/en-us/azure/virtual-machines/linux/run-command
 *
 * @param machine Resource id
 */
export async function runCommand(
  api: RestApi,
  machine: string,
  script: string,
  { timeout, signal }: { readonly timeout: string; readonly signal: AbortSignal },
): Promise<MachineOutput> {
  const url = `${MANAGEMENT}${machine.replace(/^\//, "")}/runCommand?api-version=2024-07-01`;
  // In a shell of its own, so that an exit in it ends only that.
  const lines = ["(", ...script.split("\n"), ")", `echo "${EXIT} $?"`];
  const call = `run a command on ${machine.replace(/^.*\/virtualMachineScaleSets\//, "")}`;
  const began = await api.send(
    { call, url, audience: MANAGEMENT, method: "POST", body: { commandId: "RunShellScript", script: lines } },
    signal,
  );
  const operation = began.headers["azure-asyncoperation"];
  const end = Date.now() + parseDuration(timeout, "ms") + 150_000;
  while (typeof operation === "string") {
    const told = await api.json<Told>({ call, url: operation, audience: MANAGEMENT }, signal);
    if (told.status === "Succeeded") return outputOf(told.properties?.output);
    if (told.status === "Failed" || told.status === "Canceled") {
      throw new OperateError(
        "failed",
        `${machine} was not told: ${told.error?.message ?? told.status}`,
        "see that the machine runs and that its agent reaches the network, then run this again",
      );
    }
    if (Date.now() > end || signal.aborted) {
      throw new OperateError(
        "timeout",
        `${machine} has not finished what it was told within ${timeout}`,
        "look at its serial console; Azure ends a command after 90 minutes by itself",
      );
    }
    await pause(2_000);
  }
  return outputOf(JSON.parse(began.body.toString()) as Output);
}

function outputOf(output: Output | undefined): MachineOutput {
  const message = output?.value?.map((part) => part.message ?? "").join("\n") ?? "";
  const said = /\[stdout\]\n([\s\S]*?)\n?\[stderr\]\n?([\s\S]*)$/.exec(message);
  const [text, errors] = said === null ? [message, ""] : [said[1] ?? "", said[2] ?? ""];
  const found = new RegExp(`^([\\s\\S]*?)\\n?${EXIT} (\\d+)\\s*$`).exec(text);
  if (found === null) {
    throw new OperateError("failed", `the command did not come to its end: ${message.slice(-300)}`, "run this again");
  }
  return { exitCode: Number(found[2]), output: `${found[1]}${errors}` };
}
