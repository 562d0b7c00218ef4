import fc from "fast-check";
import { expect, test } from "vitest";
import {
  bucketName,
  clusterBucketName,
  customRoleId,
  keyRingName,
  nodeGroupName,
  resourceName,
  secretId,
  serviceAccountId,
  stateBucketName,
  workloadIdentityPoolId,
} from "../../../lib/infrastructure/gcp/names";
import { globalName, regionalName, serviceAccountEmail } from "../../../lib/infrastructure/gcp/place";

const prod = { environment: "prod", project: "acme-caravan-prod", region: "europe-west1" };

test("names as they stand in a project", () => {
  expect(resourceName("prod", "nodes")).toBe("caravan-prod-nodes");
  expect(nodeGroupName("prod", "server", "main")).toBe("caravan-prod-server-main");
  expect(serviceAccountId("prod", "server", "main")).toBe("caravan-prod-server-main");
  expect(stateBucketName(prod)).toMatch(/^caravan-prod-state-[0-9a-f]{10}$/);
  expect(clusterBucketName(prod)).toMatch(/^caravan-prod-cluster-[0-9a-f]{10}$/);
  expect(keyRingName("prod")).toBe("caravan-prod-keys");
  expect(secretId("prod", "public-ca")).toBe("caravan-prod-public-ca");
  expect(customRoleId("prod-eu", "readSecret")).toBe("caravan_prod_eu_read_secret");
  expect(workloadIdentityPoolId("prod")).toBe("caravan-prod");
  expect(regionalName(prod, "subnetworks", "nodes")).toBe(
    "projects/acme-caravan-prod/regions/europe-west1/subnetworks/nodes",
  );
  expect(globalName(prod, "networks", "shared")).toBe("projects/acme-caravan-prod/global/networks/shared");
  expect(serviceAccountEmail(prod, "a-b-c-d")).toBe("a-b-c-d@acme-caravan-prod.iam.gserviceaccount.com");
});

test("the longest names fit: a base name of instances has 58 characters, a service account's id 30", () => {
  const [environment, group] = ["e".repeat(16), "g".repeat(16)];
  expect(nodeGroupName(environment, "server", group).length).toBeLessThanOrEqual(58);
  expect(serviceAccountId(environment, "server", group)).toMatch(/^caravan-e{11}-[0-9a-f]{10}$/);
});

test("a bucket's name differs by project and region", () => {
  const names = [prod, { ...prod, project: "acme-caravan-test" }, { ...prod, region: "europe-west3" }];
  expect(new Set(names.map(stateBucketName)).size).toBe(3);
});

const environments = fc.stringMatching(/^[a-z]([a-z0-9]|-[a-z0-9]){0,7}$/);

test("no two environments share a name", () => {
  fc.assert(
    fc.property(environments, environments, (a, b) => {
      fc.pre(a !== b);
      expect(bucketName({ ...prod, environment: a }, "state")).not.toBe(
        bucketName({ ...prod, environment: b }, "state"),
      );
      expect(serviceAccountId(a, "server", "main")).not.toBe(serviceAccountId(b, "server", "main"));
      expect(customRoleId(a, "node")).not.toBe(customRoleId(b, "node"));
      expect(workloadIdentityPoolId(a)).not.toBe(workloadIdentityPoolId(b));
      expect(resourceName(a, "server", "main")).not.toBe(resourceName(b, "server", "main"));
    }),
  );
});
