import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GcpCloud } from "../../lib/operate/gcp/cloud";
import { GcpCredentialChain } from "../../lib/operate/gcp/credentials";
import { testScope } from "../support/temporary";
import { GcpGround, MANAGER, PROJECT } from "./gcp-ground";

const signal = AbortSignal.timeout(60_000);
const DEPLOYER = `caravan-prod-deployer@${PROJECT}.iam.gserviceaccount.com`;

async function cloudOn(ground: GcpGround, email = DEPLOYER, wanted = 3): Promise<GcpCloud> {
  return new GcpCloud({
    project: PROJECT,
    region: "europe-west3",
    bucket: "cluster",
    secrets: { "public-ca": "projects/acme/secrets/public-ca", bootstrap: "projects/acme/secrets/bootstrap" },
    instanceGroups: { main: { name: MANAGER, wanted } },
    deployerEmail: DEPLOYER,
    plannerEmail: `caravan-prod-planner@${PROJECT}.iam.gserviceaccount.com`,
    serverPorts: { main: [8200] },
    credentials: { get: async () => "a token", email: async () => email },
    endpoint: await ground.start(),
  });
}

test("CI is known by its address, and proves itself to one role of Vault by a token that Google signs", async () => {
  const cloud = await cloudOn(new GcpGround());
  expect([await cloud.identity(), await cloud.ciRole()]).toEqual([DEPLOYER, "deployer"]);
  expect(await (await cloudOn(new GcpGround(), "ada@acme.com")).ciRole()).toBeUndefined();
  const { jwt = "" } = await cloud.proof("vault.internal", "deployer", signal);
  const { sub, aud, exp } = JSON.parse(jwt.replace("signed ", ""));
  expect([sub, aud]).toEqual([DEPLOYER, "vault/deployer"]);
  // Vault's role takes an hour at most.
  expect(exp - Date.now() / 1_000).toBeLessThanOrEqual(3_600);
});

test("secrets and objects that are not there are nothing, and lists go on over their pages", async () => {
  const ground = new GcpGround();
  const cloud = await cloudOn(ground);
  expect(await cloud.readSecret("public-ca", signal)).toBeUndefined();
  ground.secrets.set("projects/acme/secrets/public-ca", "a certificate");
  expect(await cloud.readSecret("public-ca", signal)).toBe("a certificate");
  expect(await cloud.listObjects("snapshots/", signal)).toEqual([]);
  for (const name of ["snapshots/a", "snapshots/b", "snapshots/c d", "born/vault"]) ground.objects.set(name, name);
  expect(await cloud.listObjects("snapshots/", signal)).toEqual(["snapshots/a", "snapshots/b", "snapshots/c d"]);
  expect((await cloud.readObject("snapshots/c d", signal))?.toString()).toBe("snapshots/c d");
  expect(await cloud.readObject("snapshots/none", signal)).toBeUndefined();
});

test("a group is what its manager and its instances say together, whoever writes the project by its number", async () => {
  const ground = new GcpGround();
  ground.instances = [
    { name: "main-a1b2", id: "101", status: "RUNNING", template: "main-6" },
    { name: "main-c3d4", id: "102", status: "RUNNING", zone: "europe-west3-b" },
    { name: "main-e5f6", action: "CREATING" },
  ];
  const cloud = await cloudOn(ground);
  expect(await cloud.group("main", signal)).toEqual({
    wanted: 3,
    size: 3,
    settled: true,
    machines: [
      {
        id: "europe-west3-a/main-a1b2/101",
        address: "10.0.0.0",
        state: "running",
        current: false,
        zone: "europe-west3-a",
        launched: Date.parse("2026-01-01"),
      },
      expect.objectContaining({ id: "europe-west3-b/main-c3d4/102", address: "10.0.0.1", current: true }),
      expect.objectContaining({ state: "starting", address: undefined }),
    ],
  });
  ground.isGone = true;
  await expect(cloud.group("main", signal)).rejects.toThrow(`no managed instance group ${MANAGER} in ${PROJECT}`);
  await expect(cloud.group("other", signal)).rejects.toThrow(/no server group "other"[\s\S]*main/);
});

test.each([
  ["CREATING", undefined, "starting"],
  ["CREATING", "STAGING", "starting"],
  ["NONE", "RUNNING", "running"],
  ["VERIFYING", "RUNNING", "running"],
  ["DELETING", "RUNNING", "leaving"],
  ["ABANDONING", "RUNNING", "leaving"],
  ["RECREATING", "RUNNING", "leaving"],
  ["RECREATING", "STAGING", "starting"],
  ["NONE", "STOPPING", "leaving"],
  ["NONE", "TERMINATED", "leaving"],
  ["STARTING", "TERMINATED", "starting"],
])("the group does %s and the instance is %s: %s", async (action, status, expected) => {
  const ground = new GcpGround();
  ground.instances = [{ name: "main-a1b2", id: "101", action, status }];
  const cloud = await cloudOn(ground);
  expect((await cloud.group("main", signal)).machines.map(({ state }) => state)).toEqual([expected]);
});

test("a roll grows the group by one, and the machine that goes takes the size down again", async () => {
  const ground = new GcpGround();
  const cloud = await cloudOn(ground);
  await cloud.grow("main", signal);
  await cloud.grow("main", signal);
  expect(await cloud.group("main", signal)).toMatchObject({ size: 4, settled: false });
  await cloud.retire("main", "europe-west3-b/main-c3d4/102", signal);
  await cloud.settle("main", signal);
  expect(await cloud.group("main", signal)).toMatchObject({ size: 3, settled: true });
  expect(ground.changes()).toEqual([
    { path: `${MANAGER}/resize?size=4`, body: undefined },
    { path: `${MANAGER}/deleteInstances`, body: { instances: ["zones/europe-west3-b/instances/main-c3d4"] } },
  ]);
});

test("a lone server is made anew in its place, with its disk", async () => {
  const ground = new GcpGround();
  ground.targetSize = 1;
  const cloud = await cloudOn(ground, DEPLOYER, 1);
  await cloud.retire("main", "europe-west3-a/main-a1b2/101", signal);
  expect(ground.changes()).toEqual([
    { path: `${MANAGER}/recreateInstances`, body: { instances: ["zones/europe-west3-a/instances/main-a1b2"] } },
  ]);
});

test("what Google Cloud has no way for is said, with what to do instead", async () => {
  const cloud = await cloudOn(new GcpGround());
  await expect(cloud.run("europe-west3-a/main-a1b2/101", "caravan-node status\nmore")).rejects.toThrow(
    /runs nothing on main-a1b2[\s\S]*run there as root: caravan-node status$/,
  );
});

test("a tunnel leads to a server that runs the product", async () => {
  const cloud = await cloudOn(new GcpGround());
  const to = { host: "vault.internal", port: 8200, localPort: 18_200 };
  for (const [id, port] of [
    ["europe-west3-a/caravan-prod-worker-general-a1b2/1", 8200],
    [`europe-west3-a/${MANAGER}-a1b2/1`, 4646],
  ] as const) {
    await expect(cloud.forward(id, { ...to, port })).rejects.toMatchObject({ kind: "unreachable" });
  }
});

test("CI without a key: its own token is exchanged, and then for one of the service account", async () => {
  const ground = new GcpGround();
  const endpoint = await ground.start();
  const directory = testScope().directory();
  const token = join(directory, "token.json");
  writeFileSync(token, JSON.stringify({ value: "of the forge" }));
  const file = join(directory, "credentials.json");
  writeFileSync(
    file,
    JSON.stringify({
      type: "external_account",
      audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/github",
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: "https://sts.googleapis.com/v1/token",
      service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${DEPLOYER}:generateAccessToken`,
      credential_source: { file: token, format: { type: "json", subject_token_field_name: "value" } },
    }),
  );
  const chain = new GcpCredentialChain({ GOOGLE_APPLICATION_CREDENTIALS: file }, endpoint);
  expect([await chain.get(), await chain.get(), await chain.email()]).toEqual([
    "of the account",
    "of the account",
    DEPLOYER,
  ]);
  expect(ground.calls.map(({ path, authorization }) => [path.split(/[/:]/)[1], authorization])).toEqual([
    ["sts.googleapis.com", undefined],
    ["iamcredentials.googleapis.com", "Bearer exchanged"],
  ]);
  expect(JSON.parse(ground.calls[0]?.body ?? "")).toMatchObject({ subjectToken: "of the forge" });
});

test("a token of a variable is anybody's: Google says whose; a key of a service account is not taken", async () => {
  const ground = new GcpGround();
  const chain = new GcpCredentialChain({ GOOGLE_OAUTH_ACCESS_TOKEN: "given" }, await ground.start());
  expect([await chain.get(), await chain.email()]).toEqual(["given", "ada@acme.com"]);
  const file = join(testScope().directory(), "key.json");
  writeFileSync(file, JSON.stringify({ type: "service_account", private_key: "x" }));
  await expect(new GcpCredentialChain({ GOOGLE_APPLICATION_CREDENTIALS: file }).get()).rejects.toThrow(/is not taken/);
});
