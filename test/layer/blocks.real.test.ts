import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { App, DataResource, TerraformOutput } from "cdktf";
import { expect, test } from "vitest";
import { adopt, EphemeralBlock, LayerStack, LocalState, movedFrom, writeOnly } from "../../lib";
import { findMoto, Moto, useAwsProvider } from "../support/moto";
import { testScope } from "../support/temporary";
import { Terraform } from "../support/terraform";
import { describeWith, findMirror, findTool, mirrorConfig } from "../support/tools";

/** Writes one stack over and over into the same directory, as commits do. */
function repository() {
  const outdir = testScope().directory("blocks");
  const cwd = join(outdir, "stacks/prod-data");
  const write = (build: (stack: LayerStack) => void) => {
    const app = new App({ outdir });
    build(
      new LayerStack(app, "prod-data", {
        environment: { name: "prod", state: new LocalState({ directory: ".." }) },
        policyRules: [],
      }),
    );
    app.synth();
  };
  return { cwd, write };
}

for (const name of ["terraform", "tofu"]) {
  describeWith(`blocks by ${name}`, { program: findTool(name) }, ({ program }) => {
    test("a renamed resource moves, an existing one is adopted; neither is made anew", async () => {
      const { cwd, write } = repository();
      const terraform = new Terraform({ program, cwd });
      write((stack) => new TerraformOutput(stack, "id", { value: new DataResource(stack, "old").id }));
      await terraform.init();
      await terraform.apply();
      const { id } = await terraform.output();

      write((stack) => movedFrom(new DataResource(stack, "new"), "terraform_data.old"));
      expect((await terraform.plan()).actions).toEqual([]);
      await terraform.apply();
      expect([...(await terraform.state()).keys()]).toEqual(["terraform_data.new"]);

      await terraform.succeed("state", "rm", "terraform_data.new");
      write((stack) => adopt(new DataResource(stack, "adopted"), String(id)));
      const { plan, actions } = await terraform.plan();
      expect(actions).toEqual([]);
      expect(plan.resource_changes.map(({ address, change }) => [address, change.importing?.id])).toEqual([
        ["terraform_data.adopted", id],
      ]);
    });
  });
}

describeWith(
  "an ephemeral value, by the real provider on moto",
  { program: findTool("terraform"), moto: findMoto(), "a mirror of hashicorp/aws": findMirror("hashicorp/aws") },
  ({ program, "a mirror of hashicorp/aws": mirror }) => {
    test("reaches a secret store, and neither plan nor state", async () => {
      const scope = testScope();
      const moto = await Moto.start(scope);
      const { cwd, write } = repository();
      write((stack) => {
        new AwsProvider(stack, "aws", { region: "eu-central-1" });
        const password = new EphemeralBlock(stack, "password", {
          type: "aws_secretsmanager_random_password",
          arguments: { password_length: 40, exclude_punctuation: true },
        });
        const secret = new SecretsmanagerSecret(stack, "secret", { name: "database" });
        new SecretsmanagerSecretVersion(stack, "version", {
          secretId: secret.id,
          ...writeOnly("secretString", password.value("random_password"), 1),
        });
      });
      const [version = ""] = mirror.versions;
      useAwsProvider(cwd, version);
      const terraform = new Terraform({ program, cwd, env: moto.env, cliConfig: mirrorConfig(scope, mirror) });
      await terraform.init();
      const { file, plan } = await terraform.plan();
      await terraform.apply(file);
      const secret = await secretOf(moto, "database");
      expect(secret).toMatch(/^[A-Za-z0-9]{40}$/);
      expect(JSON.stringify(plan)).not.toContain(secret);
      const state = readFileSync(join(cwd, "../prod-data.tfstate"), "utf8");
      expect(state).not.toContain(secret);
      expect((await terraform.plan()).changes).toBe(false);
    });
  },
);

async function secretOf(moto: Moto, name: string): Promise<string> {
  const answer = await fetch(moto.endpoint, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": "secretsmanager.GetSecretValue",
      Authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/secretsmanager/aws4_request",
    },
    body: JSON.stringify({ SecretId: name }),
  });
  return ((await answer.json()) as { SecretString: string }).SecretString;
}
