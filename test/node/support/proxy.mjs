// A proxy as companies have them: it takes CONNECT and whole addresses, knows names that its clients do not, and writes down what
// it was asked for, a line each. Names are given as NAME=ADDRESS; it refuses all others.
import { appendFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { connect } from "node:net";

const [, , file, listen, ...names] = process.argv;
const known = Object.fromEntries(names.map((one) => one.split("=")));
const addressOf = (host) =>
  Object.entries(known).find(([name]) => host === name || (name.startsWith(".") && host.endsWith(name)))?.[1];

const proxy = createServer((asked, response) => {
  appendFileSync(file, `${asked.method} ${asked.url}\n`);
  const { hostname, port, pathname } = new URL(asked.url, "http://none");
  const host = addressOf(hostname);
  if (host === undefined) return response.writeHead(502).end();
  const onward = request(
    { host, port: port || 80, path: pathname, method: asked.method, headers: asked.headers },
    (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    },
  );
  asked.pipe(onward);
});
proxy.on("connect", (asked, client) => {
  appendFileSync(file, `CONNECT ${asked.url}\n`);
  const [name, port] = asked.url.split(":");
  const host = addressOf(name);
  if (host === undefined) return client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  const onward = connect(Number(port), host, () => {
    client.write("HTTP/1.1 200 OK\r\n\r\n");
    client.pipe(onward).pipe(client);
  });
  for (const socket of [client, onward]) socket.on("error", () => [client, onward].map((one) => one.destroy()));
});
const [host, port] = listen.split(":");
proxy.listen(Number(port), host);
