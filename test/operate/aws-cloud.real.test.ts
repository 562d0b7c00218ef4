import { beforeAll, beforeEach, expect, test } from "vitest";
import { AwsCloud } from "../../lib/operate/aws/cloud";
import { findMoto, Moto } from "../support/moto";
import { suiteScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import { AwsGround } from "./aws-ground";

describeWith("operations on AWS", { moto: findMoto() }, () => {
  const scope = suiteScope();
  const signal = AbortSignal.timeout(600_000);
  let moto: Moto;
  let ground: AwsGround;
  let cloud: AwsCloud;

  beforeAll(async () => {
    moto = await Moto.start(scope);
  });
  beforeEach(async () => {
    await moto.reset();
    ground = await AwsGround.make(moto);
    cloud = new AwsCloud(ground.props);
  });

  test("a group is told with its machines: where they are, how they are, of which recipe", async () => {
    const group = await cloud.group("main", signal);
    expect(group).toMatchObject({ wanted: 3, size: 3, settled: true });
    expect(group.machines).toHaveLength(3);
    for (const machine of group.machines) {
      expect(machine).toMatchObject({
        state: "running",
        current: true,
        zone: expect.stringMatching(/^eu-central-1[abc]$/),
      });
      expect(machine.address).toMatch(/^10\.0\./);
      expect(Date.now() - machine.launched).toBeLessThan(600_000);
    }
    await ground.changeRecipe();
    expect((await cloud.group("main", signal)).machines.map(({ current }) => current)).toEqual([false, false, false]);
  });

  test("a group grows by one however often it is told, shrinks by the one that is named, and settles", async () => {
    const before = (await cloud.group("main", signal)).machines.map(({ id }) => id);
    await ground.changeRecipe();
    await cloud.grow("main", signal);
    await cloud.grow("main", signal);
    const grown = await cloud.group("main", signal);
    expect(grown).toMatchObject({ wanted: 3, size: 4, settled: false });
    // moto tells one version of all machines; whose is whose, `aws-group.test.ts` looks at.
    const fresh = grown.machines.filter(({ id }) => !before.includes(id));
    expect(fresh).toHaveLength(1);
    await cloud.retire("main", before[1] ?? "", signal);
    await cloud.settle("main", signal);
    const after = await cloud.group("main", signal);
    expect(after).toMatchObject({ wanted: 3, size: 3, settled: true });
    expect(after.machines.map(({ id }) => id).sort()).toEqual([before[0], before[2], fresh[0]?.id].sort());
  });

  test("an instance that was ended behind the group's back is no machine", async () => {
    const [first] = (await cloud.group("main", signal)).machines;
    await ground.api.query("ec2", "TerminateInstances", { "InstanceId.1": first?.id ?? "" }, signal);
    expect((await cloud.group("main", signal)).machines.map(({ id }) => id)).not.toContain(first?.id);
  });

  test("secrets and objects, there and not there", async () => {
    expect(await cloud.readSecret("public-ca", signal)).toBeUndefined();
    await ground.fillSecret("public-ca", "-----BEGIN CERTIFICATE-----");
    expect(await cloud.readSecret("public-ca", signal)).toBe("-----BEGIN CERTIFICATE-----");
    expect(await cloud.readObject("snapshots/consul/none.snap", signal)).toBeUndefined();
    const bytes = Buffer.from([0, 255, 10, 13]);
    await ground.put("snapshots/consul/20260102T030405Z.snap", bytes);
    await ground.put("snapshots/consul/20260101T000000Z.snap", bytes);
    await ground.put("born/consul", "2026");
    expect(await cloud.readObject("snapshots/consul/20260102T030405Z.snap", signal)).toEqual(bytes);
    expect(await cloud.listObjects("snapshots/consul/", signal)).toEqual([
      "snapshots/consul/20260101T000000Z.snap",
      "snapshots/consul/20260102T030405Z.snap",
    ]);
  });

  test("a command's result is told", async () => {
    const [first] = (await cloud.group("main", signal)).machines;
    // moto runs nothing: it says that all went well.
    expect(await cloud.run(first?.id ?? "", "true", { timeout: "1m", signal })).toMatchObject({ exitCode: 0 });
  });

  test("who acts is one of the contract's roles, or nobody of CI", async () => {
    expect(await cloud.identity(signal)).toMatch(/^arn:aws:sts::123456789012:/);
    expect(await cloud.ciRole(signal)).toBeUndefined();
  });

  test("what is not there is said with what to do", async () => {
    await expect(cloud.group("other", signal)).rejects.toThrow(
      'no server group "other"\n  fix: name one of these: main',
    );
    const elsewhere = new AwsCloud({ ...ground.props, autoScalingGroups: { main: "gone" } });
    await expect(elsewhere.group("main", signal)).rejects.toThrow(
      /no Auto Scaling group gone in eu-central-1\n {2}fix: apply/,
    );
  });
});
