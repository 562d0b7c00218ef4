import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  autoscalerConfiguration,
  type ScalingTarget,
  workerPolicy,
} from "../../lib/application-support/autoscaling/scaling-policy";
import { freePort, suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";

const targets: readonly ScalingTarget[] = [
  { plugin: "aws-asg", autoScalingGroup: "caravan-dev-general" },
  { plugin: "azure-vmss", resourceGroup: "caravan-dev", scaleSet: "general" },
  { plugin: "gce-mig", project: "acme", instanceGroup: "general", zone: "europe-west3-a" },
];

describeWith("the real nomad-autoscaler", { "nomad-autoscaler": findTool("nomad-autoscaler") }, (programs) => {
  const scope = suiteScope();

  /** What it says within some seconds of policies in files, by its own configuration with the ports of this test. */
  async function says(policies: Readonly<Record<string, object>>, until: RegExp): Promise<string> {
    const home = scope.directory("autoscaler");
    mkdirSync(join(home, "policies"));
    for (const [name, policy] of Object.entries(policies)) {
      writeFileSync(join(home, "policies", name), JSON.stringify(policy));
    }
    const known = autoscalerConfiguration({ "aws-asg": { aws_region: "eu-central-1" } });
    const configuration = {
      ...known,
      http: { bind_address: "127.0.0.1", bind_port: await freePort() },
      policy: { dir: join(home, "policies"), default_cooldown: "5m", default_evaluation_interval: "30s" },
    };
    writeFileSync(join(home, "config.json"), JSON.stringify(configuration));
    const env = {
      PATH: process.env["PATH"],
      HOME: home,
      NOMAD_ADDR: "http://127.0.0.1:1",
      AWS_EC2_METADATA_DISABLED: "true",
    };
    const agent = scope.process(programs["nomad-autoscaler"] ?? "", ["agent", `-config=${join(home, "config.json")}`], {
      cwd: home,
      env,
    });
    for (const end = Date.now() + 30_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 200))) {
      if (until.test(agent.output)) break;
    }
    return agent.output;
  }

  test("takes the configuration, and starts every plugin that it names", async () => {
    const said = await says({}, /starting policy source/);
    for (const plugin of ["nomad-apm", "target-value", "aws-asg"]) {
      expect(said).toMatch(new RegExp(`successfully launched and dispensed plugin.*${plugin}`));
    }
    expect(said).not.toMatch(/failed to (decode|parse|validate)/);
  });

  // 0.4.7 reads and judges each file, and then ends with the first that is right:
  // https://github.com/hashicorp/nomad-autoscaler/issues/1167
  test.each(targets)("reads the policy of a group of workers for $plugin", async (target) => {
    const policy = workerPolicy("general", { nodePool: "general", min: 2, max: 6, target });
    const said = await says({ "general.json": policy }, /monitorPolicies|failed to (decode|validate)|policy_handler/);
    expect(said).not.toMatch(/failed to (decode|validate)/);
  });

  test("says what is wrong with one that is", async () => {
    const { scaling } = workerPolicy("general", {
      nodePool: "general",
      min: 6,
      max: 2,
      target: targets[0] ?? { plugin: "aws-asg", autoScalingGroup: "g" },
    }) as { scaling: object };
    const said = await says({ "general.json": { scaling } }, /failed to (decode|validate)|monitorPolicies/);
    expect(said).toMatch(/failed to validate/);
  });
});
