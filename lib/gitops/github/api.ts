import { CaravanError } from "../../core/errors";
import { ask } from "../../operate/http";
import type { Forge } from "../forge-types";
import { commentMark } from "../plan/comment";

export interface GitHubProps {
  readonly token: string;
  /** `"owner/repository"`. */
  readonly repository: string;
  /** Address of the API, a GitHub Enterprise Server's own. */
  readonly api: string;
  /** Number of the pull request that runs. */
  readonly pullRequest?: string;
}

interface Comment {
  readonly id: number;
  readonly body: string;
}

interface Issue {
  readonly number: number;
  readonly body: string | null;
  readonly pull_request?: unknown;
}

interface PullRequest {
  readonly number: number;
  readonly merged_at: string | null;
  readonly merge_commit_sha: string | null;
  readonly head: { readonly sha: string };
}

const PAGE = 100;
const PAGES = 20;
const DRIFT_LABEL = "caravan";

/** GitHub's REST API, as far as the pipelines need it: https://docs.github.com/en/rest */
export class GitHub implements Forge {
  constructor(private readonly props: GitHubProps) {}

  async comment(environment: string, text: string): Promise<void> {
    const { pullRequest } = this.props;
    if (!pullRequest) throw new CaravanError("The step has no CARAVAN_PULL_REQUEST. Run caravan gitops init again.");
    const mark = commentMark(environment);
    const own = await this.find<Comment>(`issues/${pullRequest}/comments`, ({ body }) => body.startsWith(mark));
    if (own === undefined) await this.call("POST", `issues/${pullRequest}/comments`, { body: text });
    else await this.call("PATCH", `issues/comments/${own.id}`, { body: text });
  }

  async shownCommit(merged: string): Promise<string | undefined> {
    const pulls = await this.call<readonly PullRequest[]>("GET", `commits/${merged}/pulls`);
    const mergedPulls = pulls.filter(({ merged_at }) => merged_at !== null);
    // A commit may be part of several; the one that this commit ends is meant.
    const pull = mergedPulls.find(({ merge_commit_sha }) => merge_commit_sha === merged) ?? mergedPulls[0];
    return pull?.head.sha;
  }

  async openIssue(key: string, title: string, text: string): Promise<void> {
    const body = `${issueMark(key)}\n${text}`;
    const open = await this.issue(key);
    if (open === undefined) await this.call("POST", "issues", { title, body, labels: [DRIFT_LABEL] });
    else if (open.body !== body) await this.call("PATCH", `issues/${open.number}`, { title, body });
  }

  async closeIssue(key: string, text: string): Promise<void> {
    const open = await this.issue(key);
    if (open === undefined) return;
    await this.call("POST", `issues/${open.number}/comments`, { body: text });
    await this.call("PATCH", `issues/${open.number}`, { state: "closed" });
  }

  async pullRequest(branch: string, base: string, title: string, text: string): Promise<void> {
    const owner = this.props.repository.split("/")[0];
    const query = `pulls?state=open&head=${encodeURIComponent(`${owner}:${branch}`)}&base=${encodeURIComponent(base)}`;
    const open = await this.call<readonly PullRequest[]>("GET", query);
    if (open.length === 0) await this.call("POST", "pulls", { head: branch, base, title, body: text });
  }

  private issue(key: string): Promise<Issue | undefined> {
    const mark = issueMark(key);
    return this.find<Issue>(
      `issues?state=open&labels=${DRIFT_LABEL}`,
      ({ body, pull_request }) => pull_request === undefined && (body ?? "").startsWith(mark),
    );
  }

  private async find<T>(path: string, fits: (item: T) => boolean): Promise<T | undefined> {
    for (let page = 1; page <= PAGES; page++) {
      const join = path.includes("?") ? "&" : "?";
      const items = await this.call<readonly T[]>("GET", `${path}${join}per_page=${PAGE}&page=${page}`);
      const found = items.find(fits);
      if (found !== undefined || items.length < PAGE) return found;
    }
    return undefined;
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { api, repository, token } = this.props;
    const answer = await ask({
      url: `${api}/repos/${repository}/${path}`,
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${token}`,
        "user-agent": "cdktf-caravan",
        "x-github-api-version": "2022-11-28",
      },
      timeoutMs: 30_000,
    });
    const text = answer.body.toString("utf8");
    if (answer.status >= 200 && answer.status < 300) return (text === "" ? undefined : JSON.parse(text)) as T;
    throw new CaravanError(
      `GitHub refuses ${method} ${path}: HTTP ${answer.status}: ${text.slice(0, 300)}. ` +
        "The workflow's permissions come from caravan gitops init; an organization may forbid some.",
    );
  }
}

function issueMark(key: string): string {
  return `<!-- caravan:${key} -->`;
}
