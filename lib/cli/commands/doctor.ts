import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { backendText } from "../../gitops/backend";
import { runProgram } from "../../gitops/program";
import type { Workspace } from "../../gitops/workspace";
import { status } from "../../operate";
import { AwsApi } from "../../operate/aws/api";
import { AwsCredentialChain } from "../../operate/aws/credentials";
import { sessionPluginVersion } from "../../operate/aws/session";
import { AzureCredentialChain, claimsOf } from "../../operate/azure/credentials";
import { MANAGEMENT } from "../../operate/azure/scale-set";
import { demandCli } from "../../operate/azure/session";
import { OperateError } from "../../operate/errors";
import { GcpCredentialChain } from "../../operate/gcp/credentials";
import { demandGcloud } from "../../operate/gcp/session";
import { appSettings } from "../app";
import { Exit, exitCodes } from "../exit";
import { withLiving } from "../living";
import { table } from "../output";
import type { Settings } from "../settings";

/** What one look found. What is only a note keeps nothing from working. */
interface Check {
  readonly what: string;
  readonly good: boolean;
  readonly found: string;
  readonly fix?: string;
  readonly note?: boolean;
}

const PROGRAM_MS = 30_000;
const NODE = [20, 9] as const;
const TERRAFORM = [1, 11] as const;

/** `caravan doctor`: everything that caravan needs, each with what to do about it. */
export async function doctor(settings: Settings): Promise<void> {
  const program = await terraform(settings);
  const synth = synthesized(settings);
  const checks: Check[] = [
    version("Node", process.versions.node, NODE, "Install Node 20.9 or later."),
    program,
    git(settings),
    await attempt("cdktf.json", 'Write {"app": "<the command that synthesizes>"}, or begin with: caravan init', () => {
      const { app } = appSettings(settings.directory, settings.options);
      if (app === undefined) throw new Error("no app");
      return app;
    }),
    await attempt("caravan.json", "docs/gitops.md lists what it may say", () => {
      const { config } = settings;
      return config === undefined
        ? "none: fine without pipelines"
        : `environments: ${Object.keys(config.environments).join(", ")}`;
    }),
    synth,
  ];
  if (program.good && synth.good) checks.push(...(await living(settings)));
  const lines = table(checks.map((check) => [wordOf(check), check.what, check.found]));
  settings.output.result(
    checks.flatMap(({ good, fix }, index) => [lines[index] ?? "", ...(good ? [] : [`         fix: ${fix}`])]),
    { checks },
  );
  if (checks.some(({ good, note }) => !good && !note)) throw new Exit(exitCodes.failed);
}

function wordOf({ good, note }: Check): string {
  return good ? "ok" : note ? "note" : "problem";
}

async function terraform(settings: Settings): Promise<Check> {
  const { program } = settings;
  return attempt(program, "Install Terraform or OpenTofu 1.11 or later, or give --program.", async () => {
    const { stdout } = await runProgram(program, ["version", "-json"], {
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

function synthesized(settings: Settings): Check {
  const { output } = appSettings(settings.directory, settings.options);
  return existsSync(join(settings.directory, output, "manifest.json"))
    ? { what: "synth", good: true, found: output }
    : { what: "synth", good: false, found: "none", fix: "caravan synth" };
}

/** State and cluster, as far as this synth has them. */
async function living(settings: Settings): Promise<Check[]> {
  const checks: Check[] = [];
  const stacks = await attempt("stacks", "caravan synth; or give --environment one that is there", () =>
    settings.stacks().ids.join(", "),
  );
  if (!stacks.good) return [stacks];
  const workspace = settings.workspace("");
  checks.push(...(await cloudChecks(workspace)));
  for (const stack of workspace.stacks.order) {
    const fix =
      "Sign in as an identity that may read it; a first apply begins with the state stack (stacks/README.md).";
    checks.push(
      await attempt(`state of ${stack.id}`, fix, async () => {
        const state = await workspace.stateAlone(stack);
        return `${backendText(stack.backend)}: ${state === undefined ? "never applied" : `serial ${state.serial}`}`;
      }),
    );
  }
  const { environment, timeout } = settings.options;
  const names = environment === undefined ? Object.keys(settings.config?.environments ?? {}) : [environment];
  for (const name of names) checks.push(...(await cluster(settings.of(name), name, timeout)));
  return checks;
}

/** What an infrastructure's contract says of where it stands. */
interface Place {
  readonly name: "aws" | "azure" | "gcp";
  readonly region?: string;
  readonly tenantId?: string;
}

/** The clouds that this synth asks: by its states, and by its infrastructures. */
async function cloudChecks({ stacks }: Workspace): Promise<Check[]> {
  const clouds = new Map<string, Place>();
  for (const { backend, terraform } of stacks.order) {
    if (backend.kind === "s3") clouds.set("aws", { name: "aws", region: backend.region });
    const contract = terraform.output?.["infrastructure_contract"]?.value as
      | { readonly static?: { readonly access?: { readonly cloud?: Place } } }
      | undefined;
    const cloud = contract?.static?.access?.cloud;
    if (cloud !== undefined) clouds.set(cloud.name, cloud);
  }
  const checks = [...clouds.values()].map(({ name, region = "", tenantId = "" }) => {
    if (name === "azure") return [azureIdentity(tenantId), tunnel("az", demandCli)];
    if (name === "gcp") return [googleIdentity(), tunnel("gcloud", demandGcloud)];
    return [awsIdentity(region), tunnel("session-manager-plugin", sessionPluginVersion)];
  });
  return Promise.all(checks.flat());
}

function awsIdentity(region: string): Promise<Check> {
  const fix =
    "Sign in: aws sso login and AWS_PROFILE, or the variables AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.";
  return attempt("AWS credentials", fix, async () => {
    const chain = new AwsCredentialChain(region);
    const endpoint = process.env["AWS_ENDPOINT_URL"] || undefined;
    const api = new AwsApi({ region, credentials: () => chain.get(), endpoint });
    const who = await api.query("sts", "GetCallerIdentity", {}, AbortSignal.timeout(PROGRAM_MS));
    return who.value("GetCallerIdentityResult.Arn") ?? "unknown";
  });
}

function azureIdentity(tenantId: string): Promise<Check> {
  return attempt("Azure credentials", "Sign in: az login", async () => {
    const { upn, appid, oid } = claimsOf(await new AzureCredentialChain(tenantId).get(MANAGEMENT));
    return String(upn ?? appid ?? oid ?? "unknown");
  });
}

function googleIdentity(): Promise<Check> {
  return attempt("Google credentials", "Sign in: gcloud auth login", () => new GcpCredentialChain().email());
}

/** The program of the cloud's vendor by which `caravan tunnel` works; nothing else needs it. */
async function tunnel(program: string, version: () => Promise<string>): Promise<Check> {
  const check = await attempt("tunnel", "", version);
  return check.good ? { ...check, found: `${program} ${check.found}` } : { ...check, note: true };
}

/** A line for each product, from what the environment's status finds. */
async function cluster(settings: Settings, name: string, timeout: string | undefined): Promise<Check[]> {
  try {
    const { products, findings } = await withLiving(settings, (environment) => status(environment, { timeout }));
    const about = new Set(findings.flatMap((each) => (each.severity === "warning" ? [] : [each.about])));
    return [
      ...products
        .filter(({ product }) => !about.has(product))
        .map(({ product, leader }) => ({ what: `${product} of ${name}`, good: true, found: `led by ${leader}` })),
      ...findings.map(({ severity, about: what, what: found, fix }) => ({
        what: `${what} of ${name}`,
        good: false,
        found,
        fix,
        note: severity === "warning",
      })),
    ];
  } catch (error) {
    const found = inOneLine(error);
    const fix = OperateError.is(error) ? error.fix : "Apply what is below, or look closer: caravan status.";
    // Before its first apply there is no environment to reach.
    return [{ what: `environment ${name}`, good: false, found, fix, note: found.includes("never applied") }];
  }
}

async function attempt(what: string, fix: string, look: () => Promise<string> | string): Promise<Check> {
  try {
    return { what, good: true, found: await look() };
  } catch (error) {
    return { what, good: false, found: inOneLine(error), fix: OperateError.is(error) ? error.fix : fix };
  }
}

/** Terraform says what it did first, and further down why that failed. */
function inOneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [first = ""] = text.split("\n");
  const why = /Error: (.+)/.exec(text)?.[1];
  return why === undefined || first.includes(why) ? first : `${first}: ${why}`;
}

function version(what: string, found: string, wanted: readonly [number, number], fix: string): Check {
  return { what, good: atLeast(found, wanted), found, fix };
}

function atLeast(found: string, [major, minor]: readonly [number, number]): boolean {
  const [first = 0, second = 0] = found.replace(/^v/, "").split(".").map(Number);
  return first > major || (first === major && second >= minor);
}
