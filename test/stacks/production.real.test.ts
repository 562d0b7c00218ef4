import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { App, TerraformOutput } from "cdktf";
import { LayerStack, remoteInfrastructure, S3State } from "cdktf-caravan";
import { AwsInfrastructureStack, type AwsInfrastructureStackProps, awsStateBucketName } from "cdktf-caravan/aws";
import { afterEach, beforeAll, expect, test } from "vitest";
import { timed } from "../boot/timed";
import { lacks } from "../infrastructure/aws/ci-rights";
import { recordedActions } from "../infrastructure/aws/recorded-actions";
import { findMoto, leaveOutForMoto, MOTO_ACCOUNT, Moto, useAwsProvider } from "../support/moto";
import { suiteScope } from "../support/temporary";
import { Terraform } from "../support/terraform";
import { describeWith, findMirror, findTool, mirrorConfig } from "../support/tools";

const place = { environment: "prod", accountId: MOTO_ACCOUNT, region: "eu-central-1" };
const state = new S3State({ bucket: awsStateBucketName(place), region: place.region });

/** What moto 5.2.1 forgets or tells otherwise than AWS, so that every plan would set it again; the smaller suites have it
 * one by one. */
const FALSE_DRIFT = new RegExp(
  "^update aws_(" +
    // node-groups.real.test.ts
    "autoscaling_group|autoscaling_lifecycle_hook|launch_template|" +
    // edge.full.test.ts: descriptions
    "vpc_security_group_(?:e|in)gress_rule|" +
    // network.real.test.ts: the types of ICMP entries
    "network_acl" +
    ")\\.",
);

const base: Omit<AwsInfrastructureStackProps, "environment"> = {
  ...{ accountId: place.accountId, region: place.region },
  // One of those that moto knows.
  images: { x86_64: "ami-0b301ce3ce347599c" },
  network: { zones: ["a", "b"] },
  servers: { vault: { runs: ["vault"] }, main: { runs: ["consul", "nomad"] } },
  workers: { general: { min: 2, max: 6 } },
  domain: "caravan.example.com",
  dns: { delegated: true },
  volumes: { home: { size: "1GiB", zone: "a" } },
};

/** What no state, plan or document may hold: private keys, tokens of Vault, keys of AWS, and a token of Consul's or Nomad's on a line. */
const SECRET = /PRIVATE KEY|\bhvs\.|\bAKIA[A-Z0-9]{16}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"?\\?n/;

/** Another zone, another group of workers, other sizes and another version. */
const changed: Partial<typeof base> = {
  network: { zones: ["a", "b", "c"] },
  workers: { general: { min: 2, max: 8 }, batch: { min: 0, max: 5 } },
  versions: { nomad: "1.11.4" },
};

describeWith(
  "a production environment on AWS, Vault in a group of its own, by the real provider on moto",
  { terraform: findTool("terraform"), moto: findMoto(), "a mirror of hashicorp/aws": findMirror("hashicorp/aws") },
  ({ terraform: program, "a mirror of hashicorp/aws": mirror }) => {
    const scope = suiteScope();
    let moto: Moto;
    let outdir: string;
    let infrastructure: Terraform;

    const stack = (id: string) =>
      new Terraform({
        program,
        cwd: join(outdir, "stacks", id),
        cliConfig: mirrorConfig(scope, mirror),
        env: { ...moto.env, AWS_S3_USE_PATH_STYLE: "true" },
      });

    const synthesize = (change: Partial<AwsInfrastructureStackProps> = {}) => {
      const app = new App({ outdir });
      const environment = { name: place.environment, state };
      const { contract } = new AwsInfrastructureStack(app, "prod-infrastructure", { environment, ...base, ...change });
      const reader = new LayerStack(app, "prod-reader", { environment });
      const remote = remoteInfrastructure({ stackId: "prod-infrastructure", state, static: contract.static });
      const { networkId, privateSubnetIds, serverIdentities, sealKeyId } = remote.applied(reader);
      new TerraformOutput(reader, "read", {
        value: { networkId, subnets: privateSubnetIds, vault: serverIdentities.get("vault"), sealKeyId },
      });
      app.synth();
      const directory = join(outdir, "stacks/prod-infrastructure");
      useAwsProvider(directory, mirror.versions[0] ?? "");
      leaveOutForMoto(directory);
      // It forgets a private zone's network, and then will not take it again.
      const zone = { edge_machine_zone_27D0F073: { lifecycle: { ignore_changes: ["vpc"] } } };
      writeFileSync(join(directory, "zone_override.tf.json"), JSON.stringify({ resource: { aws_route53_zone: zone } }));
    };

    const plan = async () => {
      const { file, actions } = await infrastructure.plan();
      return { file, actions: actions.filter((action) => !FALSE_DRIFT.test(action)) };
    };

    /** Ids of the servers that run, by moto. */
    const servers = async (): Promise<string[]> => {
      const answer = await fetch(moto.endpoint, {
        method: "POST",
        headers: { Authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/ec2/aws4_request" },
        body: new URLSearchParams({
          ...{ Action: "DescribeInstances", Version: "2016-11-15" },
          ...{ "Filter.1.Name": "tag:caravan-group", "Filter.1.Value.1": "server-*" },
          ...{ "Filter.2.Name": "instance-state-name", "Filter.2.Value.1": "running" },
        }),
      });
      return [...(await answer.text()).matchAll(/<instanceId>([^<]+)</g)].map(([, id = ""]) => id).sort();
    };

    let born: string[];

    beforeAll(async () => {
      moto = await Moto.start(scope);
      outdir = scope.directory("production");
      await fetch(`${moto.endpoint}/${awsStateBucketName(place)}`, {
        method: "PUT",
        headers: { Authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/s3/aws4_request" },
        body: `<CreateBucketConfiguration><LocationConstraint>${place.region}</LocationConstraint></CreateBucketConfiguration>`,
      });
      synthesize();
      infrastructure = stack("prod-infrastructure");
      await infrastructure.init();
    });

    afterEach(({ task }) => {
      if (task.result?.state === "fail") console.log(`moto: ${moto.failures || "no failure of its own"}`);
    });

    test("is applied by what the deployer may, and then needs nothing more", async () => {
      const applied = await timed(
        "applied",
        recordedActions(moto, () => infrastructure.apply()),
      );
      expect(applied).toEqual(expect.arrayContaining(["ec2:CreateVpc", "iam:CreateRole", "kms:CreateKey"]));
      expect(lacks("deployer", applied)).toEqual([]);
      expect(lacks("planner", applied).length).toBeGreaterThan(20);
      born = await servers();
      expect(born).toHaveLength(6);

      const planned = await recordedActions(moto, async () => expect((await plan()).actions).toEqual([]));
      expect(planned).toEqual(expect.arrayContaining(["ec2:DescribeVpcs", "iam:GetRolePolicy", "kms:GetKeyPolicy"]));
      expect(lacks("planner", planned)).toEqual([]);
      expect(lacks("deployer", planned)).toEqual([]);
    });

    test("hands its contract over through state", async () => {
      const reader = stack("prod-reader");
      await reader.init();
      await reader.apply();
      expect((await reader.output())["read"]).toEqual({
        networkId: expect.stringMatching(/^vpc-/),
        subnets: [1, 2].map(() => expect.stringMatching(/^subnet-/)),
        vault: `arn:aws:iam::${MOTO_ACCOUNT}:role/caravan/prod/caravan-prod-server-vault`,
        sealKeyId: expect.stringMatching(new RegExp(`^arn:aws:kms:${place.region}:${MOTO_ACCOUNT}:key/`)),
      });
    });

    test("has no secret in its state or in user data", async () => {
      const shown = await infrastructure.succeed("show", "-json");
      const resources = [...(await infrastructure.state()).values()];
      const documents = resources
        .filter(({ type }) => type === "aws_launch_template")
        .map(({ values }) => gunzipSync(Buffer.from(String(values["user_data"]), "base64")).toString());
      expect(documents).toHaveLength(3);
      // The environment file is in base64 once more.
      const files = documents.map((text) => Buffer.from(text.slice(text.lastIndexOf(" ")), "base64").toString());
      for (const file of files) expect(file).toContain('CARAVAN_ACCOUNT="123456789012"');
      for (const text of [shown, ...documents, ...files]) expect(text).not.toMatch(SECRET);
      expect(resources.map(({ type }) => type)).not.toContain("aws_secretsmanager_secret_version");
      const sensitive = resources.flatMap(({ values }) =>
        Object.entries(values).filter(([name, value]) => /password|secret_string|private_key/.test(name) && value),
      );
      expect(sensitive).toEqual([]);
    });

    test("gets another zone, another group, other sizes and another version, and keeps all that there is", async () => {
      synthesize(changed);
      const { file, actions } = await plan();
      expect(await infrastructure.succeed("show", "-json", file)).not.toMatch(SECRET);
      const library = /^create-delete aws_s3_object\.server-\w+_library_/;
      const moving = actions.filter((action) => !action.startsWith("create ") && !library.test(action));
      expect(moving).toEqual([
        "update aws_iam_role_policy.identity_server-vault_sign-in-policy_5991F306",
        "update aws_lb.edge_machine_2261F84D",
        "update aws_lb.edge_people_F5D3ECFE",
        "update aws_secretsmanager_secret_policy.secrets_recovery-keys-policy_0338DC85",
      ]);
      const created = actions.filter((action) => action.startsWith("create "));
      expect(created.filter((action) => !/[-_]c_|[-_]c-|batch|nat-c|eip/.test(action))).toEqual([]);
    });

    test("is not taken down while it is protected; the first step allows it, the second leaves nothing", async () => {
      await expect(infrastructure.destroy()).rejects.toThrow("Instance cannot be destroyed");
      synthesize({ ...changed, deletionProtection: false });
      await timed("changed, protection taken off", infrastructure.apply());
      expect(await servers()).toEqual(born);
      expect((await plan()).actions).toEqual([]);
      const destroyed = await timed(
        "destroyed",
        recordedActions(moto, () => infrastructure.destroy()),
      );
      expect(destroyed).toEqual(expect.arrayContaining(["ec2:DeleteVpc", "iam:DeleteRole", "kms:ScheduleKeyDeletion"]));
      expect(lacks("deployer", destroyed)).toEqual([]);
      expect((await infrastructure.state()).size).toBe(0);
    });
  },
);
