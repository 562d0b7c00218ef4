import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nomadAccess } from "../../lib/node/access-nomad";
import { nomadPolicyText } from "../../lib/node/access-rules";
import { NomadClient } from "../nomad/nomad-agent";
import { nomadBehaviours } from "../nomad/nomad-behaviours";
import { startNomad } from "../support/hashicorp/servers";
import { StandInProviders } from "../support/providers";
import { testScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { CARAVAN, pipelineRoles, Repository } from "./repository";

const BUILT = existsSync(CARAVAN) ? CARAVAN : undefined;

/** One stack with the job of `job.json`. */
const app = (state: string) => `
const { App, LocalBackend, TerraformStack } = require(${JSON.stringify(require.resolve("cdktf"))});
const app = new App();
const stack = new TerraformStack(app, "dev-carts");
new LocalBackend(stack, { path: ${JSON.stringify(join(state, "dev-carts.tfstate"))} });
stack.addOverride("terraform.required_providers.nomad", { source: "hashicorp/nomad" });
// The stand-in takes an address, and speaks to the Nomad of the test.
stack.addOverride("provider.nomad", [{ address: "http://127.0.0.1:4646" }]);
stack.addOverride("resource.nomad_job.web", { jobspec: require("node:fs").readFileSync("job.json", "utf8"), json: true });
app.synth();
`;

const job = (count: number, args: readonly string[] = ["300"]) => ({
  ID: "web",
  Name: "web",
  Namespace: "default",
  Type: "service",
  Datacenters: ["*"],
  TaskGroups: [
    {
      Name: "web",
      Count: count,
      Tasks: [
        {
          Name: "sleep",
          Driver: "raw_exec",
          Config: { command: "/bin/sleep", args },
          Env: { PASSWORD: "s3cr3t" },
          Resources: { CPU: 20, MemoryMB: 16 },
        },
      ],
    },
  ],
});
const spec = (...parts: Parameters<typeof job>) => JSON.stringify(job(...parts));

describeWith(
  "pipelines that apply jobs, and a Nomad that sees what Terraform does not",
  {
    terraform: findTool("terraform"),
    nomad: findTool("nomad"),
    git: findTool("git"),
    "a build (npm run build)": BUILT,
  },
  ({ nomad: program }) => {
    test("P4, P14: Nomad's plan stands in the pull request; a job that is changed behind Git is reported, and closed", async () => {
      const scope = testScope();
      const api = await startNomad(scope, program);
      const nomad = new NomadClient(api.address, api.token);
      const tokens = scope.directory("tokens");
      const planner = nomadAccess().policies.find(({ name }) => name === "planner");
      await nomad.must("POST", "/v1/acl/policy/planner", {
        Name: "planner",
        Rules: nomadPolicyText(planner?.rules ?? {}),
      });
      const { SecretID: token } = await nomad.must("POST", "/v1/acl/token", { Type: "client", Policies: ["planner"] });
      writeFileSync(join(tokens, "caravan-dev-planner"), `NOMAD_TOKEN=${token}\n`);
      writeFileSync(join(tokens, "caravan-dev-deployer"), `NOMAD_TOKEN=${api.token}\n`);
      // Who plans registers nothing.
      const refused = await new NomadClient(api.address, token).ask("POST", "/v1/jobs", { Job: job(1) });
      expect(refused.status).toBe(403);

      const providers = new StandInProviders(scope, { nomad: nomadBehaviours(nomad) });
      const types = scope.directory("types");
      writeFileSync(
        join(types, "cdk.tf.json"),
        JSON.stringify({ terraform: { required_providers: { nomad: {} } }, resource: { nomad_job: {} } }),
      );
      await providers.serve(types);
      const repository = await Repository.of({
        scope,
        env: { ...providers.env, NOMAD_ADDR: api.address },
        signIn: `cat "${tokens}/\${ROLE##*/}" >> "$GITHUB_ENV"`,
        config: { environments: { dev: { runner: "inside", aws: pipelineRoles } } },
        files: {
          "app.js": app(scope.directory("state")),
          "job.json": spec(1),
          // Stand-ins are no files that had a checksum.
          "terraform-locks/dev-carts.hcl": "",
        },
      });

      const head = await repository.commit();
      const planned = await repository.pullRequest(head);
      expect(planned.jobs["plan-dev"], planned.logs["plan-dev"]).toBe("success");
      const [comment] = repository.forge.comments;
      expect(comment?.body).toContain("+ create nomad_job.web");
      expect(comment?.body).toMatch(/Nomad, job web:\n\s+web: 1 to place/);
      expect((await nomad.ask("GET", "/v1/job/web")).status).toBe(404);
      const { result } = await repository.merge(head);
      expect(result.jobs["apply-dev-carts"], result.logs["apply-dev-carts"]).toBe("success");
      const calm = await repository.drift();
      expect(calm.jobs["drift"], calm.logs["drift"]).toBe("success");

      await nomad.must("POST", "/v1/jobs", { Job: job(2) });
      const found = await repository.drift();
      expect(found.jobs["drift"]).toBe("failure");
      const [issue, ...others] = repository.forge.issues;
      expect(others).toEqual([]);
      expect(issue).toMatchObject({ title: "Drift in dev-carts", state: "open" });
      expect(issue?.body).toContain("job web (nomad_job.web) was changed in Nomad");
      expect(issue?.body).toContain("Edited web.Count");

      repository.write("job.json", spec(1, ["600"]));
      const second = await repository.commit();
      await repository.pullRequest(second);
      expect(comment?.body).toContain('jobspec.TaskGroups[0].Tasks[0].Config.args[0]: "300" -> "600"');
      expect(comment?.body).toMatch(/Nomad, job web:(\n.*)*web: 1 to replace, 1 to stop(\n.*)*Edited web\.Count/);
      expect(comment?.body).not.toContain("s3cr3t");

      // Whoever changed it puts it back; nobody has to close anything.
      await nomad.must("POST", "/v1/jobs", { Job: job(1) });
      expect((await repository.drift()).jobs["drift"]).toBe("success");
      expect(issue).toMatchObject({ state: "closed" });
    });
  },
);
