// What of Google Cloud no program imitates, as far as first boot and the products ask: Google's keys, Secret Manager, Cloud KMS,
// Compute Engine's lists, service accounts and the intake of logs. An access token says whose it is. Nobody is refused for want
// of a right: who asked what is told instead, in the words of Google's permissions. Filters are known as far as first boot and
// go-discover write them. Storage is fake-gcs-server's.
import { appendFileSync, readFileSync } from "node:fs";
import { createSecureServer } from "node:http2";
import { kms } from "./gcp-kms.mjs";
import { bodyOf, keySet } from "./jwt.mjs";

const [, , file, log, address, cert, key, signer] = process.argv;
const world = () => JSON.parse(readFileSync(file, "utf8"));
const versions = new Map();

/** https://cloud.google.com/secret-manager/docs/reference/rest */
async function secretManager(request, { pathname }, asked) {
  const [, name, verb] = /^\/v1\/(.*?)(?:\/versions\/latest)?:(access|addVersion)$/.exec(pathname) ?? [];
  const all = versions.get(name) ?? [];
  if (verb === "addVersion") {
    asked("secretmanager.versions.add", name);
    versions.set(name, [...all, JSON.parse(await bodyOf(request)).payload.data]);
    return [200, { name: `${name}/versions/${all.length + 1}` }];
  }
  asked("secretmanager.versions.access", name);
  return all.length === 0 ? [404] : [200, { name: `${name}/versions/${all.length}`, payload: { data: all.at(-1) } }];
}

const hasLabel = (instance, [, name, value]) => instance.labels?.[name] === value;
const hasStatus = (instance, filter) => filter.includes(`status=${instance.status}`);
const page = (list, url) => {
  const at = Number(url.searchParams.get("pageToken") || 0);
  return { items: list.slice(at, at + 1), ...(at + 1 < list.length ? { nextPageToken: String(at + 1) } : {}) };
};

/** https://cloud.google.com/compute/docs/reference/rest/v1. Lists have one entry a page, so that the reader has to turn it. */
function compute(request, url, asked) {
  const { instances, zones = [], unreachable = [], managed } = world();
  const [, project, rest = ""] = /^\/compute\/v1\/projects\/([^/]+)\/(.*)$/.exec(url.pathname) ?? [];
  const filter = url.searchParams.get("filter") ?? "";
  if (rest.endsWith("/listManagedInstances")) {
    asked("compute.instanceGroupManagers.get", rest.split("/").at(-2));
    return [200, { managedInstances: request.method === "POST" ? managed : [] }];
  }
  if (rest === "zones") {
    asked("compute.zones.list", project);
    const [, pattern] = /^name eq (.*)$/.exec(filter) ?? [];
    const named = zones.filter((name) => new RegExp(`^(?:${pattern})$`).test(name));
    return [
      200,
      page(
        named.map((name) => ({ name })),
        url,
      ),
    ];
  }
  const [, zone, name] = /^zones\/([^/]+)\/instances(?:\/([^/]+))?$/.exec(rest) ?? [];
  const here = instances.filter((one) => one.zone?.endsWith(`/${zone}`));
  if (name !== undefined) {
    asked("compute.instances.get", project);
    const found = here.find((one) => one.name === name);
    return found === undefined ? [404] : [200, found];
  }
  if (rest !== "aggregated/instances" && zone === undefined) return [404];
  asked("compute.instances.list", project);
  if (zone !== undefined) return [200, page(here, url)];
  const labels = /^labels\.(\S+)=(\S+) AND/.exec(filter);
  const [, id] = /^id=(.*)$/.exec(filter) ?? [];
  const found = instances.filter((one) =>
    id === undefined ? hasLabel(one, labels) && hasStatus(one, filter) : one.id === id,
  );
  const { items, ...more } = page(found, url);
  const zoned = {
    "zones/europe-west1-b": { instances: items },
    "zones/europe-west1-c": { warning: { code: "NO_RESULTS_ON_PAGE" } },
  };
  return [200, { items: zoned, unreachables: unreachable, ...more }];
}

async function logging(request) {
  appendFileSync(log, `${JSON.stringify(JSON.parse(await bodyOf(request)))}\n`);
  return [200];
}

/** https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts/get */
function serviceAccount(_, { pathname }, asked) {
  const id = pathname.split("/").at(-1);
  const account = world().accounts.find(({ email, uniqueId }) => [email, uniqueId].includes(id));
  asked("iam.serviceAccounts.get", account?.email);
  return account === undefined ? [404] : [200, account];
}

const services = {
  "secretmanager.googleapis.com": secretManager,
  "compute.googleapis.com": compute,
  "iam.googleapis.com": serviceAccount,
  "logging.googleapis.com": logging,
};

/** What Google tells everybody: https://accounts.google.com/.well-known/openid-configuration */
const open = {
  "accounts.google.com/.well-known/openid-configuration": () => ({
    issuer: "https://accounts.google.com",
    jwks_uri: "https://www.googleapis.com/oauth2/v3/certs",
  }),
  "www.googleapis.com/oauth2/v3/certs": () => keySet(signer),
  "www.googleapis.com/oauth2/v1/certs": () => ({ [keySet(signer).keys[0].kid]: readFileSync(signer, "utf8") }),
};

const options = { cert: readFileSync(cert), key: readFileSync(key), allowHTTP1: true };
createSecureServer(options, async (request, response) => {
  const host = (request.headers[":authority"] ?? request.headers.host ?? "").replace(/:443$/, "");
  const url = new URL(request.url, `https://${host}`);
  const answer = (status, value) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value ?? {}));
  const told = open[host + url.pathname];
  if (told !== undefined) return answer(200, told());
  const [, email] = /^Bearer ya29\.(.*)$/.exec(request.headers.authorization ?? "") ?? [];
  const { accounts, keys = [], calls } = world();
  if (!accounts?.some((one) => one.email === email)) return answer(401);
  const asked = (permission, of) => {
    if (calls !== undefined) appendFileSync(calls, `${JSON.stringify({ who: email, action: permission, of })}\n`);
  };
  if (host === "cloudkms.googleapis.com") {
    return kms(url.pathname, await bodyOf(request), response, (name) => keys.includes(name), asked);
  }
  const service = services[host];
  if (service === undefined) return answer(403);
  answer(...(await service(request, url, asked)));
}).listen(443, address);
