// What of Azure no program imitates, as far as first boot asks: the metadata service with tokens and scheduled events, Key Vault's
// secrets, scale sets, and the intake of logs. No token is checked but for whom it is: who may do what is Azure's own affair, and
// so is what a scale set or a disk really does. Storage is Azurite's.
import { appendFileSync, readFileSync } from "node:fs";
import { createServer as plain } from "node:http";
import { createServer } from "node:https";

const [, , file, log, address, cert, key] = process.argv;
const world = () => JSON.parse(readFileSync(file, "utf8"));
const secrets = new Map();
const base64 = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const now = () => Math.floor(Date.now() / 1000);

/** As Entra signs them, but for the signature, which nobody here checks. */
const token = (aud) =>
  [
    base64({ alg: "RS256", typ: "JWT" }),
    base64({
      aud,
      iss: `https://sts.windows.net/${world().tenant}/`,
      iat: now() - 60,
      nbf: now() - 60,
      exp: now() + 3600,
      oid: world().principal,
      tid: world().tenant,
      ver: "1.0",
    }),
    "signature",
  ].join(".");

const body = async (request) => {
  let text = "";
  for await (const part of request) text += part;
  return text;
};

plain(async (request, response) => {
  const url = new URL(request.url, "http://metadata");
  const answer = (status, value) => response.writeHead(status).end(value === undefined ? "" : JSON.stringify(value));
  if (request.headers.metadata !== "true") return answer(400);
  const { instance, events = [], identity = true } = world();
  if (url.pathname === "/metadata/instance") return answer(200, instance);
  if (url.pathname === "/metadata/identity/oauth2/token") {
    return identity ? answer(200, { access_token: token(url.searchParams.get("resource")) }) : answer(400, {});
  }
  if (url.pathname === "/metadata/scheduledevents") {
    if (request.method === "POST") appendFileSync(log, `${JSON.stringify(JSON.parse(await body(request)))}\n`);
    return answer(200, { Events: events });
  }
  return answer(404);
}).listen(80, "169.254.169.254");

createServer({ cert: readFileSync(cert), key: readFileSync(key) }, async (request, response) => {
  const { host } = request.headers;
  const url = new URL(request.url, `https://${host}`);
  const answer = (status, value) => response.writeHead(status).end(value === undefined ? "" : JSON.stringify(value));
  const audience = JSON.parse(
    Buffer.from(request.headers.authorization?.split(".")[1] ?? "e30", "base64url").toString(),
  ).aud;
  if (host.endsWith(".vault.azure.net")) {
    if (audience !== "https://vault.azure.net") return answer(401, { error: { code: "Unauthorized" } });
    if (request.method === "PUT") {
      const { value } = JSON.parse(await body(request));
      secrets.set(url.pathname, [...(secrets.get(url.pathname) ?? []), value]);
      return answer(200, { value });
    }
    const versions = secrets.get(url.pathname);
    if (versions === undefined) return answer(404, { error: { code: "SecretNotFound" } });
    return answer(200, { value: versions.at(-1), versions: versions.length });
  }
  if (host === "management.azure.com") {
    if (audience !== "https://management.azure.com/") return answer(401, { error: { code: "Unauthorized" } });
    if (request.method === "POST") {
      appendFileSync(log, `${JSON.stringify({ path: url.pathname, body: JSON.parse(await body(request)) })}\n`);
      return answer(200, {});
    }
    const [, group, kind] =
      /\/virtualMachineScaleSets\/([^/]+)\/(networkInterfaces|virtualMachines)$/.exec(url.pathname) ?? [];
    const all = world().scaleSets[group]?.[kind];
    if (all === undefined) return answer(404, { error: { code: "ResourceNotFound" } });
    // One a page, so that the reader has to turn it.
    const at = Number(url.searchParams.get("page") ?? 0);
    url.searchParams.set("page", String(at + 1));
    return answer(200, { value: all.slice(at, at + 1), ...(at + 1 < all.length ? { nextLink: url.href } : {}) });
  }
  if (host.endsWith(".ingest.monitor.azure.com") && audience === "https://monitor.azure.com") {
    appendFileSync(log, `${JSON.stringify(JSON.parse(await body(request)))}\n`);
    return answer(204);
  }
  return answer(403, { error: { code: "Forbidden" } });
}).listen(443, address);
