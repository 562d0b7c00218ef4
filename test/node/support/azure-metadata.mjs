// The metadata service of one machine of Azure: who it is, tokens of its identity, scheduled events. What it says stands in a
// file; what it is told goes to another.
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { bodyOf, signed } from "./jwt.mjs";

const [, , file, address, log, signer] = process.argv;
const world = () => JSON.parse(readFileSync(file, "utf8"));

/** https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/how-to-use-vm-token */
function token(resource) {
  const { tenant, principal } = world();
  const claims = {
    aud: resource,
    iss: `https://sts.windows.net/${tenant}/`,
    oid: principal,
    sub: principal,
    tid: tenant,
  };
  const end = String(Math.floor(Date.now() / 1000) + 3600);
  return {
    access_token: signed(signer, { ...claims, ver: "1.0" }),
    client_id: principal,
    expires_in: "3599",
    expires_on: end,
    not_before: end,
    resource,
    token_type: "Bearer",
  };
}

createServer(async (request, response) => {
  const url = new URL(request.url, "http://metadata");
  const answer = (status, value) =>
    response
      .writeHead(status, { "content-type": "application/json" })
      .end(value === undefined ? "" : JSON.stringify(value));
  if (request.headers.metadata !== "true") return answer(400, { error: "Bad request" });
  const { instance, events = [], identity = true } = world();
  if (url.pathname === "/metadata/instance") return answer(200, instance);
  if (url.pathname === "/metadata/identity/oauth2/token") {
    return identity
      ? answer(200, token(url.searchParams.get("resource")))
      : answer(400, { error: "invalid_request", error_description: "Identity not found" });
  }
  if (url.pathname === "/metadata/scheduledevents") {
    if (request.method === "POST") appendFileSync(log, `${JSON.stringify(JSON.parse(await bodyOf(request)))}\n`);
    return answer(200, { Events: events });
  }
  return answer(404);
}).listen(80, address);
