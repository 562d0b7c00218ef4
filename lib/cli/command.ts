import type { Command } from "commander";
import { answers } from "./answers";
import { Output, type Streams } from "./output";
import { type GlobalOptions, Settings } from "./settings";

export interface CommandParts<T> {
  /** Adds the command's own options. */
  readonly options?: (command: Command) => Command;
  readonly run: (settings: Settings, args: readonly string[], options: T) => Promise<void>;
}

/** The command's words after the program's name: `"gitops init"`. */
export function pathOf(it: Command): string {
  const { parent } = it;
  return parent?.parent ? `${pathOf(parent)} ${it.name()}` : it.name();
}

/** Adds a command with the options that all take. */
export function command<T = unknown>(
  parent: Command,
  streams: Streams,
  usage: string,
  description: string,
  { options = (it) => it, run }: CommandParts<T>,
): Command {
  const it: Command = options(parent.command(usage).description(description))
    .option("-e, --environment <name>", "only the stacks with this environment's name in their id")
    .option("--json", "print the result as JSON")
    .option("--verbose", "print all that Terraform prints")
    .option("--app <command>", "the app's command (cdktf.json)")
    .option("--output <directory>", "directory of the synth (cdktf.json, or cdktf.out)")
    .option("--program <program>", "terraform or tofu (caravan.json, or terraform)")
    .option("--timeout <time>", "how long one step may take (60m; operations have their own)")
    .option("--lock-timeout <time>", "how long to wait for the lock of a state", "10m")
    .addHelpText("after", () => `\nWith --json: ${answers[pathOf(it)]}`);
  return it.action(async (...given: unknown[]) => {
    const opts = it.opts<GlobalOptions & T & { json?: boolean; verbose?: boolean }>();
    const args = given
      .slice(0, -2)
      .flat()
      .filter((each) => typeof each === "string");
    const output = new Output(streams, { json: opts.json ?? false, verbose: opts.verbose ?? false });
    try {
      await run(new Settings(opts, output, streams.directory ?? process.cwd()), args, opts);
    } catch (error) {
      output.failure(error);
      throw error;
    }
  });
}
