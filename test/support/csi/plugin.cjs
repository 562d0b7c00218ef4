// A CSI plugin for tests: node plugin.cjs controller|node STORE. Its volumes are directories below STORE, and what it does stands
// in STORE/calls, a line each. It publishes none: Nomad asks for that only where a task's driver knows mounts.
const { appendFileSync, mkdirSync, rmSync } = require("node:fs");
const { join } = require("node:path");
const { loadPackageDefinition, Server, ServerCredentials } = require("@grpc/grpc-js");
const { loadSync } = require("@grpc/proto-loader");

const [part, store] = process.argv.slice(2);
const CONTROLLER_SERVICE = 1;
const CREATE_DELETE_VOLUME = 1;

const done = (...what) => appendFileSync(join(store, "calls"), `${part} ${what.join(" ")}\n`);
/** Answers a call, after it was done and written down. */
const call = (name, act) => (request, answer) => {
  try {
    const reply = act(request.request);
    done(name, request.request.volume_id ?? request.request.name ?? "");
    answer(null, reply);
  } catch (error) {
    answer({ code: 13, details: String(error) });
  }
};
const silent = (reply) => (_, answer) => answer(null, reply);

mkdirSync(store, { recursive: true });
const { csi } = loadPackageDefinition(loadSync(join(__dirname, "csi.proto"), { keepCase: true }));
const server = new Server();
server.addService(csi.v1.Identity.service, {
  GetPluginInfo: silent({ name: "directories.test", vendor_version: "1.0.0" }),
  GetPluginCapabilities: silent({ capabilities: [{ service: { type: CONTROLLER_SERVICE } }] }),
  Probe: silent({}),
});
if (part === "controller") {
  server.addService(csi.v1.Controller.service, {
    ControllerGetCapabilities: silent({ capabilities: [{ rpc: { type: CREATE_DELETE_VOLUME } }] }),
    CreateVolume: call("CreateVolume", ({ name }) => {
      mkdirSync(join(store, "volumes", name), { recursive: true });
      return { volume: { volume_id: name, capacity_bytes: 1 << 30 } };
    }),
    DeleteVolume: call("DeleteVolume", ({ volume_id: volume }) => {
      rmSync(join(store, "volumes", volume), { recursive: true });
      return {};
    }),
  });
} else {
  server.addService(csi.v1.Node.service, {
    NodeGetCapabilities: silent({ capabilities: [] }),
    NodeGetInfo: call("NodeGetInfo", () => ({ node_id: "here" })),
  });
}
server.bindAsync(process.env.CSI_ENDPOINT ?? "", ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
  done("serves");
});
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    done("ends");
    process.exit(0);
  });
}
