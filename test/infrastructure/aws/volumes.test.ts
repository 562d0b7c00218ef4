import { describe, expect, test } from "vitest";
import { AwsVolumes, type AwsVolumesProps } from "../../../lib/infrastructure/aws/volumes";
import { Template } from "../../../lib/testing";
import { addressOf } from "./documents";
import { edgeStack, KEY, place, refusal } from "./edge-stack";

function volumesOf(volumes: AwsVolumesProps["volumes"], change: Partial<AwsVolumesProps> = {}) {
  const { stack } = edgeStack();
  const made = new AwsVolumes(stack, "volumes", { ...place, kmsKeyArn: KEY, volumes, ...change });
  return { made, template: Template.of(stack) };
}

test("volumes are encrypted, kept, and known by their names", () => {
  const { made, template } = volumesOf({
    "jenkins-home": { size: "20GiB", zone: "a" },
    database: { size: "1TiB", zone: "eu-central-1b", type: "io2", iops: 4000 },
  });
  expect(Object.keys(made.volumeIds)).toEqual(["jenkins-home", "database"]);
  expect(template.resource(addressOf(template, "aws_ebs_volume", "volumes_jenkins-home"))).toMatchObject({
    availability_zone: "eu-central-1a",
    size: 20,
    type: "gp3",
    encrypted: true,
    kms_key_id: KEY,
    lifecycle: { prevent_destroy: true },
    tags: { Name: "prod-jenkins-home", "caravan-volume": "jenkins-home", "caravan-environment": "prod" },
  });
  expect(template.resource(addressOf(template, "aws_ebs_volume", "volumes_database"))).toMatchObject({
    availability_zone: "eu-central-1b",
    size: 1024,
    type: "io2",
    iops: 4000,
  });
});

test("another volume changes none that exists, and a transform changes all", () => {
  const one = { size: "1GiB", zone: "a" };
  const before = volumesOf({ one }).template;
  const after = volumesOf({ one, two: one }).template;
  for (const address of before.addresses) expect(after.resource(address)).toEqual(before.resource(address));
  const { template } = volumesOf({ one, two: one }, { transform: { volume: { finalSnapshot: true } } });
  expect(template.hasResource("aws_ebs_volume", { final_snapshot: true })).toHaveLength(2);
});

describe("wrong props", () => {
  const fine = { size: "20GiB", zone: "a" };
  test.each<[Record<string, unknown>, string, string]>([
    [{ Jenkins: fine }, 'volumes["Jenkins"]: given "Jenkins"', "lower-case letters"],
    [{ v: { ...fine, size: 20 } }, "volumes.v.size: given 20", 'a size such as "512MiB"'],
    [{ v: { ...fine, size: "20GB" } }, 'volumes.v.size: given "20GB"', "a unit (KiB, MiB, GiB or TiB)"],
    [{ v: { ...fine, size: "512MiB" } }, 'volumes.v.size: given "512MiB"', "in whole GiB"],
    [{ v: { ...fine, size: "100GiB", type: "st1" } }, 'volumes.v.size: given "100GiB"', "from 125GiB"],
    [{ v: { ...fine, zone: "eu-west-1a" } }, 'volumes.v.zone: given "eu-west-1a"', "availability zone of eu-central-1"],
    [{ v: { ...fine, type: "gp2" } }, 'volumes.v.type: given "gp2"', '"gp3", "io2", "st1", "sc1"'],
    [{ v: { ...fine, type: "io2" } }, "volumes.v.iops: given nothing", "from 100 to 256000"],
    [{ v: { ...fine, iops: -1 } }, "volumes.v.iops: given -1", "from 3000 to 80000"],
    [{ v: { ...fine, throughput: 10 } }, "volumes.v.throughput: given 10", "from 125 to 2000 MiB a second"],
    [{ v: { ...fine, size: "200GiB", type: "st1", iops: 3000 } }, "volumes.v.iops: given 3000", "gp3 and io2"],
    [{ v: { ...fine, type: "io2", iops: 100, throughput: 200 } }, "volumes.v.throughput: given 200", "but for gp3"],
  ])("%j", (volumes, given, said) => {
    const message = refusal(() => volumesOf(volumes as never));
    expect(message).toContain('AwsVolumes at "prod-edge/volumes": 1 mistake in its props');
    expect(message).toContain(given);
    expect(message).toContain(said);
  });
});
