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
  readonly config: CaravanConfig;
  /** The app as a script, and what else is committed. */
  readonly files: Readonly<Record<"app.js", string> & Record<string, string>>;
  /** Variables of every step. */
  readonly env?: Readonly<Record<string, string>>;
  /** A script in place of the step that signs in to Vault, Consul and Nomad; `$ROLE` is the cloud's role. @default - the step */
  readonly signIn?: string;
}

export interface ThreeStacksProps extends Pick<RepositoryProps, "scope" | "env"> {
  /** `"terraform"` or `"tofu"`. */
  readonly program: "terraform" | "tofu";
  /** A backend in Terraform's JSON for a stack. */
  readonly backend: (stack: string) => unknown;
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

/** Region and roles of an environment without a state stack. */
export const pipelineRoles = {
  region: "eu-central-1",
  plannerRoleArn: `${ROLE}planner`,
  deployerRoleArn: `${ROLE}deployer`,
};

/** A repository with its pipelines, and a forge. */
export class Repository {
  private readonly runner: WorkflowRunner;

  private constructor(
    readonly directory: string,
    readonly forge: ForgeServer,
    private readonly program: string,
    private readonly env: Readonly<Record<string, string>>,
    { scope, signIn }: RepositoryProps,
  ) {
    const caravan = `exec ${JSON.stringify(process.execPath)} ${JSON.stringify(CARAVAN)} "$@"\n`;
    const instead = signIn === undefined ? "" : `if [ "$1" = env ]; then ${signIn}\nexit; fi\n`;
    this.runner = new WorkflowRunner({
      scope,
      repository: directory,
      env,
      programs: {
        npm: '#!/bin/sh\n[ "$1" = ci ]\n',
        npx: `#!/bin/sh\n[ "$1 $2" = "--no caravan" ] || exit 1\nshift 2\n${instead}${caravan}`,
      },
    });
  }

  static async create(props: ThreeStacksProps, inputs: Inputs): Promise<Repository> {
    const { scope, program, backend, deferred = "ask", env } = props;
    const stacks = ["dev-infrastructure", "dev-platform", "dev-carts"];
    const app = APP(require.resolve("cdktf"), Object.fromEntries(stacks.map((id) => [id, backend(id)])));
    return Repository.of({
      scope,
      env,
      config: { program, environments: { dev: { deferred, destroy: true, aws: pipelineRoles } } },
      files: { "app.js": app, "inputs.json": JSON.stringify(inputs) },
    });
  }

  /** A repository whose first commit has all that is given; its pipelines are written and not yet committed. */
  static async of(props: RepositoryProps): Promise<Repository> {
    const { scope, config, files } = props;
    const directory = scope.directory("repository");
    const forge = await ForgeServer.start(scope);
    const env = {
      GITHUB_API_URL: forge.api,
      TF_CLI_CONFIG_FILE: "/dev/null",
      AWS_EC2_METADATA_DISABLED: "true",
      ...props.env,
    };
    const repository = new Repository(directory, forge, config.program ?? "terraform", env, props);
    for (const [path, text] of Object.entries(files)) repository.write(path, text);
    repository.write("cdktf.json", JSON.stringify({ app: `"${process.execPath}" app.js` }));
    repository.write("caravan.json", JSON.stringify(config));
    repository.write(".gitignore", "cdktf.out\n*.tfstate*\n");
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
  caravan(...args: string[]): Promise<RunResult> {
    return this.caravanAs({}, ...args);
  }

  async caravanAs(more: Readonly<Record<string, string>>, ...args: string[]): Promise<RunResult> {
    const ended = await this.tryCaravanAs(more, ...args);
    if (ended.code !== 0)
      throw new Error(`caravan ${args.join(" ")}: exit code ${ended.code}\n${ended.stdout}${ended.stderr}`);
    return ended;
  }

  tryCaravan(...args: string[]): Promise<RunResult> {
    return this.tryCaravanAs({}, ...args);
  }

  tryCaravanAs(more: Readonly<Record<string, string>>, ...args: string[]): Promise<RunResult> {
    const env = { ...this.variables, ...more };
    return run(process.execPath, [CARAVAN, ...args], { cwd: this.directory, env, timeoutMs: 900_000 });
  }

  /** Variables of the command on a laptop. */
  get variables(): NodeJS.ProcessEnv {
    return { PATH: process.env["PATH"], HOME: process.env["HOME"], CI: "true", ...this.env };
  }

  /** Terraform itself in the directory of a stack, behind everybody's back. */
  async terraform(stack: string, ...args: string[]): Promise<string> {
    rmSync(join(this.stackDirectory(stack), ".terraform"), { recursive: true, force: true });
    await this.bareTerraform(stack, "init", "-input=false", "-no-color");
    return this.bareTerraform(stack, ...args);
  }

  /** The same, without an init before. */
  async bareTerraform(stack: string, ...args: string[]): Promise<string> {
    const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], ...this.env };
    const cwd = this.stackDirectory(stack);
    const { code, stdout, stderr } = await run(this.program, args, { cwd, env, timeoutMs: 900_000 });
    if (code !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
    return stdout;
  }

  stackDirectory(stack: string): string {
    return join(this.directory, "cdktf.out", "stacks", stack);
  }
}
