import { answering } from "./aws-answers";

/** One instance of the imitated group. */
export interface Instance {
  readonly name: string;
  readonly id?: string;
  readonly zone?: string;
  readonly template?: string;
  readonly action?: string;
  readonly status?: string;
}

export const PROJECT = "acme-caravan-prod";
export const MANAGER = "caravan-prod-server-main";
const COMPUTE = "https://www.googleapis.com/compute/v1/projects";

/**
 * An imitation of Compute Engine, Secret Manager, Cloud Storage, IAM credentials and Google's sign-in, as far as operations ask them,
 * in the shapes of their references.
 *
 * Its limits: it looks at no token; a change shows at once, where Google takes minutes; a group that grows says so and starts nothing;
 * and what it signs is not signed.
 */
export class GcpGround {
  instances: Instance[] = [];
  targetSize = 3;
  isGone = false;
  readonly secrets = new Map<string, string>();
  readonly objects = new Map<string, string>();
  readonly calls: { method: string; path: string; authorization: string | undefined; body: string }[] = [];

  async start(): Promise<string> {
    const server = await answering(({ method, url, headers, body }) => {
      this.calls.push({ method, path: url, authorization: headers.authorization, body });
      const parsed = new URL(url, "http://any");
      const [, host = "", path = ""] = /^\/([^/]+)(\/.*)$/.exec(parsed.pathname) ?? [];
      return this.answer(host, path, parsed.searchParams, body) ?? missing;
    });
    return server.url;
  }

  /** What was changed, without what was only looked at. */
  changes(): { path: string; body: unknown }[] {
    return this.calls
      .filter(({ method, path }) => method !== "GET" && !path.includes("listManagedInstances"))
      .map(({ path, body }) => ({
        path: path.replace(/^.*instanceGroupManagers\//, ""),
        body: body === "" ? undefined : JSON.parse(body),
      }));
  }

  private answer(host: string, path: string, query: URLSearchParams, body: string) {
    switch (host) {
      case "compute.googleapis.com":
        return this.compute(path, query);
      case "secretmanager.googleapis.com": {
        const value = this.secrets.get(path.replace(/^\/v1\/|\/versions\/latest:access$/g, ""));
        return value === undefined ? undefined : json({ payload: { data: Buffer.from(value).toString("base64") } });
      }
      case "storage.googleapis.com":
        return path.startsWith("/upload/") ? this.upload(query, body) : this.storage(path, query);
      case "iamcredentials.googleapis.com":
        if (path.endsWith(":signJwt")) return json({ signedJwt: `signed ${JSON.parse(body).payload}` });
        return json({ accessToken: "of the account", expireTime: new Date(Date.now() + 3_600_000).toISOString() });
      case "sts.googleapis.com":
        return json({ access_token: "exchanged", expires_in: 3600 });
      case "oauth2.googleapis.com":
        return json({ email: "ada@acme.com" });
      default:
        return undefined;
    }
  }

  private compute(path: string, query: URLSearchParams) {
    const manager = `/compute/v1/projects/${PROJECT}/regions/europe-west3/instanceGroupManagers/${MANAGER}`;
    const instance = /\/zones\/[^/]+\/instances\/([^/]+)$/.exec(path)?.[1];
    if (instance !== undefined) {
      const number = this.instances.findIndex(({ name, status }) => name === instance && status !== undefined);
      if (number < 0) return undefined;
      const networkInterfaces = [{ networkIP: `10.0.0.${number}` }];
      return json({ creationTimestamp: "2026-01-01T00:00:00.000-00:00", networkInterfaces });
    }
    if (this.isGone || !path.startsWith(manager)) return undefined;
    switch (path.slice(manager.length)) {
      case "/listManagedInstances":
        return this.page(query);
      case "/resize":
        this.targetSize = Number(query.get("size"));
        return json({ kind: "compute#operation" });
      case "/deleteInstances":
        this.targetSize -= 1;
        return json({ kind: "compute#operation" });
      case "/recreateInstances":
        return json({ kind: "compute#operation" });
      default: {
        const instanceTemplate = `${COMPUTE}/123456/regions/europe-west3/instanceTemplates/main-7`;
        return json({ targetSize: this.targetSize, versions: [{ instanceTemplate }] });
      }
    }
  }

  /** Two instances a page. */
  private page(query: URLSearchParams) {
    const from = Number(query.get("pageToken") ?? "0");
    const managedInstances = this.instances.slice(from, from + 2).map((one) => ({
      id: one.id,
      instance: `${COMPUTE}/${PROJECT}/zones/${one.zone ?? "europe-west3-a"}/instances/${one.name}`,
      instanceStatus: one.status,
      currentAction: one.action ?? "NONE",
      version: {
        instanceTemplate: `${COMPUTE}/${PROJECT}/regions/europe-west3/instanceTemplates/${one.template ?? "main-7"}`,
      },
    }));
    return json({ managedInstances, ...(from + 2 < this.instances.length ? { nextPageToken: String(from + 2) } : {}) });
  }

  private upload(query: URLSearchParams, body: string) {
    const name = query.get("name") ?? "";
    if (query.get("ifGenerationMatch") === "0" && this.objects.has(name)) {
      return { status: 412, body: JSON.stringify({ error: { code: 412, message: "conditionNotMet" } }) };
    }
    this.objects.set(name, body);
    return json({ name });
  }

  private storage(path: string, query: URLSearchParams) {
    const key = decodeURIComponent(path.replace(/^\/storage\/v1\/b\/cluster\/o\/?/, ""));
    if (key === "") {
      const names = [...this.objects.keys()].filter((name) => name.startsWith(query.get("prefix") ?? "")).sort();
      const from = Number(query.get("pageToken") ?? "0");
      const items = names.slice(from, from + 2).map((name) => ({ name }));
      // A page without objects has no items at all.
      return json({
        ...(items.length > 0 ? { items } : {}),
        ...(from + 2 < names.length ? { nextPageToken: String(from + 2) } : {}),
      });
    }
    const content = this.objects.get(key);
    return content === undefined ? undefined : { body: content };
  }
}

const missing = {
  status: 404,
  body: JSON.stringify({ error: { code: 404, status: "NOT_FOUND", message: "not there" } }),
};

function json(value: object) {
  return { body: JSON.stringify(value) };
}
