import { expect, test } from "vitest";
import { AwsApi } from "../../lib/operate/aws/api";
import { AwsMachineGroup } from "../../lib/operate/aws/server-group";
import { answering } from "./aws-answers";

const signal = AbortSignal.timeout(60_000);
const credentials = async () => ({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" });

interface Member {
  readonly id: string;
  readonly lifecycle: string;
  readonly version?: string;
  /** EC2's word; without one EC2 knows nothing of it. */
  readonly state?: string;
}

const template = (version: string) =>
  `<LaunchTemplate><LaunchTemplateId>lt-1</LaunchTemplateId><LaunchTemplateName>caravan</LaunchTemplateName><Version>${version}</Version></LaunchTemplate>`;

/** The answers of AWS to what is asked of a group, in their shape of the API reference. */
async function groupOf(members: readonly Member[], { version = "7", min = 3, max = 3, desired = 3 } = {}) {
  const answers: Record<string, string> = {
    DescribeAutoScalingGroups: `<?xml version="1.0"?><DescribeAutoScalingGroupsResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><DescribeAutoScalingGroupsResult><AutoScalingGroups><member>
      <MinSize>${min}</MinSize><MaxSize>${max}</MaxSize><DesiredCapacity>${desired}</DesiredCapacity>${template(version)}<Instances>${members
        .map(
          ({ id, lifecycle, version: own = "7" }) =>
            `<member><InstanceId>${id}</InstanceId><AvailabilityZone>eu-central-1a</AvailabilityZone><LifecycleState>${lifecycle}</LifecycleState>${template(own)}</member>`,
        )
        .join(
          "",
        )}</Instances></member></AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`,
    DescribeInstances: `<DescribeInstancesResponse><reservationSet>${members
      .filter(({ state }) => state !== undefined)
      .map(
        ({ id, state }, n) =>
          `<item><instancesSet><item><instanceId>${id}</instanceId><instanceState><code>16</code><name>${state}</name></instanceState><privateIpAddress>10.0.0.${n}</privateIpAddress><launchTime>2026-01-01T00:00:0${n}.000Z</launchTime></item></instancesSet></item>`,
      )
      .join("")}</reservationSet></DescribeInstancesResponse>`,
    DescribeLaunchTemplates:
      "<DescribeLaunchTemplatesResponse><launchTemplates><item><defaultVersionNumber>6</defaultVersionNumber><latestVersionNumber>7</latestVersionNumber></item></launchTemplates></DescribeLaunchTemplatesResponse>",
  };
  const aws = await answering(({ body }) => ({
    body: answers[new URLSearchParams(body).get("Action") ?? ""] ?? "<Response/>",
  }));
  const api = new AwsApi({ region: "eu-central-1", credentials, endpoint: aws.url });
  const calls = () => aws.asked.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
  return { group: new AwsMachineGroup(api, "caravan-prod-server-main"), calls };
}

test("a machine is of the present recipe if it was started from the version that the group names", async () => {
  const members = [
    { id: "i-1", lifecycle: "InService", version: "6", state: "running" },
    { id: "i-2", lifecycle: "InService", state: "running" },
  ];
  const recipes = async (version: string) =>
    (await (await groupOf(members, { version })).group.describe(signal)).machines.map(({ current }) => current);
  expect(await recipes("7")).toEqual([false, true]);
  expect(await recipes("$Latest")).toEqual([false, true]);
  expect(await recipes("$Default")).toEqual([true, false]);
});

test.each([
  ["Pending", "pending", "starting"],
  ["Pending:Wait", "running", "starting"],
  ["InService", "running", "running"],
  ["InService", "pending", "starting"],
  ["InService", "shutting-down", "leaving"],
  ["Terminating", "running", "leaving"],
  ["Terminating:Wait", "running", "leaving"],
  ["Terminating:Proceed", "shutting-down", "leaving"],
  ["Terminating:Proceed", "terminated", undefined],
  ["Terminated", undefined, undefined],
  ["Detached", "running", undefined],
])("Auto Scaling says %s and EC2 %s: %s", async (lifecycle, state, expected) => {
  const { group } = await groupOf([{ id: "i-1", lifecycle, state }]);
  expect((await group.describe(signal)).machines.map((machine) => machine.state)).toEqual(
    expected === undefined ? [] : [expected],
  );
});

test("a group that keeps one more than it wants is not settled, and goes down with the one that is retired", async () => {
  const { group, calls } = await groupOf([], { max: 4, desired: 4 });
  expect(await group.describe(signal)).toMatchObject({ wanted: 3, size: 4, settled: false });
  await group.terminate("i-1", signal);
  expect(calls().at(-1)).toMatchObject({ InstanceId: "i-1", ShouldDecrementDesiredCapacity: "true" });
});

test("a group at its size stays at it: a left-over goes without a successor", async () => {
  const { group, calls } = await groupOf([]);
  await group.terminate("i-1", signal);
  expect(calls().at(-1)).toMatchObject({ ShouldDecrementDesiredCapacity: "false" });
  await group.resize(1, signal);
  expect(calls().at(-1)).toMatchObject({ Action: "UpdateAutoScalingGroup", MaxSize: "4", DesiredCapacity: "4" });
});
