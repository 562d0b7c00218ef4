import type { Command } from "commander";
import { command } from "./command";
import type { InitOptions } from "./commands/init";
import type { Streams } from "./output";

/** The commands around an app and its pipelines. */
export function gitopsCommands(program: Command, streams: Streams): void {
  command<InitOptions>(
    program,
    streams,
    "init <cloud>",
    "write the files of an app that are not there yet: aws, azure, gcp, existing",
    {
      options: (it) =>
        it
          .option("--name <environment>", "name of the first environment", "prod")
          .option("--account <id>", "the account on AWS, the subscription on Azure, the project on Google Cloud")
          .option("--tenant <id>", "azure: the tenant")
          .option("--region <region>", "of a cloud: the region")
          .option("--repository <owner/repository>", "of a cloud: the repository on GitHub")
          .option("--image <image>", "of a cloud: machine image that nodes start from")
          .option("--vault <address>", "existing: where Vault answers (without any, development mode on this machine)")
          .option("--consul <address>", "existing: where Consul answers")
          .option("--nomad <address>", "existing: where Nomad answers"),
      run: async (settings, args, options) => (await import("./commands/init.js")).init(settings, args, options),
    },
  );
  command(program, streams, "doctor", "look whether everything is there: programs, credentials, state, cluster", {
    run: async (settings) => (await import("./commands/doctor.js")).doctor(settings),
  });
  command(program, streams, "promote <from> <to>", "propose for one environment what another has (in a pipeline)", {
    run: async (settings, args) => (await import("./commands/promote.js")).promote(settings, args),
  });
  const gitops = program
    .command("gitops")
    .description("write the pipelines that plan pull requests and apply merges")
    .showHelpAfterError('Run "caravan help gitops".');
  command(gitops, streams, "init", "write the workflows from caravan.json and the synthesized stacks", {
    run: async (settings) => (await import("./commands/gitops.js")).init(settings),
  });
  command(gitops, streams, "check", "fail if the committed workflows or provider locks are out of date", {
    run: async (settings) => (await import("./commands/gitops.js")).check(settings),
  });
}
