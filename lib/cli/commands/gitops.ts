import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CaravanError } from "../../core/errors";
import { type CaravanConfig, CONFIG_FILE } from "../../gitops/config";
import { type RenderedFile, renderWorkflow, WORKFLOWS } from "../../gitops/github/render";
import { buildPipelines } from "../../gitops/pipeline/build";
import { environmentFacts } from "../../gitops/pipeline/facts";
import { LOCK_DIRECTORY, type Settings } from "../settings";
import { needsLock } from "./stacks";

/** `caravan gitops init` */
export async function init(settings: Settings): Promise<void> {
  const files = render(settings);
  for (const { path, text } of files) {
    mkdirSync(dirname(join(settings.directory, path)), { recursive: true });
    writeFileSync(join(settings.directory, path), text);
  }
  const gone = ownWorkflows(settings).filter((path) => !files.some((file) => file.path === path));
  for (const path of gone) rmSync(join(settings.directory, path));
  settings.output.result(
    [
      ...files.map(({ path }) => `wrote ${path}`),
      ...gone.map((path) => `removed ${path}`),
      "Commit them. docs/gitops.md says which environments, rules and runners the forge needs once.",
    ],
    { written: files.map(({ path }) => path), removed: gone },
  );
}

/** `caravan gitops check`: fails where what is committed is not what would be written. */
export async function check(settings: Settings): Promise<void> {
  const files = render(settings);
  const stale = files.filter(({ path, text }) => {
    const file = join(settings.directory, path);
    return !existsSync(file) || readFileSync(file, "utf8") !== text;
  });
  const gone = ownWorkflows(settings).filter((path) => !files.some((file) => file.path === path));
  const unlocked = settings
    .stacks()
    .order.filter(({ id, terraform }) => {
      const lock = join(settings.directory, LOCK_DIRECTORY, `${id}.hcl`);
      return needsLock(terraform.terraform?.required_providers) && !existsSync(lock);
    })
    .map(({ id }) => id);
  const mistakes = [
    ...[...stale.map(({ path }) => path), ...gone].map(
      (path) => `${path} is out of date: run caravan gitops init, and commit.`,
    ),
    ...unlocked.map((id) => `${LOCK_DIRECTORY}/${id}.hcl is missing: run caravan lock ${id}, and commit.`),
  ];
  if (mistakes.length > 0) throw new CaravanError(mistakes.join("\n"));
  settings.output.result([`${files.length} workflows are up to date.`], { files: files.map(({ path }) => path) });
}

function render(settings: Settings): RenderedFile[] {
  const config = demandConfig(settings);
  const environments = environmentFacts(config, settings.stacks());
  return buildPipelines(config, environments).map((pipeline) =>
    renderWorkflow(pipeline, { config, environments, output: settings.app.output }),
  );
}

function demandConfig({ config }: Settings): CaravanConfig {
  if (config !== undefined) return config;
  throw new CaravanError(
    `There is no ${CONFIG_FILE}. Begin with: {"environments": {"prod": {}}}; docs/gitops.md has the rest.`,
  );
}

function ownWorkflows({ directory }: Settings): string[] {
  const folder = join(directory, WORKFLOWS);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^caravan-.*\.yml$/.test(name))
    .map((name) => `${WORKFLOWS}/${name}`);
}
