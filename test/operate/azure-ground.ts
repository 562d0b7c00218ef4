import { answering } from "./aws-answers";

/** One machine of the imitated scale set. */
export interface Vm {
  readonly id: string;
  readonly zone?: string;
  readonly current?: boolean;
  readonly provisioning?: string;
  readonly power?: string;
}

export const SUBSCRIPTION = "00000000-0000-4000-8000-000000000001";
export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/caravan-prod`;
export const SCALE_SET = "caravan-prod-server-main";
const SET = `${GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/${SCALE_SET}`;

/** A token that nobody signed, with what it says of its bearer. */
export function tokenOf(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part(claims)}.`;
}

/**
 * An imitation of Azure Resource Manager, Key Vault and blobs, as far as operations ask them, in the shapes of their references.
 *
 * Its limits: it looks at no token and no version of an API; a change shows at once, where Azure takes minutes; a scale set that
 * grows says so and starts nothing; and a command on a machine is not run, its answer is `said`.
 */
export class AzureGround {
  machines: Vm[] = [];
  capacity = 3;
  said = "[stdout]\nit works\ncaravan-exit-code 0\n\n[stderr]\n";
  readonly secrets = new Map<string, string>();
  readonly blobs = new Map<string, string>();
  bastions: object[] = [];
  isGone = false;
  readonly calls: { method: string; path: string; body: unknown }[] = [];

  async start(): Promise<string> {
    const server = await answering(({ method, url, headers, body }) => {
      const to = new URL(url, "http://any");
      if (headers["x-ms-blob-type"] !== undefined) return this.putBlob(to, body, headers["if-none-match"] === "*");
      this.calls.push({ method, path: url, body: body === "" ? undefined : JSON.parse(body) });
      return this.answer(method, to);
    });
    return server.url;
  }

  /** What was changed, without what was only looked at. */
  changes(): { path: string; body: unknown }[] {
    return this.calls
      .filter(({ method }) => method !== "GET")
      .map(({ path, body }) => ({ path: path.replace(/^.*virtualMachineScaleSets\//, "").replace(/\?.*$/, ""), body }));
  }

  private answer(method: string, url: URL): { status?: number; body: string; headers?: Record<string, string> } {
    const [, host = "", rest = ""] = /^\/([^/]+)(\/.*)$/.exec(url.pathname) ?? [];
    if (host.endsWith(".vault.azure.net")) return this.secret(rest);
    if (host.endsWith(".blob.core.windows.net")) return this.blob(rest, url.searchParams);
    const missing = {
      status: 404,
      body: JSON.stringify({ error: { code: "ResourceNotFound", message: "not there" } }),
    };
    if (rest === "/operations/1") {
      const output = { value: [{ code: "ProvisioningState/succeeded", message: this.said }] };
      return json({ status: "Succeeded", properties: { output } });
    }
    if (rest === `${GROUP}/providers/Microsoft.Network/bastionHosts`) return json({ value: this.bastions });
    if (this.isGone || !rest.startsWith(SET)) return missing;
    const what = rest.slice(SET.length);
    if (what.endsWith("/runCommand")) {
      const operation = `https://management.azure.com/operations/1`;
      return { status: 202, body: "", headers: { "azure-asyncoperation": operation } };
    }
    if (what === "/delete") {
      this.capacity -= 1;
      return { status: 202, body: "" };
    }
    if (what === "/virtualMachines") return json({ value: this.machines.map(virtualMachine) });
    if (what === "/networkInterfaces") return json({ value: this.machines.map(networkInterface) });
    if (method === "PATCH")
      this.capacity = (this.calls.at(-1) as { body: { sku: { capacity: number } } }).body.sku.capacity;
    return json({ sku: { name: "Standard_D2s_v5", tier: "Standard", capacity: this.capacity } });
  }

  private secret(path: string) {
    const value = this.secrets.get(path);
    if (value !== undefined) return json({ value });
    return { status: 404, body: JSON.stringify({ error: { code: "SecretNotFound", message: "no secret" } }) };
  }

  private putBlob({ pathname }: URL, body: string, onlyNew: boolean) {
    const name = decodeURIComponent(pathname.replace(/^.*\/cluster\//, ""));
    if (onlyNew && this.blobs.has(name)) {
      return { status: 409, body: "<Error><Code>BlobAlreadyExists</Code><Message>it is there</Message></Error>" };
    }
    this.blobs.set(name, body);
    return { status: 201, body: "" };
  }

  /** Two blobs a page. */
  private blob(path: string, query: URLSearchParams) {
    if (query.get("comp") === "list") {
      const names = [...this.blobs.keys()].filter((name) => name.startsWith(query.get("prefix") ?? "")).sort();
      const from = Number(query.get("marker") || "0");
      const page = names.slice(from, from + 2).map((name) => `<Blob><Name>${name}</Name></Blob>`);
      const next = from + 2 < names.length ? String(from + 2) : "";
      const body = `<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>${page.join("")}</Blobs><NextMarker>${next}</NextMarker></EnumerationResults>`;
      return { body };
    }
    const content = this.blobs.get(decodeURIComponent(path.replace("/cluster/", "")));
    if (content !== undefined) return { body: content };
    return {
      status: 404,
      body: "<?xml version='1.0'?><Error><Code>BlobNotFound</Code><Message>no blob</Message></Error>",
    };
  }
}

function json(value: object) {
  return { body: JSON.stringify(value) };
}

function virtualMachine({ id, zone = "1", current = true, provisioning = "Succeeded", power = "running" }: Vm) {
  return {
    id: `${SET}/virtualMachines/${id}`,
    instanceId: id,
    zones: [zone],
    properties: {
      latestModelApplied: current,
      provisioningState: provisioning,
      timeCreated: "2026-01-01T00:00:00.000Z",
      instanceView: { statuses: [{ code: "ProvisioningState/succeeded" }, { code: `PowerState/${power}` }] },
    },
  };
}

/** Azure writes ids in whatever case. */
function networkInterface({ id }: Vm) {
  return {
    properties: {
      virtualMachine: { id: `${SET}/virtualMachines/${id}`.toUpperCase() },
      ipConfigurations: [{ properties: { privateIPAddress: `10.0.0.${id}` } }],
    },
  };
}
