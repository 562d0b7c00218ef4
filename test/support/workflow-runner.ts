import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { type RunResult, run, type Scope } from "./temporary";

/** What happened that a workflow runs for. */
export interface WorkflowEvent {
  readonly name: "pull_request" | "push" | "schedule" | "workflow_dispatch";
  /** The branch, or that of the pull request's merge. */
  readonly ref: string;
  /** The commit that is checked out. */
  readonly sha: string;
  readonly pullRequest?: { readonly number: number; readonly head: string; readonly fork?: boolean };
  readonly inputs?: Readonly<Record<string, string>>;
}

export interface WorkflowRunnerProps {
  readonly scope: Scope;
  /** The repository that is checked out. */
  readonly repository: string;
  /** Programs that stand before those of the PATH: file name to script. */
  readonly programs: Readonly<Record<string, string>>;
  /** Variables of every step. */
  readonly env: Readonly<Record<string, string>>;
}

export type JobResult = "success" | "failure" | "skipped";

export interface WorkflowResult {
  /** How each job ended, by its id; of a matrix, with the value behind it. */
  readonly jobs: Readonly<Record<string, JobResult>>;
  /** What the steps printed, by job. */
  readonly logs: Readonly<Record<string, string>>;
  readonly summaries: Readonly<Record<string, string>>;
  /** The roles that were signed in to, in order. */
  readonly roles: readonly string[];
  /** Jobs in the order in which they began. */
  readonly order: readonly string[];
}

interface YamlJob {
  readonly needs?: readonly string[];
  readonly if?: string;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> };
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps: readonly {
    readonly id?: string;
    readonly name?: string;
    readonly uses?: string;
    readonly with?: Readonly<Record<string, unknown>>;
    readonly env?: Readonly<Record<string, string>>;
    readonly run?: string;
    readonly "continue-on-error"?: boolean;
  }[];
}

type Context = Readonly<Record<string, unknown>>;

/**
 * Runs the steps of a workflow of GitHub Actions in their order, with needs, conditions, matrices, outputs and artifacts, each
 * job in a directory of its own. Actions are what they mean here: a checkout clones, an artifact is a copy, a sign-in is noted.
 */
export class WorkflowRunner {
  private readonly programs: string;
  private runs = 0;

  constructor(private readonly props: WorkflowRunnerProps) {
    this.programs = props.scope.directory("programs");
    for (const [name, script] of Object.entries(props.programs)) {
      writeFileSync(join(this.programs, name), script);
      chmodSync(join(this.programs, name), 0o755);
    }
  }

  async run(workflow: string, event: WorkflowEvent): Promise<WorkflowResult> {
    const { jobs } = parse(workflow) as { readonly jobs: Readonly<Record<string, YamlJob>> };
    const home = this.props.scope.directory(`run-${++this.runs}`);
    const result = {
      jobs: {} as Record<string, JobResult>,
      logs: {} as Record<string, string>,
      summaries: {} as Record<string, string>,
      roles: [] as string[],
      order: [] as string[],
    };
    const outputs: Record<string, Record<string, string>> = {};
    const waiting = new Map(Object.entries(jobs));
    while (waiting.size > 0) {
      const next = [...waiting].find(([, { needs = [] }]) => needs.every((need) => !waiting.has(need)));
      if (next === undefined) throw new Error(`jobs need each other: ${[...waiting.keys()]}`);
      const [id, job] = next;
      waiting.delete(id);
      const needs = Object.fromEntries((job.needs ?? []).map((need) => [need, { outputs: outputs[need] ?? {} }]));
      const context = { github: this.github(event), inputs: event.inputs ?? {}, needs };
      const ready = (job.needs ?? []).every((need) => result.jobs[need] === "success");
      if (!ready || (job.if !== undefined && evaluate(job.if, context) !== true)) {
        result.jobs[id] = "skipped";
        continue;
      }
      const each = Object.entries(job.strategy?.matrix ?? {})[0];
      const variants = each === undefined ? [undefined] : each[1];
      let all: JobResult = "success";
      for (const value of variants) {
        const name = value === undefined ? id : `${id} (${value})`;
        result.order.push(name);
        const matrix = each === undefined ? {} : { [each[0]]: value };
        const one = await this.runJob(
          job,
          { ...context, matrix },
          join(home, name.replace(/\W+/g, "-")),
          join(home, "artifacts"),
          result.roles,
        );
        result.logs[name] = one.log;
        result.summaries[name] = one.summary;
        result.jobs[name] = one.result;
        outputs[id] = one.outputs;
        if (one.result === "failure") all = "failure";
      }
      result.jobs[id] = all;
    }
    return result;
  }

  private async runJob(job: YamlJob, context: Context, home: string, artifacts: string, roles: string[]) {
    const directory = join(home, "work");
    mkdirSync(directory, { recursive: true });
    const file = (name: string) => {
      const path = join(home, name);
      writeFileSync(path, "");
      return path;
    };
    const [envFile, summaryFile] = [file("env"), file("summary")];
    const steps: Record<string, { outputs: Record<string, string> }> = {};
    let log = "";
    let result: JobResult = "success";
    for (const [index, step] of job.steps.entries()) {
      const all = { ...context, steps };
      const outputFile = file(`output-${index}`);
      log += `== ${step.name ?? step.uses ?? step.run}\n`;
      const env = {
        ...this.props.env,
        ...pairs(envFile),
        CI: "true",
        GITHUB_ACTIONS: "true",
        GITHUB_REPOSITORY: "acme/platform",
        GITHUB_SERVER_URL: "https://github.example.com",
        GITHUB_RUN_ID: String(this.runs),
        GITHUB_ACTOR: "somebody",
        GITHUB_OUTPUT: outputFile,
        GITHUB_ENV: envFile,
        GITHUB_STEP_SUMMARY: summaryFile,
        ...interpolated(job.env, all),
        ...interpolated(step.env, all),
      };
      const ended =
        step.uses === undefined
          ? await this.shell(interpolate(step.run ?? "", all), directory, env)
          : await this.act(step.uses, interpolated(step.with, all), job, {
              directory,
              artifacts,
              envFile,
              roles,
              sha: String((context["github"] as Context)["sha"]),
            });
      log += ended.stdout + ended.stderr;
      steps[step.id ?? `_${index}`] = { outputs: pairs(outputFile) };
      if (ended.code !== 0 && step["continue-on-error"] !== true) {
        result = "failure";
        break;
      }
    }
    const outputs = interpolated(job.outputs, { ...context, steps });
    return { result, log, outputs, summary: readFileSync(summaryFile, "utf8") };
  }

  private shell(command: string, cwd: string, env: Readonly<Record<string, string>>): Promise<RunResult> {
    return run("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", command], {
      cwd,
      env: { PATH: `${this.programs}:${process.env["PATH"]}`, HOME: process.env["HOME"], ...env },
      timeoutMs: 900_000,
    });
  }

  private async act(
    uses: string,
    given: Readonly<Record<string, string>>,
    job: YamlJob,
    at: { directory: string; artifacts: string; envFile: string; roles: string[]; sha: string },
  ): Promise<RunResult> {
    const done = { code: 0, stdout: "", stderr: "" };
    switch (uses.split("@")[0]) {
      case "actions/checkout": {
        const clone = await run("git", ["clone", "-q", this.props.repository, at.directory]);
        if (clone.code !== 0) return clone;
        return run("git", ["checkout", "-q", given["ref"] ?? at.sha], { cwd: at.directory });
      }
      case "actions/upload-artifact": {
        const from = join(at.directory, given["path"] ?? "");
        if (!existsSync(from)) return { ...done, code: 1, stderr: `nothing at ${from}\n` };
        cpSync(from, join(at.artifacts, given["name"] ?? ""), { recursive: true });
        return done;
      }
      case "actions/download-artifact":
        cpSync(join(at.artifacts, given["name"] ?? ""), join(at.directory, given["path"] ?? ""), { recursive: true });
        return done;
      case "aws-actions/configure-aws-credentials":
        if (job.permissions?.["id-token"] !== "write") return { ...done, code: 1, stderr: "no id-token\n" };
        at.roles.push(given["role-to-assume"] ?? "");
        // Of a real sign-in credentials are left, which are the role's.
        appendFileSync(at.envFile, `AWS_REGION=${given["aws-region"]}\nROLE=${given["role-to-assume"]}\n`);
        return done;
      case "actions/setup-node":
      case "hashicorp/setup-terraform":
      case "opentofu/setup-opentofu":
        return done;
      default:
        return { ...done, code: 1, stderr: `the runner does not know ${uses}\n` };
    }
  }

  private github(event: WorkflowEvent): Context {
    const head = event.pullRequest;
    return {
      sha: event.sha,
      ref: event.ref,
      token: "forge-token",
      repository: "acme/platform",
      event: {
        pull_request:
          head === undefined
            ? undefined
            : {
                number: head.number,
                head: { sha: head.head, repo: { full_name: head.fork ? "stranger/platform" : "acme/platform" } },
              },
      },
    };
  }
}

/** Lines `name=value`. */
function pairs(file: string): Record<string, string> {
  const lines = readFileSync(file, "utf8").split("\n");
  return Object.fromEntries(
    lines
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

function interpolated(given: Readonly<Record<string, unknown>> | undefined, context: Context): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given ?? {}).map(([name, text]) => [name, interpolate(String(text), context)]),
  );
}

function interpolate(text: string, context: Context): string {
  return text.replace(/\$\{\{(.*?)\}\}/g, (_, expression: string) => String(evaluate(expression, context) ?? ""));
}

/** The part of GitHub's expressions that the workflows use: paths, texts in quotes, ==, !=, &&. */
function evaluate(expression: string, context: Context): unknown {
  if (expression.includes("&&")) return expression.split("&&").every((part) => evaluate(part, context) === true);
  const [, left, operator, right] = /^(.+?)\s*(==|!=)\s*(.+)$/.exec(expression.trim()) ?? [];
  if (left !== undefined && right !== undefined) {
    const equal = (evaluate(left, context) ?? "") === (evaluate(right, context) ?? "");
    return operator === "==" ? equal : !equal;
  }
  const text = expression.trim();
  if (text.startsWith("'")) return text.slice(1, -1);
  return text.split(".").reduce<unknown>((value, key) => (value as Context | undefined)?.[key], context);
}
