// Stands in for AWS's session-manager-plugin, called as the AWS CLI calls it: variable with the answer of StartSession, region,
// operation, profile, request, endpoint.
//
// Faithful, after the program's source: its arguments and variables, the lines that it prints, the loopback address it listens on,
// exit code 0 also where it failed, the end on SIGINT and SIGTERM.
// Not faithful: there is no WebSocket, no agent and no encryption. The far end is looked up in FAKE_SESSION_TARGETS
// ("host:port=port,..."), not resolved by a machine; a session ends by SIGUSR2, not by idleness.
import { appendFileSync } from "node:fs";
import { connect, createServer } from "node:net";

if (process.argv[2] === "--version") {
  console.log(process.env.FAKE_SESSION_VERSION ?? "1.2.835.0");
  process.exit();
}
const [name, region, operation, profile, request, endpoint] = process.argv.slice(2);
const { SessionId, StreamUrl, TokenValue } = JSON.parse(process.env[name] ?? "{}");
const { Target, Parameters } = JSON.parse(request);
const [host, port, localPort] = ["host", "portNumber", "localPortNumber"].map((key) => Parameters[key][0]);
const tell = (what) =>
  process.env.FAKE_SESSION_LOG &&
  appendFileSync(process.env.FAKE_SESSION_LOG, `${JSON.stringify({ ...what, SessionId, pid: process.pid })}\n`);

tell({
  begins: Target,
  region,
  operation,
  profile,
  endpoint,
  args: process.argv.slice(2),
  token: TokenValue,
  StreamUrl,
});
console.log(`\nStarting session with SessionId: ${SessionId}`);
const fail = (why) => {
  console.log(`Cannot perform start session: ${why}`);
  process.exit(0);
};
if (process.env.AWS_ACCESS_KEY_ID === undefined) fail("no credentials");
const targets = new Map((process.env.FAKE_SESSION_TARGETS ?? "").split(",").map((each) => each.split("=")));
const far = targets.get(`${host}:${port}`);

const server = createServer((near) => {
  if (far === undefined) {
    console.log("\nConnection to destination port failed, check SSM Agent logs.");
    return near.destroy();
  }
  const socket = connect(Number(far), "127.0.0.1");
  for (const [from, to] of [
    [near, socket],
    [socket, near],
  ]) {
    from.on("error", () => to.destroy());
    from.pipe(to);
  }
});
server.once("error", (error) => fail(error.message));
server.listen(Number(localPort), process.env.SSM_PLUGIN_LOCAL_HOST ?? "localhost", () => {
  console.log(`Port ${localPort} opened for sessionId ${SessionId}.`);
  console.log("Waiting for connections...");
});
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    console.log("Terminate signal received, exiting.");
    tell({ ends: Target });
    process.exit(0);
  });
}
// A session that has come to its end, as one that was idle for too long.
process.once("SIGUSR2", () => {
  console.log(`\n\nExiting session with sessionId: ${SessionId}.`);
  process.exit(0);
});
