// The metadata service of one instance, as EC2 has it with IMDSv2 required. Its answers stand in a JSON file, path by path.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const [, , file, address] = process.argv;
const TOKEN = "imds-token";

createServer((request, response) => {
  const answer = (status, body = "") =>
    response.writeHead(status, { "x-aws-ec2-metadata-token-ttl-seconds": "60" }).end(body);
  if (request.method === "PUT" && request.url === "/latest/api/token") return answer(200, TOKEN);
  if (request.headers["x-aws-ec2-metadata-token"] !== TOKEN) return answer(401);
  const found = JSON.parse(readFileSync(file, "utf8"))[request.url.replace(/^\/latest\//, "")];
  if (found === undefined) return answer(404);
  return answer(200, typeof found === "string" ? found : JSON.stringify(found));
}).listen(80, address);
