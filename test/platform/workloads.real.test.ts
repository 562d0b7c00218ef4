import { beforeAll, expect, test } from "vitest";
import type { Api } from "../support/hashicorp/api";
import { productPrograms } from "../support/hashicorp/programs";
import { type Servers, startServers } from "../support/hashicorp/servers";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { platformDirectory, terraformFor } from "./platform";

const PATIENCE_MS = 60_000;

async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + PATIENCE_MS; ; await new Promise((resolve) => setTimeout(resolve, 200))) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`${what}: not so after ${PATIENCE_MS / 1000} s`);
  }
}

/** A job whose task writes what it sees into a file that a test can read. */
const job = (Namespace: string, ID: string, service: string, template: string) => ({
  ID,
  Name: ID,
  Namespace,
  Type: "service",
  Datacenters: ["*"],
  TaskGroups: [
    {
      Name: "a",
      Services: [{ Name: service, Provider: "consul" }],
      RestartPolicy: { Attempts: 0, Mode: "fail" },
      ReschedulePolicy: { Attempts: 0, Unlimited: false },
      Tasks: [
        {
          Name: "a",
          Driver: "mock_driver",
          Config: { run_for: "10m" },
          Vault: {},
          Consul: {},
          Templates: [{ EmbeddedTmpl: template, DestPath: "local/seen" }],
        },
      ],
    },
  ],
});

describeWith(
  "workloads, by their Nomad identities",
  { ...productPrograms, terraform: findTool("terraform") },
  (programs) => {
    const scope = suiteScope();
    let servers: Servers;
    let ofShop: Api;
    beforeAll(async () => {
      servers = await startServers(scope, programs);
      const cwd = platformDirectory(scope, servers, { teams: [{ name: "shop", services: ["web"] }, { name: "pay" }] });
      const terraform = terraformFor(scope, programs.terraform, cwd, servers);
      await terraform.init();
      await terraform.apply();
      for (const namespace of ["shop", "pay"]) {
        await servers.vault.must("POST", `secret/data/${namespace}/api/db`, { data: { password: `of-${namespace}` } });
      }
      await servers.consul.must("PUT", "kv/shop/color", "green");
    });

    const run = async (...given: Parameters<typeof job>) => {
      const made = job(...given);
      await servers.nomad.must("POST", "jobs", { Job: made });
      return async () => {
        const path = `job/${made.ID}/allocations?namespace=${made.Namespace}`;
        const [allocation] = await servers.nomad.must("GET", path);
        return allocation;
      };
    };
    const seen = async (namespace: string, service: string, template: string) => {
      const find = await run(namespace, "api", service, template);
      const { ID } = await until("the job runs", async () => {
        const allocation = await find();
        return allocation?.ClientStatus === "running" ? allocation : undefined;
      });
      return (await servers.nomad.must(
        "GET",
        `client/fs/cat/${ID}?path=a/local/seen&namespace=${namespace}`,
      )) as unknown;
    };

    test("a job reads its own secret and its namespace's keys, registers its service, and sees nothing of another's", async () => {
      const template =
        '{{ with secret "secret/data/shop/api/db" }}{{ .Data.data.password }}{{ end }} {{ key "shop/color" }} {{ env "VAULT_TOKEN" }}';
      const [password, color, token] = String(await seen("shop", "web", template)).split(" ");
      expect([password, color]).toEqual(["of-shop", "green"]);

      const asJob = servers.vault.as(token ?? "");
      ofShop = asJob;
      expect((await asJob.ask("GET", "secret/data/shop/api/db")).status).toBe(200);
      expect((await asJob.ask("GET", "secret/data/shop/other/db")).status).toBe(403);
      // A job of the same id in another namespace is somebody else.
      expect((await asJob.ask("GET", "secret/data/pay/api/db")).status).toBe(403);
      expect((await asJob.ask("POST", "secret/data/shop/api/db", { data: {} })).status).toBe(403);
      const services = await until("the service is there", async () => {
        const found = await servers.consul.must("GET", "catalog/service/web");
        return found.length === 1 ? found : undefined;
      });
      expect(services[0].ServiceName).toBe("web");
    });

    test("a job of the same id in another namespace reads what is its own", async () => {
      const template = '{{ with secret "secret/data/pay/api/db" }}{{ .Data.data.password }}{{ end }}';
      expect(await seen("pay", "pay-api", template)).toBe("of-pay");
      // That it signed in has not made the other job somebody else.
      expect((await ofShop.ask("GET", "secret/data/shop/api/db")).status).toBe(200);
      expect((await ofShop.ask("GET", "secret/data/pay/api/db")).status).toBe(403);
    });

    test("a job of the default namespace starts, too", async () => {
      expect(await seen("default", "anything", "here")).toBe("here");
    });

    test("a job does not register a service of another team", async () => {
      const find = await run("pay", "thief", "web", "x");
      const allocation = await until("the allocation fails", async () => {
        const found = await find();
        return found?.ClientStatus === "failed" ? found : undefined;
      });
      expect(JSON.stringify(allocation.TaskStates)).toContain("403");
      const there = await servers.consul.must("GET", "catalog/service/web");
      expect(there).toHaveLength(1);
    });
  },
);
