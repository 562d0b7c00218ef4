import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { productPrograms } from "../support/hashicorp/programs";
import { startServers } from "../support/hashicorp/servers";
import { run, testScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { terraformFor } from "./platform";

const project = resolve(__dirname, "../..");
const example = join(project, "examples/existing");

describeWith("examples/existing", { ...productPrograms, terraform: findTool("terraform") }, (programs) => {
  test("its configurations are what Consul and Nomad take", async () => {
    const said = [
      await run(programs.consul, ["validate", join(example, "consul.hcl")]),
      await run(programs.nomad, ["config", "validate", join(example, "nomad.hcl")]),
    ].map(({ stdout, stderr }) => stdout + stderr);
    // They are additions to -dev, which says where data goes, what the agent is and at which address.
    for (const text of said) expect(text).not.toMatch(/unknown|unsupported|unexpected|pars/i);
    expect((await run("bash", ["-n", join(example, "servers.sh")])).code).toBe(0);
  });

  test("is applied to three servers, and plans nothing more", async () => {
    const scope = testScope();
    const main = join(project, "dist/examples/existing/main.js");
    if (!existsSync(main)) throw new Error(`${main} is missing: npm run build`);
    const servers = await startServers(scope, programs);
    const outdir = scope.directory("existing");
    const env = {
      ...process.env,
      VAULT_ADDR: servers.vault.address,
      CONSUL_HTTP_ADDR: servers.consul.address,
      NOMAD_ADDR: servers.nomad.address,
    };
    const { code, stdout, stderr } = await run(process.execPath, [main, outdir], { env });
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("laptop-platform");
    const cwd = join(outdir, "stacks/laptop-platform");
    writeFileSync(
      join(cwd, "backend_override.tf.json"),
      JSON.stringify({ terraform: { backend: { local: { path: "terraform.tfstate" } } } }),
    );
    const terraform = terraformFor(scope, programs.terraform, cwd, servers);
    await terraform.init();
    await terraform.apply();
    expect((await terraform.plan()).actions).toEqual([]);
    const ask = (source: string) =>
      run(programs.consul, ["intention", "check", source, "api"], {
        env: { CONSUL_HTTP_ADDR: servers.consul.address, CONSUL_HTTP_TOKEN: servers.consul.token },
      });
    expect((await ask("web")).stdout.trim()).toBe("Allowed");
    expect((await ask("pay")).stdout.trim()).toBe("Denied");
  });
});
