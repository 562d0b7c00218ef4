// What of Azure no program imitates, as far as first boot and the products ask: Entra's keys, Key Vault, scale sets, and the intake
// of logs. A token is judged by signature, time and audience. Nobody is refused for want of a right: who asked what is told
// instead, in the words of Azure's permissions. Storage is Azurite's.
import { constants, generateKeyPairSync, privateDecrypt, publicEncrypt } from "node:crypto";
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:https";
import { bearer, bodyOf, keySet } from "./jwt.mjs";

const [, , file, log, address, cert, key, signer] = process.argv;
const world = () => JSON.parse(readFileSync(file, "utf8"));
const secrets = new Map();
const pairs = new Map();

/** Tells who asked what of what. */
function asked(who, action, of) {
  const { calls } = world();
  if (calls !== undefined) appendFileSync(calls, `${JSON.stringify({ who, action, of })}\n`);
}

/** https://learn.microsoft.com/en-us/rest/api/keyvault/secrets */
async function secret(request, id, who) {
  if (request.method === "PUT") {
    asked(who, "Microsoft.KeyVault/vaults/secrets/setSecret/action", id);
    const { value } = JSON.parse(await bodyOf(request));
    secrets.set(id, [...(secrets.get(id) ?? []), value]);
    return [200, { value }];
  }
  asked(who, "Microsoft.KeyVault/vaults/secrets/getSecret/action", id);
  const versions = secrets.get(id);
  if (versions === undefined) return [404, { error: { code: "SecretNotFound" } }];
  return [200, { value: versions.at(-1), versions: versions.length }];
}

const VERSION = "0123456789abcdef0123456789abcdef";
const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };

/** https://learn.microsoft.com/en-us/rest/api/keyvault/keys */
async function keyVaultKey(request, { host, pathname }, who) {
  const [, name, version = VERSION, verb = ""] =
    /^\/keys\/([^/]+)(?:\/([0-9a-f]{32}))?\/*(wrapkey|unwrapkey)?$/.exec(pathname) ?? [];
  const id = `${host}/keys/${name}`;
  const action = { "": "read", wrapkey: "wrap/action", unwrapkey: "unwrap/action" }[verb];
  asked(who, `Microsoft.KeyVault/vaults/keys/${action}`, id);
  if (!world().keys?.includes(id) || version !== VERSION) return [404, { error: { code: "KeyNotFound" } }];
  if (!pairs.has(id)) pairs.set(id, generateKeyPairSync("rsa", { modulusLength: 2048 }));
  const { publicKey, privateKey } = pairs.get(id);
  const kid = `https://${id}/${VERSION}`;
  if (verb === "") {
    const bits = { ...publicKey.export({ format: "jwk" }), key_ops: ["wrapKey", "unwrapKey"] };
    return [200, { key: { kid, ...bits }, attributes: { enabled: true } }];
  }
  const { alg, value } = JSON.parse(await bodyOf(request));
  if (alg !== "RSA-OAEP-256") return [400, { error: { code: "BadParameter" } }];
  const bytes = Buffer.from(value, "base64url");
  const turned =
    verb === "wrapkey"
      ? publicEncrypt({ key: publicKey, ...OAEP }, bytes)
      : privateDecrypt({ key: privateKey, ...OAEP }, bytes);
  return [200, { kid, value: turned.toString("base64url") }];
}

/** What Azure Resource Manager knows of scale sets: entries on pages, and what machines are to have attached. */
async function scaleSet(request, url, who) {
  if (request.method === "POST") {
    appendFileSync(log, `${JSON.stringify({ path: url.pathname, body: JSON.parse(await bodyOf(request)) })}\n`);
    return [200, {}];
  }
  const [, group, kind] =
    /\/virtualMachineScaleSets\/([^/]+)\/(networkInterfaces|virtualMachines)$/.exec(url.pathname) ?? [];
  asked(who, `Microsoft.Compute/virtualMachineScaleSets/${kind}/read`, group);
  const { scaleSets, pageSize } = world();
  const all = scaleSets[group]?.[kind];
  if (all === undefined) return [404, { error: { code: "ResourceNotFound" } }];
  const at = Number(url.searchParams.get("page") ?? 0);
  url.searchParams.set("page", String(at + pageSize));
  return [200, { value: all.slice(at, at + pageSize), ...(at + pageSize < all.length ? { nextLink: url.href } : {}) }];
}

/** https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc */
function entra(path) {
  const { tenant } = world();
  if (path === "/common/discovery/keys") return [200, keySet(signer)];
  if (path !== `/${tenant}/.well-known/openid-configuration`) return [404, {}];
  const jwks_uri = "https://login.microsoftonline.com/common/discovery/keys";
  return [200, { issuer: `https://sts.windows.net/${tenant}/`, jwks_uri }];
}

async function answerTo(request) {
  const { host } = request.headers;
  const url = new URL(request.url, `https://${host}`);
  if (host === "login.microsoftonline.com") return entra(url.pathname);
  const { aud, oid } = bearer(signer, request) ?? {};
  if (host.endsWith(".vault.azure.net")) {
    if (aud !== "https://vault.azure.net") {
      const authorization = `https://login.microsoftonline.com/${world().tenant}`;
      const challenge = `Bearer authorization="${authorization}", resource="https://vault.azure.net"`;
      return [401, { error: { code: "Unauthorized" } }, { "www-authenticate": challenge }];
    }
    return url.pathname.startsWith("/keys/")
      ? keyVaultKey(request, url, oid)
      : secret(request, `${host}${url.pathname}`, oid);
  }
  if (host === "management.azure.com") {
    return aud === "https://management.azure.com/"
      ? scaleSet(request, url, oid)
      : [401, { error: { code: "AuthenticationFailed" } }];
  }
  if (host.endsWith(".ingest.monitor.azure.com") && aud === "https://monitor.azure.com") {
    appendFileSync(log, `${JSON.stringify(JSON.parse(await bodyOf(request)))}\n`);
    return [204, undefined];
  }
  return [403, { error: { code: "Forbidden" } }];
}

createServer({ cert: readFileSync(cert), key: readFileSync(key) }, async (request, response) => {
  const [status, value, headers = {}] = await answerTo(request);
  response
    .writeHead(status, { "content-type": "application/json", ...headers })
    .end(value === undefined ? "" : JSON.stringify(value));
}).listen(443, address);
