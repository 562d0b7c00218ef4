import fc from "fast-check";
import { expect, test } from "vitest";
import {
  bucketName,
  ciPath,
  clusterBucketName,
  iamPath,
  keyAlias,
  logGroupPrefix,
  roleName,
  secretArn,
  secretArns,
  secretNamePrefix,
  stateBucketName,
} from "../../../lib/infrastructure/aws/names";
import { accountArn, iamArn, regionalArn, regionalService, s3Arn } from "../../../lib/infrastructure/aws/place";

const prod = { environment: "prod", accountId: "123456789012", region: "eu-central-1" };

test("names as they stand in an account", () => {
  expect(iamPath("prod")).toBe("/caravan/prod/");
  expect(ciPath("prod")).toBe("/caravan-ci/prod/");
  expect(roleName("prod", "server", "main")).toBe("caravan-prod-server-main");
  expect(keyAlias("prod", "seal")).toBe("alias/caravan-prod-seal");
  expect(logGroupPrefix("prod")).toBe("/caravan/prod/");
  expect(secretNamePrefix("prod", "public-ca")).toBe("caravan/prod/public-ca/");
  expect(secretArn(prod, "public-ca")).toBe(
    "arn:aws:secretsmanager:eu-central-1:123456789012:secret:caravan/prod/public-ca/*",
  );
  expect(stateBucketName(prod)).toMatch(/^caravan-prod-state-[0-9a-f]{10}$/);
  expect(clusterBucketName(prod)).toMatch(/^caravan-prod-cluster-[0-9a-f]{10}$/);
});

test("a bucket's name differs by account and region", () => {
  const names = [prod, { ...prod, accountId: "210987654321" }, { ...prod, region: "eu-west-1" }].map(stateBucketName);
  expect(new Set(names).size).toBe(3);
});

const environments = fc.stringMatching(/^[a-z]([a-z0-9]|-[a-z0-9]){0,7}$/);

test("no two environments share a name", () => {
  fc.assert(
    fc.property(environments, environments, (a, b) => {
      fc.pre(a !== b);
      for (const name of [iamPath, ciPath, logGroupPrefix]) expect(name(a)).not.toBe(name(b));
      const [placeA, placeB] = [a, b].map((environment) => ({ ...prod, environment }));
      if (placeA === undefined || placeB === undefined) return;
      expect(bucketName(placeA, "state")).not.toBe(bucketName(placeB, "state"));
      expect(roleName(a, "server", "main")).not.toBe(roleName(b, "server", "main"));
    }),
  );
});

test("every secret lies below its environment's ARN, whatever the environment is called", () => {
  fc.assert(
    fc.property(environments, (environment) => {
      const place = { ...prod, environment };
      const prefix = secretArns(place).replace(/\*$/, "");
      for (const secret of ["public-ca", "bootstrap", "recovery-keys"] as const) {
        expect(secretArn(place, secret).startsWith(prefix)).toBe(true);
      }
    }),
  );
});

test.each([
  ["eu-central-1", "aws", "amazonaws.com"],
  ["cn-north-1", "aws-cn", "amazonaws.com.cn"],
  ["us-gov-west-1", "aws-us-gov", "amazonaws.com"],
  ["us-iso-east-1", "aws-iso", "c2s.ic.gov"],
  ["us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"],
  ["eusc-de-east-1", "aws-eusc", "amazonaws.eu"],
])("%s lies in the partition %s", (region, partition, suffix) => {
  const place = { ...prod, region };
  expect(iamArn(place, "role/a")).toBe(`arn:${partition}:iam::123456789012:role/a`);
  expect(accountArn(place)).toBe(`arn:${partition}:iam::123456789012:root`);
  expect(regionalArn(place, "kms", "key/1")).toBe(`arn:${partition}:kms:${region}:123456789012:key/1`);
  expect(s3Arn(place, "a/*")).toBe(`arn:${partition}:s3:::a/*`);
  expect(regionalService("logs", place)).toBe(`logs.${region}.${suffix}`);
});
