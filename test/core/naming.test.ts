import { TerraformStack, TerraformVariable } from "cdktf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type NameKind, type NameRule, nameKinds } from "../../lib/core/name-kinds";
import { physicalName } from "../../lib/core/naming";
import { testApp } from "../support/synth";

const kinds = Object.keys(nameKinds) as NameKind[];
const kind = fc.constantFrom(...kinds);
/** What people choose, and what only a machine would. */
const part = fc.oneof(
  fc.constantFrom(
    "caravan",
    "prod",
    "acme-prod",
    "Prod",
    "main",
    "1",
    "x".repeat(80),
    "ünïcode",
    "a.b",
    "a/b",
    "0123456789",
  ),
  fc.string({ unit: fc.constantFrom("a", "b", "1", "-", "/", "_", "."), minLength: 1, maxLength: 4 }),
  fc.string({ minLength: 1, unit: "binary" }),
);
const parts = fc.array(part, { minLength: 1, maxLength: 4 });

/** A name, or nothing where the random parts began with what the service has reserved. */
function nameOf(kind: NameKind, parts: readonly string[], distinctBy: readonly string[] = []): string | undefined {
  try {
    return physicalName({ kind, parts, distinctBy });
  } catch (error) {
    expect(String(error)).toContain("keeps for itself");
    return undefined;
  }
}

test.each<[NameKind, string[], string]>([
  ["awsIamRole", ["caravan", "prod", "main"], "caravan-prod-main"],
  ["awsKmsAlias", ["caravan", "prod", "seal"], "alias/caravan-prod-seal"],
  ["awsIamPath", ["caravan", "acme-prod"], "/caravan/acme-prod/"],
  ["awsLogGroup", ["caravan", "prod", "vault"], "/caravan/prod/vault"],
  ["awsSecret", ["caravan", "acme-prod", "gossip-key"], "caravan/acme-prod/gossip-key"],
  ["awsS3Bucket", ["caravan", "prod", "cluster"], "caravan-prod-cluster"],
])("%s %j reads plainly", (kind, parts, name) => expect(physicalName({ kind, parts })).toBe(name));

// These are what clouds hold: a change here renames, which is to say replaces, what users have.
test.each<[NameKind, string[], string]>([
  ["awsIamRole", ["caravan", "acme-prod", "main"], "caravan-acme-prod-main-d9fd3d3fd1"],
  ["awsIamRole", ["Caravan", "prod", "main"], "caravan-prod-main-1a73e0f54b"],
  ["awsTargetGroup", ["caravan", "production", "nomad", "machines"], "caravan-production-no-2d39034553"],
  ["awsS3Bucket", ["caravan", "a.b"], "caravan-a-b-520b0c8e81"],
  ["awsS3Bucket", ["x"], "x-cd65ea2c2a"],
  ["awsS3Bucket", ["logs", "an"], "logs-an-89f6ffa1fc"],
  ["awsSecret", ["caravan", "prod", "the-gossip"], "caravan/prod/the-gossip-c7486512a3"],
  ["awsSecret", ["é"], "0b657be394"],
  ["awsLogGroup", ["caravan", "0123456789"], "/caravan/0123456789-61d3c7ebce"],
  ["azureStorageAccount", ["caravan", "prod", "cluster"], "caravanprodclub52b94c10f"],
])("%s %j gets a hash that stays", (kind, parts, name) => expect(physicalName({ kind, parts })).toBe(name));

test("distinctBy always adds a hash and never shows", () => {
  const bucket = (account: string) =>
    physicalName({ kind: "awsS3Bucket", parts: ["caravan", "prod"], distinctBy: [account, "eu-central-1"] });
  expect(bucket("111122223333")).toBe("caravan-prod-b4e710b114");
  expect(bucket("444455556666")).not.toBe(bucket("111122223333"));
});

describe("for every kind and whatever the parts", () => {
  test("distinct parts give distinct names, also where a service ignores case", () => {
    fc.assert(
      fc.property(kind, parts, parts, (kind, a, b) => {
        fc.pre(JSON.stringify(a) !== JSON.stringify(b));
        const name = nameOf(kind, a);
        fc.pre(name !== undefined);
        expect(nameOf(kind, b)?.toLowerCase()).not.toBe(name?.toLowerCase());
      }),
      { numRuns: 3000 },
    );
  });

  test("lists that join to the same text give distinct names", () => {
    const cut = fc.tuple(
      fc.array(fc.constantFrom("a", "b", "a-b", "a/b"), { minLength: 2, maxLength: 5 }),
      fc.nat(),
      fc.constantFrom("-", "/"),
    );
    fc.assert(
      fc.property(kind, cut, (kind, [words, at, separator]) => {
        const index = at % (words.length - 1);
        const joined = [
          ...words.slice(0, index),
          `${words[index]}${separator}${words[index + 1]}`,
          ...words.slice(index + 2),
        ];
        expect(physicalName({ kind, parts: joined })).not.toBe(physicalName({ kind, parts: words }));
      }),
    );
  });

  test("a name that was hashed cannot be had by writing the hash as a part", () => {
    fc.assert(
      fc.property(kind, parts, (kind, parts) => {
        const name = nameOf(kind, parts);
        fc.pre(name !== undefined);
        const { separator, before = "", after = "" }: NameRule = nameKinds[kind];
        const copied = String(name)
          .slice(before.length, String(name).length - after.length)
          .split(separator);
        if (JSON.stringify(copied) !== JSON.stringify(parts)) expect(nameOf(kind, copied)).not.toBe(name);
      }),
    );
  });

  test("limits and characters hold", () => {
    // The services' own patterns, written apart from the table.
    const allowed: Record<NameKind, RegExp> = {
      awsIamRole: /^[\w+=,.@-]{1,64}$/,
      awsIamPolicy: /^[\w+=,.@-]{1,128}$/,
      awsIamInstanceProfile: /^[\w+=,.@-]{1,128}$/,
      awsIamPath: /^(?=.{1,512}$)\/[!-~]+\/$/,
      awsS3Bucket:
        /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*(-s3alias|--ol-s3|--x-s3|-an)$)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
      awsKmsAlias: /^(?!alias\/aws\/)(?=.{1,256}$)alias\/[a-zA-Z0-9/_-]+$/,
      awsSecurityGroup: /^(?!sg-)[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/,
      awsLaunchTemplate: /^[a-zA-Z0-9().\-/_]{3,128}$/,
      awsAutoScalingGroup: /^[!-9;-~]{1,255}$/,
      awsLoadBalancer: /^(?!internal-)[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?$/,
      awsTargetGroup: /^[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?$/,
      awsAlarm: /^[!-~]{1,255}$/,
      awsSnsTopic: /^[\w-]{1,256}$/,
      awsLogGroup: /^(?!aws\/|\/aws\/)[.\-_/#A-Za-z0-9]{1,512}$/,
      awsSecret: /^(?!.*-.{6}$)[A-Za-z0-9/_+=.@-]{1,512}$/,
      azureAlert: /^[\w.-]{0,259}[\w-]$/,
      azureDataCollection: /^[A-Za-z0-9][A-Za-z0-9-]{1,42}[A-Za-z0-9]$/,
      azureDeployment: /^[\w.()-]{1,64}$/,
      azureDisk: /^[\w-]{1,80}$/,
      azureIdentity: /^[A-Za-z0-9][\w-]{2,127}$/,
      azureKeyVault: /^(?!.*--)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]$/,
      azureLogWorkspace: /^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$/,
      azureNetworkResource: /^[A-Za-z0-9]([\w.-]{0,78}\w)?$/,
      azurePrivateEndpoint: /^[A-Za-z0-9][\w.-]{0,62}\w$/,
      azureResourceGroup: /^[\w().-]{0,89}[\w()-]$/,
      azureRole: /^[a-z0-9-]{1,128}$/,
      azureStorageAccount: /^[a-z0-9]{3,24}$/,
      azureVirtualNetwork: /^[A-Za-z0-9][\w.-]{0,62}\w$/,
      gcpResource: /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
      gcpServiceAccount: /^[a-z][-a-z0-9]{4,28}[a-z0-9]$/,
      gcpBucket: /^(?!goog)[a-z0-9][-a-z0-9]{1,61}[a-z0-9]$/,
      gcpWorkloadIdentity: /^(?!gcp-)[a-z0-9-]{4,32}$/,
    };
    const long = fc.array(fc.oneof(part, fc.constant("y".repeat(300))), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(kind, long, fc.array(part, { maxLength: 1 }), (kind, parts, distinctBy) => {
        const name = nameOf(kind, parts, distinctBy);
        if (name !== undefined) expect(name).toMatch(allowed[kind]);
      }),
      { numRuns: 3000 },
    );
  });
});

test("what cannot be a name is refused in words", () => {
  const stack = new TerraformStack(testApp(), "stack");
  const token = new TerraformVariable(stack, "v", {}).stringValue;
  const name =
    (parts: string[], kind: NameKind = "awsIamRole") =>
    () =>
      physicalName({ kind, parts });
  expect(name(["caravan", token])).toThrow(/a part is a Terraform value.*\n.*known at synth/);
  expect(name(["caravan", `${token}-x`])).toThrow(/Terraform value/);
  expect(name(["caravan", ""])).toThrow('given the parts ["caravan",""]');
  expect(name([])).toThrow("one or more texts");
  expect(name(["sg", "web"], "awsSecurityGroup")).toThrow('"sg-web" starts with "sg-"');
  expect(name(["internal", "x".repeat(40)], "awsLoadBalancer")).toThrow("choose another first part");
  expect(name(["aws", "x"], "awsLogGroup")).toThrow('"/aws/"');
});
