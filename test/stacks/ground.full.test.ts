import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { App, TerraformOutput } from "cdktf";
import { LayerStack, remoteInfrastructure, S3State } from "cdktf-caravan";
import { awsStateBucketName } from "cdktf-caravan/aws";
import { expect, test } from "vitest";
import { clusterBucketName } from "../../lib/infrastructure/aws/names";
import { awsEnvironment } from "../../stacks/aws";
import { findMoto, leaveOutForMoto, MOTO_ACCOUNT, Moto, useAwsProvider } from "../support/moto";
import { testScope } from "../support/temporary";
import { Terraform } from "../support/terraform";
import { describeWith, findMirror, findTool, mirrorConfig } from "../support/tools";

const place = { environment: "prod", accountId: MOTO_ACCOUNT, region: "eu-central-1" };
const bucket = awsStateBucketName(place);
const state = new S3State({ bucket, region: place.region });

/** What moto 5.2.1 forgets, so that every plan would set it again. */
const falseDrift = [
  // The types of ICMP entries of network ACLs.
  "update aws_network_acl.network_private-acl_50C671C8",
  "update aws_network_acl.network_public-acl_92426DA8",
];

/** Types of which moto tells or forgets so much that each plan would change them: two real tests have it one by one. */
const FALSE_DRIFT_TYPES = new RegExp(
  "^update aws_(" +
    // node-groups.real.test.ts
    "autoscaling_group|autoscaling_lifecycle_hook|launch_template|" +
    // edge.full.test.ts
    "vpc_security_group_(?:e|in)gress_rule" +
    ")\\.",
);

describeWith(
  "the ground of an AWS environment, by the real provider on moto",
  { terraform: findTool("terraform"), moto: findMoto(), "a mirror of hashicorp/aws": findMirror("hashicorp/aws") },
  ({ terraform: program, "a mirror of hashicorp/aws": mirror }) => {
    test("is applied, plans nothing more, hands over its contract, and is torn down in two steps", async () => {
      const scope = testScope();
      const moto = await Moto.start(scope);
      await fetch(`${moto.endpoint}/${bucket}`, {
        method: "PUT",
        headers: { Authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/s3/aws4_request" },
        body: `<CreateBucketConfiguration><LocationConstraint>${place.region}</LocationConstraint></CreateBucketConfiguration>`,
      });
      const outdir = scope.directory("ground");
      const cliConfig = mirrorConfig(scope, mirror);
      const stack = (id: string) => {
        const cwd = join(outdir, "stacks", id);
        return new Terraform({ program, cwd, cliConfig, env: { ...moto.env, AWS_S3_USE_PATH_STYLE: "true" } });
      };
      const synthesize = (deletionProtection?: boolean) => {
        const app = new App({ outdir });
        awsEnvironment(app, {
          name: place.environment,
          accountId: place.accountId,
          region: place.region,
          // One of those that moto knows.
          images: { x86_64: "ami-0b301ce3ce347599c" },
          repository: "acme/platform",
          deletionProtection,
        });
        const reader = new LayerStack(app, "prod-reader", { environment: { name: "prod", state } });
        const contract = remoteInfrastructure({
          stackId: "prod-infrastructure",
          state,
          static: {
            cloud: "aws",
            ...place,
            serverGroups: { vault: ["vault"], main: ["consul", "nomad"] },
            workerGroups: { general: { nodePool: "general", system: false } },
            datacenter: place.region,
            nomadRegion: "global",
            machine: {
              vault: "vault.prod.caravan.internal",
              consul: "consul.prod.caravan.internal",
              nomad: "nomad.prod.caravan.internal",
            },
            clusterBucket: clusterBucketName(place),
            plannerRoleArn: `arn:aws:iam::${MOTO_ACCOUNT}:role/caravan-ci/prod/caravan-prod-planner`,
            deployerRoleArn: `arn:aws:iam::${MOTO_ACCOUNT}:role/caravan-ci/prod/caravan-prod-deployer`,
            access: {
              environment: "prod",
              cloud: { name: "aws", region: place.region },
              datacenter: place.region,
              region: "global",
              insideDomain: "caravan.internal",
              discovery: "cloud",
              servers: { vault: { count: 3, runs: ["vault"] }, main: { count: 3, runs: ["consul", "nomad"] } },
              workers: { general: {} },
            },
          },
        });
        const { vpcId, privateSubnetIds, serverRoleArns, sealKeyArn } = contract.applied(reader);
        new TerraformOutput(reader, "read", {
          value: { vpcId, subnets: privateSubnetIds, vault: serverRoleArns.get("vault"), sealKeyArn },
        });
        app.synth();
        const [version = ""] = mirror.versions;
        useAwsProvider(join(outdir, "stacks/prod-infrastructure"), version);
        leaveOutForMoto(join(outdir, "stacks/prod-infrastructure"));
        // It forgets a private zone's network, and then will not take it again.
        const zone = { edge_machine_zone_27D0F073: { lifecycle: { ignore_changes: ["vpc"] } } };
        writeFileSync(
          join(outdir, "stacks/prod-infrastructure/zone_override.tf.json"),
          JSON.stringify({ resource: { aws_route53_zone: zone } }),
        );
      };

      synthesize();
      const infrastructure = stack("prod-infrastructure");
      await infrastructure.init();
      await infrastructure.apply();
      const actions = async () =>
        (await infrastructure.plan()).actions.filter((action) => !FALSE_DRIFT_TYPES.test(action));
      expect(await actions()).toEqual(falseDrift);

      const reader = stack("prod-reader");
      await reader.init();
      await reader.apply();
      expect((await reader.output())["read"]).toEqual({
        vpcId: expect.stringMatching(/^vpc-/),
        subnets: [1, 2, 3].map(() => expect.stringMatching(/^subnet-/)),
        vault: `arn:aws:iam::${MOTO_ACCOUNT}:role/caravan/prod/caravan-prod-server-vault`,
        sealKeyArn: expect.stringMatching(new RegExp(`^arn:aws:kms:${place.region}:${MOTO_ACCOUNT}:key/`)),
      });

      await expect(infrastructure.destroy()).rejects.toThrow("Instance cannot be destroyed");
      synthesize(false);
      await infrastructure.apply();
      expect(await actions()).toEqual(falseDrift);
      await infrastructure.destroy();
      expect((await infrastructure.state()).size).toBe(0);
    });
  },
);
