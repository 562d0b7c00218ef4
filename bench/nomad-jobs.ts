// A stack of N Nomad jobs: `nomad-jobs.js <outdir> <typed|raw> <N>`. `raw` is what one writes without the model: the
// same JSON as a text for `nomad_job`, escaped for Terraform, and checked by nobody.
import { Job as JobResource } from "@cdktf/provider-nomad/lib/job";
import { NomadProvider } from "@cdktf/provider-nomad/lib/provider";
import { App, TerraformStack } from "cdktf";
import { type Job, NomadJob } from "../lib/nomad";

const [, , outdir, kind, count] = process.argv;
const app = new App({ outdir });
const stack = new TerraformStack(app, "jobs");
new NomadProvider(stack, "nomad", { address: "http://127.0.0.1:4646" });

for (let index = 0; index < Number(count); index++) {
  if (kind === "typed") new NomadJob(stack, `job-${index}`, { job: typed(index), policy: {} });
  else new JobResource(stack, `job-${index}`, { jobspec: raw(index), json: true, detach: false });
}
app.synth();

/** An ordinary service: two tasks, a checked port, a template, an update. */
function typed(index: number): Job {
  return {
    id: `web-${index}`,
    update: { maxParallel: 1, canary: 1, autoPromote: true, autoRevert: true },
    group: {
      web: {
        count: 3,
        network: { mode: "bridge", port: { http: { to: 8080 }, metrics: { to: 9100 } } },
        service: {
          name: `web-${index}`,
          port: "http",
          tags: ["public"],
          check: { type: "http", path: "/health", interval: "10s", timeout: "2s" },
        },
        spread: { attribute: "${node.datacenter}" },
        task: {
          server: {
            driver: "docker",
            config: { image: "registry.example.com/web:1.4.2", ports: ["http", "metrics"] },
            env: { PORT: "${NOMAD_PORT_http}" },
            resources: { cpu: 200, memory: "256MiB" },
            template: { destination: "local/app.conf", data: 'greeting = "{{ key "greeting" }}"\n' },
          },
          logs: {
            driver: "docker",
            config: { image: "registry.example.com/shipper:2.0.1" },
            lifecycle: { hook: "poststart", sidecar: true },
          },
        },
      },
    },
  };
}

function raw(index: number): string {
  const check = { Type: "http", Path: "/health", Interval: 10e9, Timeout: 2e9 };
  const server = {
    Name: "server",
    Driver: "docker",
    Config: { image: "registry.example.com/web:1.4.2", ports: ["http", "metrics"] },
    Env: { PORT: "${NOMAD_PORT_http}" },
    Resources: { CPU: 200, MemoryMB: 256 },
    Templates: [{ DestPath: "local/app.conf", EmbeddedTmpl: 'greeting = "{{ key "greeting" }}"\n' }],
  };
  const logs = {
    Name: "logs",
    Driver: "docker",
    Config: { image: "registry.example.com/shipper:2.0.1" },
    Lifecycle: { Hook: "poststart", Sidecar: true },
  };
  const group = {
    Name: "web",
    Count: 3,
    Networks: [
      {
        Mode: "bridge",
        DynamicPorts: [
          { Label: "http", To: 8080 },
          { Label: "metrics", To: 9100 },
        ],
      },
    ],
    Services: [{ Name: `web-${index}`, PortLabel: "http", Tags: ["public"], Checks: [check] }],
    Spreads: [{ Attribute: "${node.datacenter}" }],
    Tasks: [server, logs],
  };
  const job = {
    ID: `web-${index}`,
    Name: `web-${index}`,
    Update: { MaxParallel: 1, Canary: 1, AutoPromote: true, AutoRevert: true },
    TaskGroups: [group],
  };
  return JSON.stringify(job).replace(/\$\{/g, "$$${").replace(/%\{/g, "%%{");
}
