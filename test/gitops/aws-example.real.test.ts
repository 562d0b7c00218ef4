import { existsSync } from "node:fs";
import { join } from "node:path";
import { awsStateBucketName } from "cdktf-caravan/aws";
import { expect, test } from "vitest";
import { S3Store } from "../../lib/gitops/store/s3-store";
import { timed } from "../boot/timed";
import { findMoto, MOTO_ACCOUNT, Moto } from "../support/moto";
import { testScope } from "../support/temporary";
import { describeWith, findMirror, findTool, mirrorConfig } from "../support/tools";
import { CARAVAN, Repository } from "./repository";

const BUILT = existsSync(CARAVAN) ? CARAVAN : undefined;
const dist = (path: string) => JSON.stringify(join(process.cwd(), "dist", path));

/**
 * The small environment of examples/aws with a layer above it that reads its contract. What moto cannot take is taken out of
 * what synth wrote, and what it forgets is not looked at again (test/support/README.md).
 */
const app = (version: string) => `
const { App, TerraformOutput } = require(${JSON.stringify(require.resolve("cdktf"))});
const { readFileSync, writeFileSync } = require("node:fs");
const { small } = require(${dist("examples/aws/small.js")});
const { environmentOf } = require(${dist("examples/aws/account.js")});
const { LayerStack } = require(${dist("lib/index.js")});

const app = new App();
const { infrastructure } = small(app);
const apps = new LayerStack(app, "dev-apps", { environment: environmentOf("dev") });
const { networkId, privateSubnetIds } = infrastructure.contract.applied(apps);
new TerraformOutput(apps, "network", { staticId: true, value: { networkId, privateSubnetIds } });
app.synth();

const forgotten = /^aws_(autoscaling_group|autoscaling_lifecycle_hook|launch_template|vpc_security_group_(e|in)gress_rule|network_acl|route53_zone)$/;
for (const id of ["dev-state", "dev-infrastructure"]) {
  const file = app.outdir + "/stacks/" + id + "/cdk.tf.json";
  const stack = JSON.parse(readFileSync(file, "utf8"));
  stack.terraform.required_providers.aws = { source: "hashicorp/aws", version: "${version}" };
  delete stack.resource.aws_s3_bucket_metric;
  for (const each of Object.values(stack.resource.aws_s3_bucket_policy ?? {})) each.policy = each.policy.replaceAll('"Deny"', '"Allow"');
  for (const [type, all] of Object.entries(stack.resource)) {
    if (!forgotten.test(type)) continue;
    for (const each of Object.values(all)) each.lifecycle = { ...each.lifecycle, ignore_changes: "all" };
  }
  writeFileSync(file, JSON.stringify(stack));
}
`;

describeWith(
  "the small environment of the AWS example, through its own pipelines",
  {
    terraform: findTool("terraform"),
    git: findTool("git"),
    moto: findMoto(),
    "a mirror of hashicorp/aws": findMirror("hashicorp/aws"),
    "a build (npm run build)": BUILT,
  },
  ({ "a mirror of hashicorp/aws": mirror }) => {
    test("the first pull request shows it, the merge applies it, and after that nothing is left to do", {
      timeout: 1_800_000,
    }, async () => {
      const scope = testScope();
      const moto = await Moto.start(scope, { "ami-0123456789abcdef1": "arm64" });
      const env = { ...moto.env, AWS_S3_USE_PATH_STYLE: "true", TF_CLI_CONFIG_FILE: mirrorConfig(scope, mirror) };
      const repository = await Repository.of({
        scope,
        env,
        config: { environments: { dev: { gates: false, deferred: "apply" } } },
        files: { "app.js": app(mirror.versions[0] ?? "") },
      });

      // What somebody who administers the account does once: docs/gitops.md.
      await repository.caravanAs({ CARAVAN_BOOTSTRAP: "1" }, "synth");
      await repository.bareTerraform("dev-state", "init");
      await timed("the state's stack, by hand", repository.bareTerraform("dev-state", "apply", "-auto-approve"));
      await repository.caravan("synth");
      await repository.bareTerraform("dev-state", "init", "-migrate-state", "-force-copy");
      await repository.caravan("lock", "--mirror", mirror.root, "--platform", "linux_amd64");
      await repository.caravan("gitops", "check");

      const head = await repository.commit();
      const planned = await timed("pull request", repository.pullRequest(head));
      expect(planned.jobs, JSON.stringify(planned.logs)).toMatchObject({ validate: "success", "plan-dev": "success" });
      const [comment] = repository.forge.comments;
      expect(comment?.body).toMatch(/\| dev-infrastructure \| changes \| \d{3} \| 0 \| 0 \| 0 \|/);
      expect(comment?.body).toMatch(/\| dev-apps \| deferred \|.*needs dev-infrastructure/);

      const { commit, result } = await timed("merge", repository.merge(head));
      expect(result.jobs, JSON.stringify(result.logs)).toMatchObject({
        "apply-dev-infrastructure": "success",
        "apply-dev-apps": "success",
      });
      const role = (name: string) => `arn:aws:iam::123456789012:role/caravan-ci/dev/caravan-dev-${name}`;
      expect(planned.roles).toEqual([role("planner")]);
      expect(result.roles).toEqual([role("deployer"), role("deployer")]);
      const bucket = awsStateBucketName({ environment: "dev", accountId: MOTO_ACCOUNT, region: "eu-central-1" });
      const store = new S3Store({ bucket, region: "eu-central-1", env });
      expect(await store.list("dev-")).toEqual(["dev-apps.tfstate", "dev-infrastructure.tfstate", "dev-state.tfstate"]);
      expect(JSON.parse((await store.read("records/dev-infrastructure/applied.json")) ?? "{}")).toMatchObject({
        commit,
        result: "applied",
        changes: expect.stringMatching(/^\d{3} to create/),
      });
      expect((await store.read("dev-apps.tfstate")) ?? "").toMatch(/"networkId": "vpc-/);

      const drift = await timed("drift", repository.drift());
      expect(drift.jobs["drift"], drift.logs["drift"]).toBe("success");
      expect(drift.logs["drift"]).toMatch(/dev-infrastructure: none(.|\n)*dev-apps: none/);
      expect(repository.forge.issues).toEqual([]);
    });
  },
);
