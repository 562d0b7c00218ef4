import { CaravanError } from "../core/errors";
import type { Forge } from "./forge-types";
import { GitHub } from "./github/api";

type Env = Readonly<Record<string, string | undefined>>;

/** The forge that runs this. @throws CaravanError outside of a pipeline */
export function forgeOf(env: Env): Forge {
  const { GITHUB_ACTIONS: actions, FORGE_TOKEN: token, GITHUB_REPOSITORY: repository } = env;
  if (actions !== "true" || repository === undefined) {
    throw new CaravanError(
      "This runs in no pipeline, so there is no pull request to tell. Leave --comment and --issues away.",
    );
  }
  if (!token)
    throw new CaravanError("The step has no FORGE_TOKEN. Run caravan gitops init again, or give the step one.");
  return new GitHub({
    token,
    repository,
    api: env["GITHUB_API_URL"] ?? "https://api.github.com",
    pullRequest: env["CARAVAN_PULL_REQUEST"],
  });
}
