import { checkWith, jobWith, serviceWith, volumeWith } from "../sample-jobs";
import { batch, CSI, group, job, ours, type Refusal, sidecar, task, template } from "./row";

const SILENT = "Nomad takes it, and the node fails the task when it starts";

/** What Nomad takes and we refuse, each with the reason. */
export const stricter: readonly Refusal[] = [
  ours(
    "an unknown word",
    job({ datacentres: ["dc1"] }),
    "datacentres",
    "Nomad drops fields of JSON that it does not know, without a word",
  ),
  ours(
    "a word of the specification's spelling",
    group({ ephemeral_disk: { size: 500 } }),
    "ephemeral_disk",
    "as above: our word is ephemeralDisk",
  ),
  ours("Docker without an image", task({ driver: "docker", config: {} }), "config.image", SILENT),
  ours("exec without a program", task({ driver: "exec", config: {} }), "config.command", SILENT),
  ours("Java without class and jar", task({ driver: "java", config: {} }), "config", SILENT),
  ours(
    "a bad restart of a task",
    task({ restart: { mode: "never" } }),
    "restart.mode",
    "Nomad checks the group's restart only",
  ),
  ours("an unknown network mode", group({ network: { mode: "nat" } }), "network.mode", SILENT),
  ours(
    "a port with a space",
    group({ network: { port: { "my port": {} } } }),
    'network.port."my port"',
    "it becomes a variable that no shell can name",
  ),
  ours(
    "static port 0",
    group({ network: { port: { a: { static: 0 } } } }),
    "network.port.a.static",
    "Nomad stores a static port without a number",
  ),
  ours("ports without an interface", group({ network: { mode: "none", port: { a: {} } } }), "network.port", SILENT),
  ours(
    "a group's service on an unknown port",
    serviceWith({ port: "htpp" }),
    "service[0].port",
    "Nomad registers the service with port 0",
  ),
  ours(
    "a group's service of an unknown task",
    serviceWith({ task: "u" }),
    "service[0].task",
    "Nomad never finds the task",
  ),
  ours("a check on an unknown port", checkWith({ port: "htpp" }), "service[0].check[0].port", SILENT),
  ours(
    "an upstream without a port",
    sidecar({ upstreams: [{ destinationName: "a" }] }),
    "service[0].connect.sidecarService.proxy.upstreams[0].localBindPort",
    "Consul refuses the proxy when the task starts",
  ),
  ours(
    "an upstream without a name",
    sidecar({ upstreams: [{ localBindPort: 1 }] }),
    "service[0].connect.sidecarService.proxy.upstreams[0].destinationName",
    "Consul refuses the proxy when the task starts",
  ),
  ours("a template's signal without name", template({ changeMode: "signal" }), "template[0].changeSignal", SILENT),
  ours(
    "a template's signal without mode",
    template({ changeSignal: "SIGHUP" }),
    "template[0].changeSignal",
    "Nomad restarts the task and never sends it",
  ),
  ours(
    "a change script without mode",
    template({ changeScript: { command: "/x" } }),
    "template[0].changeScript",
    "Nomad restarts the task and never runs it",
  ),
  ours("a template from two sources", template({ source: "local/x.tpl" }), "template[0].source", SILENT),
  ours(
    "a sidecar after the end",
    task({ lifecycle: { hook: "poststop", sidecar: true } }),
    "lifecycle.sidecar",
    "there is nothing left to run beside, and the allocation never ends",
  ),
  ours(
    "a mount without destination",
    volumeWith({ type: "host", source: "x" }, { destination: "" }),
    "volumeMount[0].destination",
    SILENT,
  ),
  ours(
    "an unknown kind of volume",
    jobWith({ group: { volume: { data: { type: "nfs", source: "x" } } } }),
    "volume.data.type",
    "Nomad drops the volume",
  ),
  ours(
    "an unknown CSI access mode",
    volumeWith({ ...CSI, accessMode: "shared" }),
    "volume.data.accessMode",
    "no volume has it, so the group is never placed",
  ),
  ours(
    "a clock and dispatch",
    batch({ periodic: { crons: ["@daily"] }, parameterized: {} }),
    "parameterized",
    "the clock is ignored until somebody dispatches the job",
  ),
  ours(
    "a payload nobody gives",
    task({ dispatchPayload: { file: "x" } }),
    "dispatchPayload",
    "the file is never written",
  ),
  ours(
    "a device of four parts",
    task({ resources: { device: { name: "a/b/c/d" } } }),
    "resources.device[0].name",
    "no device has such a name, so the group is never placed",
  ),
  ours(
    "no devices",
    task({ resources: { device: { name: "gpu", count: 0 } } }),
    "resources.device[0].count",
    "Nomad reads 0 as 1",
  ),
  ours(
    "an empty element of a cron list",
    batch({ periodic: { crons: ["1,,3 * * * *"] } }),
    "periodic.crons[0]",
    "Nomad skips it: something was forgotten",
  ),
  ours(
    "two networks",
    jobWith({ group: { network: [{ mode: "bridge" }, { mode: "bridge" }] } }),
    "network",
    "Nomad uses the first and ignores the other",
  ),
  ours(
    "disconnect in the old words",
    group({ maxClientDisconnect: "1h" }),
    "maxClientDisconnect",
    "Nomad 1.11 drops it without a word",
  ),
  ours("a longest run", group({ maxRunDuration: "1h" }), "maxRunDuration", "Nomad 1.11 drops it without a word"),
  ours(
    "policies of Vault",
    task({ vault: { policies: ["db"] } }),
    "vault.policies",
    "Nomad 1.11 drops it without a word",
  ),
  ours(
    "a disk of the task",
    task({ resources: { disk: 500 } }),
    "resources.disk",
    "Nomad 1.11 drops it without a word",
  ),
  ours(
    "claims of an identity",
    task({ identity: { name: "x", aud: ["x"], extraClaims: ["a"] } }),
    "identity.extraClaims",
    "Nomad 1.11 drops it without a word",
  ),
];
