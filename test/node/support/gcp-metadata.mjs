// The metadata service of one instance of Google Cloud: who it is, tokens of its service account, whether it is preempted. What it
// says stands in a file.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { signed } from "./jwt.mjs";

const [, , file, address, signer] = process.argv;
const world = () => JSON.parse(readFileSync(file, "utf8"));
const ACCOUNT = "instance/service-accounts/default";

/** https://cloud.google.com/compute/docs/instances/verifying-instance-identity */
function identity(audience) {
  const { instance, account, project, created } = world();
  return signed(signer, {
    iss: "https://accounts.google.com",
    aud: audience,
    azp: account.uniqueId,
    sub: account.uniqueId,
    email: account.email,
    email_verified: true,
    google: {
      compute_engine: {
        project_id: project,
        project_number: 1,
        zone: instance.zone.split("/").at(-1),
        instance_id: String(instance.id),
        instance_name: instance.name,
        instance_creation_timestamp: Math.floor(Date.parse(created) / 1000),
      },
    },
  });
}

createServer((request, response) => {
  const answer = (status, value) => {
    const kind = typeof value === "string" ? "application/text" : "application/json";
    response.writeHead(status, { "metadata-flavor": "Google", "content-type": kind });
    // An id is a number of 19 digits there, more than JavaScript has.
    response.end(typeof value === "string" ? value : JSON.stringify(value ?? {}).replace(/"id":"(\d+)"/, '"id":$1'));
  };
  if (request.url === "/") return answer(200, "computeMetadata/\n");
  if (request.headers["metadata-flavor"] !== "Google") return answer(403);
  const url = new URL(request.url, "http://metadata");
  const path = url.pathname.replace("/computeMetadata/v1/", "");
  const { instance, project, attributes = {}, preempted = "FALSE", account } = world();
  const said = {
    "instance/": instance,
    "instance/id": instance.id,
    "instance/preempted": preempted,
    "project/project-id": project,
    ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`instance/attributes/${name}`, value])),
    ...(account && {
      [`${ACCOUNT}/email`]: account.email,
      [`${ACCOUNT}/token`]: { access_token: `ya29.${account.email}`, expires_in: 3599, token_type: "Bearer" },
      [`${ACCOUNT}/identity`]: url.searchParams.has("audience")
        ? identity(url.searchParams.get("audience"))
        : undefined,
    }),
  };
  return said[path] === undefined ? answer(404) : answer(200, said[path]);
}).listen(80, address);
