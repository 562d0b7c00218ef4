import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CaravanError } from "../../core/errors";
import { forgeOf } from "../../gitops/forge";
import type { Settings } from "../settings";

/**
 * `caravan promote`: proposes for one environment what another has, by copying its file `environments/<name>.json` on a branch of
 * its own. The app reads versions and images from there.
 */
export async function promote(settings: Settings, [from = "", to = ""]: readonly string[]): Promise<void> {
  const { directory, output, config } = settings;
  const file = (name: string) => join("environments", `${name}.json`);
  if (!existsSync(join(directory, file(from)))) {
    throw new CaravanError(
      `There is no ${file(from)} to promote. Let the app read what differs in time from there: versions and images.`,
    );
  }
  const text = readFileSync(join(directory, file(from)), "utf8");
  const target = join(directory, file(to));
  if (existsSync(target) && readFileSync(target, "utf8") === text) {
    output.result([`${to} has all that ${from} has.`], { promoted: false });
    return;
  }
  const forge = forgeOf(process.env);
  const base = config?.branch ?? "main";
  const branch = `caravan/promote-${to}`;
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: directory, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
  const commit = git("rev-parse", "--short=12", "HEAD");
  writeFileSync(target, text);
  git("checkout", "-q", "-B", branch);
  git("add", file(to));
  git(
    "-c",
    "user.name=caravan",
    "-c",
    "user.email=caravan@users.noreply.github.com",
    "commit",
    "-qm",
    `Promote ${from} at ${commit} to ${to}`,
  );
  git("push", "--force", "-q", "origin", `HEAD:refs/heads/${branch}`);
  await forge.pullRequest(
    branch,
    base,
    `Promote ${from} to ${to}`,
    `${from} was applied at ${commit}, and is well. This gives ${to} the same ${file(to)}; its plan follows.`,
  );
  output.result([`proposed ${file(to)} on ${branch}`], { promoted: true, branch });
}
