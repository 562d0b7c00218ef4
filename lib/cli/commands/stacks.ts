import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CaravanError } from "../../core/errors";
import { backendText } from "../../gitops/backend";
import { synthesize } from "../app";
import { Exit, exitCodes } from "../exit";
import { table } from "../output";
import { LOCK_DIRECTORY, type Settings } from "../settings";

/** `caravan synth` */
export async function synth(settings: Settings): Promise<void> {
  const { app } = settings;
  const printed = await synthesize(settings.directory, app, settings.timeoutMs);
  const graph = settings.stacks();
  settings.output.result(
    [printed.trimEnd(), ...graph.ids.map((id) => `${id}: ${join(app.output, "stacks", id)}`)].filter(
      (line) => line !== "",
    ),
    { output: app.output, stacks: graph.ids },
  );
}

/** `caravan graph` */
export async function graph(settings: Settings): Promise<void> {
  const stacks = settings.stacks();
  const rows = stacks.levels.flatMap((level, index) =>
    level.map(({ id, dependencies, backend }) => [
      String(index + 1),
      id,
      dependencies.join(", ") || "-",
      backendText(backend),
    ]),
  );
  settings.output.result(table([["level", "stack", "after", "state"], ...rows]), {
    levels: stacks.levels.map((level) =>
      level.map(({ id, dependencies, backend }) => ({ id, dependencies, state: backendText(backend) })),
    ),
  });
}

/** `caravan validate`: every stack, whatever the one before said. */
export async function validate(settings: Settings, only: readonly string[]): Promise<void> {
  const workspace = settings.workspace("");
  const found: { stack: string; mistakes: readonly string[] }[] = [];
  for (const stack of workspace.stacks.select(only)) {
    const mistakes = await workspace
      .terraform(stack)
      .validate()
      .catch((error: unknown) => [error instanceof Error ? error.message : String(error)]);
    settings.output.step(stack.id, mistakes.length === 0 ? "valid" : `${mistakes.length} mistakes`);
    found.push({ stack: stack.id, mistakes });
  }
  const wrong = found.filter(({ mistakes }) => mistakes.length > 0);
  settings.output.result(
    wrong.length === 0
      ? [`${found.length} stacks are valid.`]
      : wrong.flatMap(({ stack, mistakes }) => [`${stack}:`, ...mistakes.map((mistake) => `  ${mistake}`)]),
    { stacks: found },
  );
  if (wrong.length > 0) throw new Exit(exitCodes.failed);
}

/** `caravan policy`: what the rules said of each stack at its synth. */
export async function policy(settings: Settings): Promise<void> {
  const reports = settings.stacks().order.map(({ id, directory }) => {
    const file = join(directory, "policy.json");
    return {
      stack: id,
      report: existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as PolicyReport) : undefined,
    };
  });
  const rows = reports.map(({ stack, report }) =>
    report === undefined
      ? [stack, "not checked: it is no LayerStack", "", ""]
      : [stack, `${report.rulesChecked} rules`, `${report.findings.length} findings`, `${report.waived.length} waived`],
  );
  settings.output.result(
    [...table(rows), ...reports.flatMap(({ stack, report }) => (report === undefined ? [] : failures(stack, report)))],
    { stacks: reports },
  );
  if (reports.some(({ report }) => report?.passes === false)) throw new Exit(exitCodes.failed);
}

function failures(stack: string, { findings, waiverProblems }: PolicyReport): string[] {
  return [
    ...findings.flatMap(({ severity, rule, title, resource, attribute, given, fix }) => [
      `${stack}: ${severity} ${rule}: ${title}`,
      `  ${resource}: ${attribute} is ${given}`,
      `  fix: ${fix}`,
    ]),
    ...waiverProblems.map(({ message }) => `${stack}: waiver: ${message}`),
  ];
}

/** What a synth left as `policy.json`. */
interface PolicyReport {
  readonly passes: boolean;
  readonly rulesChecked: number;
  readonly findings: readonly Readonly<
    Record<"severity" | "rule" | "title" | "resource" | "attribute" | "given" | "fix", string>
  >[];
  readonly waived: readonly unknown[];
  readonly waiverProblems: readonly { readonly message: string }[];
}

/** `caravan lock`: the checksums of each stack's providers, to be committed. */
export async function lock(
  settings: Settings,
  only: readonly string[],
  { platform, mirror }: { readonly platform: readonly string[]; readonly mirror?: string },
): Promise<void> {
  const workspace = settings.workspace("");
  const directory = resolve(settings.directory, LOCK_DIRECTORY);
  const written: string[] = [];
  for (const stack of workspace.stacks.select(only)) {
    if (!needsLock(stack.terraform.terraform?.required_providers)) continue;
    const file = await workspace.terraform(stack).lockProviders(platform, mirror);
    if (file === undefined) throw new CaravanError(`${settings.program} wrote no lock file for ${stack.id}.`);
    mkdirSync(directory, { recursive: true });
    copyFileSync(file, join(directory, `${stack.id}.hcl`));
    written.push(join(LOCK_DIRECTORY, `${stack.id}.hcl`));
  }
  settings.output.result(
    written.length === 0
      ? ["No stack needs a provider."]
      : [...written, "Commit them: no other provider is installed from now on."],
    { files: written },
  );
}

/** Whether a stack installs any provider; Terraform's own comes with it. */
export function needsLock(providers: Readonly<Record<string, unknown>> | undefined): boolean {
  return Object.keys(providers ?? {}).length > 0;
}
