import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { backendText } from "../../gitops/backend";
import { runProgram } from "../../gitops/program";
import { status } from "../../operate";
import { AwsCredentialChain } from "../../operate/aws/credentials";
import { Exit, exitCodes } from "../exit";
import { withLiving } from "../living";
import { table } from "../output";
import type { Settings } from "../settings";

interface Check {
  readonly what: string;
  readonly good: boolean;
  readonly found: string;
  readonly fix?: string;
}

const PROGRAM_MS = 30_000;
const NODE = [20, 9] as const;
const TERRAFORM = [1, 11] as const;

/** `caravan doctor`: everything that caravan needs, each with what to do about it. */
export async function doctor(settings: Settings): Promise<void> {
  const checks: Check[] = [
    version("Node", process.versions.node, NODE, "Install Node 20.9 or later."),
    await terraform(settings),
    git(settings),
    await attempt("caravan.json", "docs/gitops.md lists what it may say", async () => {
      const { config } = settings;
      return config === undefined
        ? "none: fine without pipelines"
        : `environments: ${Object.keys(config.environments).join(", ")}`;
    }),
    existsSync(join(settings.directory, settings.app.output, "manifest.json"))
      ? { what: "synth", good: true, found: settings.app.output }
      : { what: "synth", good: false, found: "none", fix: "caravan synth" },
  ];
  if (checks.every(({ good }) => good)) checks.push(...(await living(settings)));
  settings.output.result(
    [
      ...table(checks.map(({ what, good, found }) => [good ? "good" : "BAD", what, found])),
      ...checks.filter(({ good }) => !good).map(({ what, fix }) => `${what}: ${fix}`),
    ],
    { checks },
  );
  if (checks.some(({ good }) => !good)) throw new Exit(exitCodes.failed);
}

async function terraform(settings: Settings): Promise<Check> {
  const what = settings.program;
  return attempt(what, "Install Terraform or OpenTofu 1.11 or later, or give --program.", async () => {
    const { stdout } = await runProgram(settings.program, ["version", "-json"], {
      cwd: settings.directory,
      timeoutMs: PROGRAM_MS,
    });
    const { terraform_version: found } = JSON.parse(stdout) as { readonly terraform_version: string };
    if (!atLeast(found, TERRAFORM)) throw new Error(`version ${found}`);
    return found;
  });
}

function git(settings: Settings): Check {
  try {
    execFileSync("git", ["--version"], { stdio: "ignore" });
    return { what: "git", good: true, found: settings.commit() };
  } catch (error) {
    return { what: "git", good: false, found: "no commit", fix: (error as Error).message };
  }
}

/** State and cluster, as far as this synth has them. */
async function living(settings: Settings): Promise<Check[]> {
  const workspace = settings.workspace();
  const stacks = workspace.stacks.order;
  const s3 = stacks.map(({ backend }) => backend).find((backend) => backend.kind === "s3");
  const checks: Check[] = [];
  if (s3?.kind === "s3") {
    checks.push(
      await attempt(
        "AWS credentials",
        "Sign in: aws sso login and AWS_PROFILE, or the variables AWS_ACCESS_KEY_ID and so on.",
        async () => {
          await new AwsCredentialChain(s3.region).get();
          return "found";
        },
      ),
    );
  }
  for (const stack of stacks) {
    const fix =
      "Sign in as an identity that may read it; a first apply begins with the state stack (stacks/README.md).";
    checks.push(
      await attempt(`state of ${stack.id}`, fix, async () => {
        const state = await workspace.state(stack);
        return `${backendText(stack.backend)}: ${state === undefined ? "never applied" : `serial ${state.serial}`}`;
      }),
    );
  }
  const infrastructure = stacks.find(({ terraform: json }) => json.output?.["infrastructure_contract"] !== undefined);
  if (infrastructure === undefined || (await workspace.state(infrastructure).catch(() => undefined)) === undefined)
    return checks;
  checks.push(
    await attempt("cluster", "Look closer: caravan status. An internal address needs caravan tunnel.", async () => {
      const { verdict } = await withLiving(settings, (environment) => status(environment));
      if (verdict !== "healthy") throw new Error(verdict);
      return verdict;
    }),
  );
  return checks;
}

async function attempt(what: string, fix: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { what, good: true, found: await look() };
  } catch (error) {
    const [found = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return { what, good: false, found, fix };
  }
}

function version(what: string, found: string, wanted: readonly [number, number], fix: string): Check {
  return { what, good: atLeast(found, wanted), found, fix };
}

function atLeast(found: string, [major, minor]: readonly [number, number]): boolean {
  const [first = 0, second = 0] = found.replace(/^v/, "").split(".").map(Number);
  return first > major || (first === major && second >= minor);
}
