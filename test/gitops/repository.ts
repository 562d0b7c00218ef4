import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CaravanConfig } from "../../lib/gitops/config";
import { type RunResult, run, type Scope } from "../support/temporary";
import { type WorkflowEvent, type WorkflowResult, WorkflowRunner } from "../support/workflow-runner";
import { ForgeServer } from "./forge-server";

/** The compiled command: `npm run build` makes it, which runs before the tests of real programs. */
export const CARAVAN = join(process.cwd(), "dist", "lib", "cli", "bin.js");

export interface RepositoryProps {
  readonly scope: Scope;
  /** `"terraform"` or `"tofu"`. */
  readonly program: "terraform" | "tofu";
  /** A backend in Terraform's JSON for a stack. */
  readonly backend: (stack: string) => unknown;
  /** Variables of every step. */
  readonly env?: Readonly<Record<string, string>>;
  readonly deferred?: "ask" | "apply";
}

/** What the three stacks are made of: each the inputs of its resources, by name. */
export type Inputs = Readonly<Record<"infrastructure" | "platform" | "carts", Readonly<Record<string, unknown>>>>;

/**
 * A repository whose app synthesizes three stacks of `terraform_data` from `inputs.json`, one on top of the other: a value is
 * the resource's input, but an object is its whole configuration. Each reads an output of the one below it.
 */
const APP = (cdktf: string, backends: Readonly<Record<string, unknown>>) => `
const { App, LocalBackend, S3Backend, TerraformOutput, TerraformStack } = require(${JSON.stringify(cdktf)});
const inputs = JSON.parse(require("node:fs").readFileSync("inputs.json", "utf8"));
const backends = ${JSON.stringify(backends)};
const app = new App();
let below;
for (const name of ["infrastructure", "platform", "carts"]) {
  const id = "dev-" + name;
  const stack = new TerraformStack(app, id);
  const { local, s3 } = backends[id];
  if (s3 === undefined) new LocalBackend(stack, local);
  else new S3Backend(stack, s3).addOverride("use_lockfile", true);
  const [[type, config]] = Object.entries(backends[below] ?? { none: {} });
  if (below !== undefined) {
    stack.addOverride("data.terraform_remote_state.below", { backend: type, config });
    stack.addDependency(app.node.findChild(below));
    stack.addOverride("resource.terraform_data.below", { input: "\${data.terraform_remote_state.below.outputs.it}" });
  }
  for (const [key, value] of Object.entries(inputs[name])) {
    stack.addOverride("resource.terraform_data." + key, typeof value === "object" ? value : { input: value });
  }
  new TerraformOutput(stack, "it", { staticId: true, value: "\${terraform_data.it.output}" });
  below = id;
}
app.synth();
`;

const ROLE = "arn:aws:iam::123456789012:role/caravan-ci/dev/caravan-dev-";

/** A repository with its pipelines, and a forge. */
export class Repository {
  private readonly runner: WorkflowRunner;

  private constructor(
    readonly directory: string,
    readonly forge: ForgeServer,
    private readonly props: RepositoryProps,
    private readonly env: Readonly<Record<string, string>>,
  ) {
    const caravan = `exec ${JSON.stringify(process.execPath)} ${JSON.stringify(CARAVAN)} "$@"\n`;
    this.runner = new WorkflowRunner({
      scope: props.scope,
      repository: directory,
      env,
      programs: {
        npm: '#!/bin/sh\n[ "$1" = ci ]\n',
        npx: `#!/bin/sh\n[ "$1 $2" = "--no caravan" ] || exit 1\nshift 2\n${caravan}`,
      },
    });
  }

  static async create(props: RepositoryProps, inputs: Inputs): Promise<Repository> {
    const { scope, program, backend, deferred } = props;
    const directory = scope.directory("repository");
    const forge = await ForgeServer.start(scope);
    const env = {
      GITHUB_API_URL: forge.api,
      TF_CLI_CONFIG_FILE: "/dev/null",
      AWS_EC2_METADATA_DISABLED: "true",
      ...props.env,
    };
    const repository = new Repository(directory, forge, props, env);
    const config: CaravanConfig = {
      program,
      environments: {
        dev: {
          deferred: deferred ?? "ask",
          destroy: true,
          aws: { region: "eu-central-1", plannerRoleArn: `${ROLE}planner`, deployerRoleArn: `${ROLE}deployer` },
        },
      },
    };
    const stacks = ["dev-infrastructure", "dev-platform", "dev-carts"];
    repository.write(
      "app.js",
      APP(require.resolve("cdktf"), Object.fromEntries(stacks.map((id) => [id, backend(id)]))),
    );
    repository.write("cdktf.json", JSON.stringify({ app: `"${process.execPath}" app.js` }));
    repository.write("caravan.json", JSON.stringify(config));
    repository.write(".gitignore", "cdktf.out\n");
    repository.write("inputs.json", JSON.stringify(inputs));
    await repository.git("init", "-q", "-b", "main");
    await repository.git("config", "user.email", "a@example.com");
    await repository.git("config", "user.name", "a");
    await repository.git("add", "-A");
    await repository.git("commit", "-qm", "begin");
    await repository.caravan("synth");
    await repository.caravan("gitops", "init");
    return repository;
  }

  write(path: string, text: string): void {
    const file = join(this.directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  async git(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run("git", args, { cwd: this.directory });
    if (code !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
    return stdout.trim();
  }

  /** Commits everything, as a pull request proposes it. */
  async commit(inputs?: Inputs): Promise<string> {
    if (inputs !== undefined) this.write("inputs.json", JSON.stringify(inputs));
    await this.git("add", "-A");
    await this.git("commit", "-q", "--allow-empty", "-m", "change");
    return this.git("rev-parse", "HEAD");
  }

  /** The pull request's pipeline of a commit. */
  pullRequest(head: string, fork = false): Promise<WorkflowResult> {
    return this.workflow("caravan-pr", {
      name: "pull_request",
      ref: "refs/pull/1/merge",
      sha: head,
      pullRequest: { number: 1, head, fork },
    });
  }

  /** Merges a proposed commit as another commit of the same tree, as a forge does, and runs the pipeline of the branch. */
  async merge(head: string): Promise<{ commit: string; result: WorkflowResult }> {
    const commit = await this.merged(head);
    return { commit, result: await this.apply(commit) };
  }

  async merged(head: string): Promise<string> {
    const commit = await this.commit();
    this.forge.merged.set(commit, head);
    return commit;
  }

  apply(commit: string, approve?: string): Promise<WorkflowResult> {
    return this.workflow("caravan-apply-dev", {
      name: approve === undefined ? "push" : "workflow_dispatch",
      ref: "refs/heads/main",
      sha: commit,
      inputs: approve === undefined ? {} : { approve },
    });
  }

  async workflow(name: string, event: WorkflowEvent): Promise<WorkflowResult> {
    return this.runner.run(readFileSync(join(this.directory, ".github/workflows", `${name}.yml`), "utf8"), event);
  }

  async drift(): Promise<WorkflowResult> {
    const sha = await this.git("rev-parse", "HEAD");
    return this.workflow("caravan-drift-dev", { name: "schedule", ref: "refs/heads/main", sha });
  }

  /** The command on somebody's laptop, in the repository itself. */
  async caravan(...args: string[]): Promise<RunResult> {
    const ended = await this.tryCaravan(...args);
    if (ended.code !== 0)
      throw new Error(`caravan ${args.join(" ")}: exit code ${ended.code}\n${ended.stdout}${ended.stderr}`);
    return ended;
  }

  tryCaravan(...args: string[]): Promise<RunResult> {
    return this.tryCaravanAs({}, ...args);
  }

  tryCaravanAs(more: Readonly<Record<string, string>>, ...args: string[]): Promise<RunResult> {
    const env = { ...this.variables, ...more };
    return run(process.execPath, [CARAVAN, ...args], { cwd: this.directory, env, timeoutMs: 300_000 });
  }

  /** Variables of the command on a laptop. */
  get variables(): NodeJS.ProcessEnv {
    return { PATH: process.env["PATH"], HOME: process.env["HOME"], CI: "true", ...this.env };
  }

  /** Terraform itself in the directory of a stack, behind everybody's back. */
  async terraform(stack: string, ...args: string[]): Promise<string> {
    const cwd = join(this.directory, "cdktf.out", "stacks", stack);
    const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], ...this.env };
    rmSync(join(cwd, ".terraform"), { recursive: true, force: true });
    for (const each of [["init", "-input=false", "-no-color"], args]) {
      const { code, stdout, stderr } = await run(this.props.program, each, { cwd, env });
      if (code !== 0) throw new Error(`${each.join(" ")}: ${stderr}`);
      if (each === args) return stdout;
    }
    return "";
  }
}
