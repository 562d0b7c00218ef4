// What of Google Cloud no program imitates, as far as first boot asks: the metadata service, Secret Manager, Compute Engine's lists
// and the intake of logs. Any token passes: who may do what is Google's own affair, and so is what a group really does. Filters
// are known as far as first boot writes them. Storage is fake-gcs-server's.
import { appendFileSync, readFileSync } from "node:fs";
import { createServer as plain } from "node:http";
import { createServer } from "node:https";

const [, , file, log, address, cert, key] = process.argv;
const world = () => JSON.parse(readFileSync(file, "utf8"));
const versions = new Map();
const body = async (request) => {
  let text = "";
  for await (const part of request) text += part;
  return text;
};

plain((request, response) => {
  const path = request.url.replace("/computeMetadata/v1/", "");
  const answer = (status, value) =>
    response.writeHead(status).end(typeof value === "string" ? value : JSON.stringify(value ?? {}));
  if (request.headers["metadata-flavor"] !== "Google") return answer(403);
  const { instance, attributes = {}, preempted = "FALSE", account = true } = world();
  if (path === "instance/?recursive=true") return answer(200, instance);
  if (path === "instance/preempted") return answer(200, preempted);
  if (path === "instance/service-accounts/default/token") return answer(account ? 200 : 404, { access_token: "token" });
  if (path.startsWith("instance/service-accounts/default/identity?")) {
    return answer(200, `identity for ${new URLSearchParams(path.split("?")[1]).get("audience")}`);
  }
  const [, attribute] = /^instance\/attributes\/(.*)$/.exec(path) ?? [];
  return attribute in attributes ? answer(200, attributes[attribute]) : answer(404);
}).listen(80, "169.254.169.254");

const known = {
  label: (instance, [, name, value]) => instance.labels?.[name] === value,
  status: (instance, filter) => filter.includes(`status=${instance.status}`),
};

createServer({ cert: readFileSync(cert), key: readFileSync(key) }, async (request, response) => {
  const { host } = request.headers;
  const url = new URL(request.url, `https://${host}`);
  const answer = (status, value) => response.writeHead(status).end(JSON.stringify(value ?? {}));
  if (request.headers.authorization !== "Bearer token") return answer(401);
  if (host === "secretmanager.googleapis.com") {
    const [, name, verb] = /^\/v1\/(.*?)(?:\/versions\/latest)?:(access|addVersion)$/.exec(url.pathname) ?? [];
    const all = versions.get(name) ?? [];
    if (verb === "addVersion") {
      versions.set(name, [...all, JSON.parse(await body(request)).payload.data]);
      return answer(200, { name: `${name}/versions/${all.length + 1}` });
    }
    return all.length === 0
      ? answer(404)
      : answer(200, { name: `${name}/versions/${all.length}`, payload: { data: all.at(-1) } });
  }
  if (host === "compute.googleapis.com") {
    const { instances, unreachable = [], managed } = world();
    if (url.pathname.endsWith("/listManagedInstances")) {
      return answer(200, { managedInstances: request.method === "POST" ? managed : [] });
    }
    const filter = url.searchParams.get("filter");
    const labels = /^labels\.(\S+)=(\S+) AND/.exec(filter);
    const [, id] = /^id=(.*)$/.exec(filter) ?? [];
    const found = instances.filter((one) =>
      id === undefined ? known.label(one, labels) && known.status(one, filter) : one.id === id,
    );
    const at = Number(url.searchParams.get("pageToken") || 0);
    return answer(200, {
      items: {
        "zones/europe-west1-b": { instances: found.slice(at, at + 1) },
        "zones/europe-west1-c": { warning: { code: "NO_RESULTS_ON_PAGE" } },
      },
      unreachables: unreachable,
      ...(at + 1 < found.length ? { nextPageToken: String(at + 1) } : {}),
    });
  }
  if (host === "logging.googleapis.com") {
    appendFileSync(log, `${JSON.stringify(JSON.parse(await body(request)))}\n`);
    return answer(200);
  }
  return answer(403);
}).listen(443, address);
