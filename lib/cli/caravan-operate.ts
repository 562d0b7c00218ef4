import type { Command } from "commander";
import { command } from "./command";
import type { RollCommandOptions } from "./commands/operate";
import type { TunnelCommandOptions } from "./commands/tunnel";
import type { Streams } from "./output";

/** The commands that look after a living environment. */
export function operateCommands(program: Command, streams: Streams): void {
  command(program, streams, "wait", "wait until Vault, Consul and Nomad do their work", {
    run: async (settings) => (await import("./commands/operate.js")).wait(settings),
  });
  command<{ applies?: boolean }>(program, streams, "status", "show how the environment is, and its last applies", {
    options: (it) =>
      it.option("--applies", "only the last apply of each stack, which needs no network to the environment"),
    run: async (settings, _, options) => (await import("./commands/operate.js")).status(settings, options),
  });
  command<RollCommandOptions>(program, streams, "roll", "replace servers whose recipe changed, one by one", {
    options: (it) =>
      it
        .option("--group <name...>", "only these server groups")
        .option("--replace <machine...>", "also these machines, such as one that is ill")
        .option("--dry-run", "only show what would be replaced")
        .option("--outage", "roll a group of one server too, which does no work until the next one has its data")
        .option("--patience <time>", "how long a server may take to join, or a product to be well again (20m)"),
    run: async (settings, _, options) => (await import("./commands/operate.js")).roll(settings, options),
  });
  command<{ snapshot?: string; confirm?: string }>(
    program,
    streams,
    "restore <product>",
    "make a snapshot of vault, consul or nomad the truth again",
    {
      options: (it) =>
        it
          .option("--snapshot <key>", "key of the snapshot in the cluster's bucket (the latest)")
          .option("--confirm <environment>", "the environment's name, typed by whoever means it"),
      run: async (settings, args, options) => (await import("./commands/operate.js")).restore(settings, args, options),
    },
  );
  command<{ continueOnly?: boolean }>(
    program,
    streams,
    "rotate <what> [name]",
    "rotate the node CA, a gossip key or a token: ca, gossip consul, token consul-agent",
    {
      options: (it) => it.option("--continue-only", "go on with the CA's rotation, begin none"),
      run: async (settings, args, options) => (await import("./commands/operate.js")).rotate(settings, args, options),
    },
  );
  command(program, streams, "retire-bootstrap", "destroy the bootstrap tokens of Consul and Nomad", {
    run: async (settings) => (await import("./commands/operate.js")).retireBootstrap(settings),
  });
  command<{ pipeline?: boolean }>(
    program,
    streams,
    "env",
    'print the variables to act as who you are: eval "$(caravan env)"',
    {
      options: (it) => it.option("--pipeline", "set them for the pipeline's next steps instead, secrets masked"),
      run: async (settings, _, options) => (await import("./commands/env.js")).env(settings, options),
    },
  );
  command<TunnelCommandOptions>(
    program,
    streams,
    "tunnel [command...]",
    "reach internal addresses through the cloud's own sessions, until interrupted or as long as a command runs",
    {
      options: (it) =>
        it
          .option("--product <product...>", "only to these: vault, consul, nomad")
          .option("--local-port <product=port...>", "port on this machine (the product's own where it is free)")
          .option("--machine <id>", "the machine that carries it (a worker, or else a server)")
          .addHelpText("after", TUNNEL_HELP),
      run: async (settings, args, options) => (await import("./commands/tunnel.js")).tunnel(settings, args, options),
    },
  );
}

const TUNNEL_HELP = `
Examples:
  caravan tunnel -e prod                       until Ctrl-C; other commands of caravan go through it
  caravan tunnel -e prod -- vault status       as long as the command runs, which has the variables of caravan env
  caravan tunnel -e prod -- bash

Needs AWS's program session-manager-plugin, and somebody who may start sessions (docs/caravan.md).
`;
