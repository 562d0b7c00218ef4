// Auto Scaling's CompleteLifecycleAction, which moto lacks, over TLS. It takes what AWS's reference says of the request and
// refuses everything else; each request is a line of JSON in a file. It checks no signature: the test does, from the file.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:https";

const [, , file, address, cert, key] = process.argv;

const members = {
  Action: /^CompleteLifecycleAction$/,
  Version: /^2011-01-01$/,
  AutoScalingGroupName: /^[\u0020-\uD7FF]{1,255}$/,
  InstanceId: /^\S{1,19}$/,
  LifecycleActionResult: /^(CONTINUE|ABANDON)$/,
  LifecycleActionToken: /^\S{36}$/,
  LifecycleHookName: /^[A-Za-z0-9\-_/]{1,255}$/,
};
const required = ["Action", "Version", "AutoScalingGroupName", "LifecycleActionResult", "LifecycleHookName"];

function problem({ method, path, headers, body }) {
  if (method !== "POST" || path !== "/") return `${method} ${path}`;
  if (headers["content-type"] !== "application/x-www-form-urlencoded") return `content type ${headers["content-type"]}`;
  if (!headers.authorization || !headers["x-amz-date"] || !headers["x-amz-security-token"]) return "not signed";
  const form = new URLSearchParams(body);
  for (const name of required) if (!form.has(name)) return `no ${name}`;
  if (!form.has("InstanceId") && !form.has("LifecycleActionToken")) return "neither instance nor token";
  for (const [name, value] of form) if (!members[name]?.test(value)) return `${name}=${value}`;
  return undefined;
}

createServer({ cert: readFileSync(cert), key: readFileSync(key) }, async (request, response) => {
  if (request.method === "HEAD") return response.end();
  let body = "";
  for await (const part of request) body += part;
  const [path, query = ""] = request.url.split("?");
  const asked = { method: request.method, path, query, headers: request.headers, body };
  const refused = problem(asked);
  appendFileSync(file, `${JSON.stringify({ ...asked, refused })}\n`);
  const text =
    refused === undefined
      ? "<CompleteLifecycleActionResponse><CompleteLifecycleActionResult/></CompleteLifecycleActionResponse>"
      : `<ErrorResponse><Error><Code>ValidationError</Code><Message>${refused}</Message></Error></ErrorResponse>`;
  response.writeHead(refused === undefined ? 200 : 400, { "content-type": "text/xml" }).end(text);
}).listen(443, address);
