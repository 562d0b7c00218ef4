import { join } from "node:path";
import { App } from "cdktf";
import { expect, test } from "vitest";
import { LocalState, S3State } from "../../../lib";
import { stateBucketName } from "../../../lib/infrastructure/aws/names";
import type { AwsStateStackProps } from "../../../lib/infrastructure/aws/state-props";
import { AwsStateStack } from "../../../lib/infrastructure/aws/state-stack";
import { findMoto, MOTO_ACCOUNT, Moto, useAwsProvider } from "../../support/moto";
import { suiteScope } from "../../support/temporary";
import { Terraform } from "../../support/terraform";
import { describeWith, findMirror, findTool, mirrorConfig } from "../../support/tools";

const place = { accountId: MOTO_ACCOUNT, region: "eu-central-1" };
/** moto looks whether a request is signed, not how. */
const signed = {
  authorization:
    "AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=0",
};

const issuer = "token.actions.githubusercontent.com";

describeWith(
  "the state of two environments in one account, on moto",
  { terraform: findTool("terraform"), moto: findMoto(), "a mirror of hashicorp/aws": findMirror("hashicorp/aws") },
  ({ terraform: program, "a mirror of hashicorp/aws": mirror }) => {
    const scope = suiteScope();
    const [version = ""] = mirror.versions;

    /** One environment's state stack, as its repository synthesizes it. */
    class Environment {
      readonly bucket: string;
      private readonly root: string;

      constructor(
        readonly name: string,
        private readonly moto: Moto,
        private readonly props: Partial<AwsStateStackProps> = {},
      ) {
        this.bucket = stateBucketName({ environment: name, ...place });
        this.root = scope.directory(name);
      }

      /** `synth`, with or without CARAVAN_BOOTSTRAP. */
      synth(bootstrap: boolean, change: Partial<AwsStateStackProps> = {}, outdir = join(this.root, "cdktf.out")) {
        const app = new App({ outdir });
        const state = bootstrap ? new LocalState() : new S3State({ bucket: this.bucket, region: place.region });
        const id = `${this.name}-state`;
        new AwsStateStack(app, id, {
          environment: { name: this.name, state },
          ...place,
          github: { repository: "acme/platform" },
          ...this.props,
          ...change,
        });
        app.synth();
        const cwd = join(outdir, "stacks", id);
        useAwsProvider(cwd, version);
        return new Terraform({ program, cwd, env: this.moto.env, cliConfig: mirrorConfig(scope, mirror) });
      }

      /** The same repository, cloned on another machine. */
      clone(): Terraform {
        return this.synth(false, {}, join(scope.directory(this.name), "cdktf.out"));
      }

      /** moto takes a denial for one whatever its condition says, so that nobody could read the bucket. */
      async forgetBucketPolicy(): Promise<void> {
        const answer = await fetch(`${this.moto.endpoint}/${this.bucket}?policy`, { method: "DELETE" });
        expect(answer.status).toBe(204);
      }

      /** moto fails to delete a version of an object once versioning is suspended, which comes before the bucket goes. */
      async empty(): Promise<void> {
        const bucket = `${this.moto.endpoint}/${this.bucket}`;
        const versions = await (await fetch(`${bucket}?versions`, { headers: signed })).text();
        for (const [, key, version] of versions.matchAll(/<Key>(.*?)<\/Key>.*?<VersionId>(.*?)<\/VersionId>/gs)) {
          const answer = await fetch(`${bucket}/${key}?versionId=${version}`, { method: "DELETE", headers: signed });
          expect(answer.status).toBe(204);
        }
      }

      async stateObject(): Promise<Response> {
        return fetch(`${this.moto.endpoint}/${this.bucket}/${this.name}-state.tfstate`, { headers: signed });
      }
    }

    test("is applied with local state and then kept in itself; torn down in two steps", async () => {
      const moto = await Moto.start(scope);
      const prod = new Environment("prod", moto);
      const oidcProviderArn = `arn:aws:iam::${MOTO_ACCOUNT}:oidc-provider/${issuer}`;
      const dev = new Environment("dev", moto, { oidcProviderArn });

      await Promise.all(
        [prod, dev].map(async (environment) => {
          const local = environment.synth(true);
          await local.init();
          await local.apply();
          expect(await local.plan()).toMatchObject({ actions: [], changes: false });
          await environment.forgetBucketPolicy();
        }),
      );

      const moved = prod.synth(false);
      await moved.init("-migrate-state", "-force-copy");
      const cloned = prod.clone();
      await cloned.init();
      const state = await cloned.state();
      expect(state.size).toBe(36);

      const key = [...state.values()].find(({ type }) => type === "aws_kms_key")?.values["arn"];
      const object = await prod.stateObject();
      expect(object.status).toBe(200);
      expect(object.headers.get("x-amz-server-side-encryption")).toBe("aws:kms");
      expect(object.headers.get("x-amz-server-side-encryption-aws-kms-key-id")).toBe(key);

      const { actions } = await cloned.plan();
      expect(actions).toEqual([expect.stringMatching(/^create aws_s3_bucket_policy\.state_policy_/)]);

      expect(await prod.clone().command(["destroy", "-auto-approve"])).toMatchObject({ code: 1 });
      const unprotected = prod.synth(true, { deletionProtection: false });
      await unprotected.init("-migrate-state", "-force-copy");
      await unprotected.apply();
      await prod.forgetBucketPolicy();
      await prod.empty();
      await unprotected.destroy();
      expect((await unprotected.state()).size).toBe(0);
      expect((await prod.stateObject()).status).toBe(404);
      // The other environment, which stands on this one's identity provider, is as it was.
      expect((await fetch(`${moto.endpoint}/${dev.bucket}`, { method: "HEAD", headers: signed })).status).toBe(200);
    });
  },
);
