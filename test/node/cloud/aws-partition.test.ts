import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { access, nodeFacts } from "../../../lib/node";
import { awsPartition } from "../../../lib/node/cloud/aws-partition";
import { server } from "../examples";

const room = resolve(__dirname, "../../../lib/node/first-boot");
const regions = [
  ["eu-central-1", "aws", "amazonaws.com"],
  ["us-gov-west-1", "aws-us-gov", "amazonaws.com"],
  ["cn-north-1", "aws-cn", "amazonaws.com.cn"],
  ["eusc-de-east-1", "aws-eusc", "amazonaws.eu"],
  ["us-iso-east-1", "aws-iso", "c2s.ic.gov"],
  ["us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"],
] as const;

test.each(regions)("in %s nodes call services by its partition's names", (region, name, dnsSuffix) => {
  expect(awsPartition(region)).toEqual({ name, dnsSuffix });
  const props = { ...server, cloud: { name: "aws", region }, workers: {} } as const;
  const facts = nodeFacts(props);
  const script = `set -eu; . "$0"; at s3`;
  expect(
    execFileSync("bash", ["--norc", "-c", script, join(room, "aws.sh")], { env: facts, cwd: "/", encoding: "utf8" }),
  ).toBe(`https://s3.${region}.${dnsSuffix}/\n`);
  const client = access(props).vault?.objects.find(
    (object) => object.kind === "configuration" && object.path === "auth/node/config/client",
  );
  expect(client).toMatchObject({
    settings: { sts_endpoint: `https://sts.${region}.${dnsSuffix}`, sts_region: region },
  });
});

test("no script names a partition's services itself", () => {
  const scripts = readdirSync(room).filter((file) => file.endsWith(".sh"));
  for (const file of scripts) expect(readFileSync(join(room, file), "utf8")).not.toMatch(/amazonaws/);
});
