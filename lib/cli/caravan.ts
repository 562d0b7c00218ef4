import { Command } from "commander";
import { gitopsCommands } from "./caravan-gitops";
import { operateCommands } from "./caravan-operate";
import { command } from "./command";
import type { Streams } from "./output";
import { packageVersion } from "./version";

/** The command `caravan`. What a subcommand needs is loaded when it runs, so that help is quick. */
export function caravan(streams: Streams): Command {
  const program = new Command("caravan")
    .description("Plans, applies and looks after environments of Vault, Consul and Nomad. Git is the only truth.")
    .version(packageVersion())
    .configureOutput({ writeOut: (text) => streams.out.write(text), writeErr: (text) => streams.err.write(text) })
    .exitOverride()
    .showHelpAfterError('Run "caravan help" for all commands, "caravan help <command>" for one.')
    .addHelpText("after", NEXT);
  const stacks = "[stack...]";

  command(program, streams, "synth", "run the app of cdktf.json, without anybody's credentials", {
    run: async (settings) => (await import("./commands/stacks.js")).synth(settings),
  });
  command(program, streams, `validate ${stacks}`, "let Terraform check every stack, without state or credentials", {
    run: async (settings, only) => (await import("./commands/stacks.js")).validate(settings, only),
  });
  command(program, streams, "graph", "show the stacks in the order in which they are applied", {
    run: async (settings) => (await import("./commands/stacks.js")).graph(settings),
  });
  command(program, streams, "policy", "show what the policy said of each stack", {
    run: async (settings) => (await import("./commands/stacks.js")).policy(settings),
  });
  command<{ platform: string[]; mirror?: string }>(
    program,
    streams,
    `lock ${stacks}`,
    "write the checksums of each stack's providers, to be committed",
    {
      options: (it) =>
        it
          .option("--platform <platform...>", "where Terraform runs", ["linux_amd64", "linux_arm64", "darwin_arm64"])
          .option("--mirror <place>", "directory or https address of a mirror, in place of the registries"),
      run: async (settings, only, options) => (await import("./commands/stacks.js")).lock(settings, only, options),
    },
  );
  command<{ store?: string | boolean; comment?: boolean; all?: boolean; plansDirectory?: string }>(
    program,
    streams,
    `plan ${stacks}`,
    "show what an apply would do, stack after stack; changes nothing",
    {
      options: (it) =>
        it
          .option("--store [commit]", "keep each plan beside the state, as shown for this commit (the present one)")
          .option("--comment", "write the pull request's comment, or edit it")
          .option("--all", "plan also stacks of which nothing has changed since their last apply")
          .option("--plans-directory <directory>", "write each plan as Terraform's JSON; it holds secrets"),
      run: async (settings, only, options) => (await import("./commands/plan.js")).plan(settings, only, options),
    },
  );
  command<{ plan?: string; merged?: string; approve?: string[]; applyDeferred?: boolean }>(
    program,
    streams,
    `apply ${stacks}`,
    "plan anew, compare with the plan that was shown, and apply it where both mean the same",
    {
      options: (it) =>
        it
          .option("--plan <commit>", "the commit for which the plan was shown: caravan plan --store")
          .option("--merged <commit>", "the commit that a pull request became, whose plan was shown there")
          .option("--approve <stack=digest...>", "apply exactly this plan, which an apply showed when it stopped")
          .option("--apply-deferred", "apply a stack whose plan could not be shown before what is below it was there"),
      run: async (settings, only, options) => (await import("./commands/apply.js")).apply(settings, only, options),
    },
  );
  command<{ issues?: boolean; lastApplied?: boolean }>(
    program,
    streams,
    `drift ${stacks}`,
    "look whether what is there is still what was applied, Nomad jobs included; exit code 2 if not",
    {
      options: (it) =>
        it
          .option("--issues", "open an issue for each stack with drift, close those of others")
          .option("--last-applied", "only print the commit that was applied last, the one to look at"),
      run: async (settings, only, options) => (await import("./commands/drift.js")).drift(settings, only, options),
    },
  );
  command<{ confirm?: string }>(program, streams, `destroy ${stacks}`, "destroy an environment, its top layer first", {
    options: (it) => it.option("--confirm <environment>", "the environment's name, typed by whoever means it"),
    run: async (settings, only, options) => (await import("./commands/apply.js")).destroy(settings, only, options),
  });
  operateCommands(program, streams);
  gitopsCommands(program, streams);
  return program;
}

const NEXT = `
Begin:      caravan init, then caravan synth, caravan plan
Pipelines:  caravan gitops init, then commit what it wrote
Trouble:    caravan doctor

Exit codes: 0 good, 1 failed, 2 drift, 3 an apply stopped and waits for somebody's word.
`;
