import { CommanderError } from "commander";
import { CaravanError } from "../core/errors";
import { caravan } from "./caravan";
import { Exit, exitCodes } from "./exit";
import type { Streams } from "./output";

/**
 * Runs the command `caravan`.
 *
 * @param args What stands behind the command's name.
 * @returns the exit code
 */
export async function main(args: readonly string[], streams: Streams): Promise<number> {
  try {
    await caravan(streams).parseAsync(["node", "caravan", ...args]);
    return exitCodes.good;
  } catch (error) {
    if (error instanceof Exit) return error.code;
    if (error instanceof CommanderError) {
      // Wrong words were never a command's own failure, and are told as one all the same.
      const { message } = error;
      if (error.exitCode !== 0 && args.includes("--json")) {
        streams.out.write(`${JSON.stringify({ error: { message } }, null, 2)}\n`);
      }
      return error.exitCode;
    }
    streams.err.write(`${CaravanError.isCaravanError(error) ? error.message : defect(error)}\n`);
    return exitCodes.failed;
  }
}

function defect(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${text}\nThis should not happen: please report it, with the command that you ran.`;
}
