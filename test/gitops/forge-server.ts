import { createServer } from "node:http";
import type { Scope } from "../support/temporary";

/** A forge that remembers: comments of pull request 1, issues, and which commit came from which pull request. */
export class ForgeServer {
  readonly comments: { id: number; body: string }[] = [];
  readonly issues: { number: number; title: string; body: string; state: string; comments: string[] }[] = [];
  readonly pulls: { head: string; base: string; title: string }[] = [];
  /** The proposed commit of each merged one. */
  readonly merged = new Map<string, string>();
  api = "";

  static async start(scope: Scope): Promise<ForgeServer> {
    const forge = new ForgeServer();
    const server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk) => {
        text += chunk;
      });
      request.on("end", () => {
        const authorized = request.headers.authorization === "Bearer forge-token";
        const answer = authorized
          ? forge.answer(request.method ?? "", request.url ?? "", text === "" ? {} : JSON.parse(text))
          : undefined;
        response.writeHead(answer === undefined ? (authorized ? 404 : 401) : 200, {
          "content-type": "application/json",
        });
        response.end(JSON.stringify(answer ?? { message: "Not Found" }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    scope.defer(() => new Promise((resolve) => server.close(resolve)));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    forge.api = `http://127.0.0.1:${address.port}`;
    return forge;
  }

  private answer(method: string, url: string, body: Record<string, unknown>): unknown {
    const path = url.replace("/repos/acme/platform/", "").replace(/\?.*/, "");
    const text = String(body["body"] ?? "");
    const [, commit] = /^commits\/(\w+)\/pulls$/.exec(path) ?? [];
    if (commit !== undefined) {
      const head = this.merged.get(commit);
      return head === undefined
        ? []
        : [{ number: 1, merged_at: "2026-01-01", merge_commit_sha: commit, head: { sha: head } }];
    }
    if (path === "issues/1/comments") {
      if (method === "GET") return this.comments;
      this.comments.push({ id: this.comments.length + 1, body: text });
      return {};
    }
    const comment = this.comments.find(({ id }) => path === `issues/comments/${id}`);
    if (comment !== undefined) {
      comment.body = text;
      return {};
    }
    if (path === "issues") {
      if (method === "GET") return this.issues.filter(({ state }) => state === "open");
      this.issues.push({
        number: 100 + this.issues.length,
        title: String(body["title"]),
        body: text,
        state: "open",
        comments: [],
      });
      return {};
    }
    if (path === "pulls") {
      if (method === "GET") return this.pulls;
      this.pulls.push({ head: String(body["head"]), base: String(body["base"]), title: String(body["title"]) });
      return {};
    }
    const issue = this.issues.find(({ number }) => path.startsWith(`issues/${number}`));
    if (issue === undefined) return undefined;
    if (path.endsWith("/comments")) issue.comments.push(text);
    else Object.assign(issue, body);
    return {};
  }
}
