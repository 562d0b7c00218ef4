import { expect, test } from "vitest";
import { AzureCloud } from "../../lib/operate/azure/cloud";
import { AzureGround, GROUP, SCALE_SET, SUBSCRIPTION, tokenOf } from "./azure-ground";

const signal = AbortSignal.timeout(60_000);
const DEPLOYER = "11111111-0000-4000-8000-000000000001";
const PLANNER = "11111111-0000-4000-8000-000000000002";

async function cloudOn(ground: AzureGround, claims: object = { oid: DEPLOYER, appid: "client" }, wanted = 3) {
  const asked: string[] = [];
  const cloud = new AzureCloud({
    subscriptionId: SUBSCRIPTION,
    tenantId: "tenant",
    resourceGroup: "caravan-prod",
    container: "https://acme.blob.core.windows.net/cluster",
    secrets: {
      "public-ca": "https://acme-ca.vault.azure.net/secrets/public-ca",
      bootstrap: "https://acme-boot.vault.azure.net/secrets/bootstrap",
    },
    scaleSets: { main: { name: SCALE_SET, wanted } },
    ciObjectIds: { deployer: DEPLOYER, planner: PLANNER },
    serverPorts: { main: [8200, 8501, 4646] },
    token: async (resource) => {
      asked.push(resource);
      return tokenOf(claims);
    },
    endpoint: await ground.start(),
  });
  return { cloud, asked };
}

test("who acts is told by the token, and CI by its object id", async () => {
  const { cloud, asked } = await cloudOn(new AzureGround());
  expect(await cloud.identity()).toBe(`client (${DEPLOYER})`);
  expect(await cloud.ciRole()).toBe("deployer");
  expect(await (await cloudOn(new AzureGround(), { oid: PLANNER })).cloud.ciRole()).toBe("planner");
  const person = (await cloudOn(new AzureGround(), { oid: "somebody", upn: "ada@acme.com" })).cloud;
  expect(await person.ciRole()).toBeUndefined();
  expect(await person.identity()).toBe("ada@acme.com (somebody)");
  // Vault looks for exactly this audience.
  await cloud.proof();
  expect(asked.at(-1)).toBe("https://management.azure.com/");
});

test("secrets and objects that are not there are nothing, and lists go on over their pages", async () => {
  const ground = new AzureGround();
  const { cloud, asked } = await cloudOn(ground);
  expect(await cloud.readSecret("public-ca", signal)).toBeUndefined();
  ground.secrets.set("/secrets/public-ca", "a certificate");
  expect(await cloud.readSecret("public-ca", signal)).toBe("a certificate");
  expect(asked.at(-1)).toBe("https://vault.azure.net");
  for (const name of ["snapshots/a", "snapshots/b", "snapshots/c d", "born/vault"]) ground.blobs.set(name, name);
  expect(await cloud.listObjects("snapshots/", signal)).toEqual(["snapshots/a", "snapshots/b", "snapshots/c d"]);
  expect((await cloud.readObject("snapshots/c d", signal))?.toString()).toBe("snapshots/c d");
  expect(await cloud.readObject("snapshots/none", signal)).toBeUndefined();
  expect(asked.at(-1)).toBe("https://storage.azure.com/");
});

test("a group is what the scale set, its machines and their interfaces say together", async () => {
  const ground = new AzureGround();
  ground.machines = [{ id: "0", zone: "2", current: false }, { id: "4" }];
  const { cloud } = await cloudOn(ground);
  expect(await cloud.group("main", signal)).toEqual({
    wanted: 3,
    size: 3,
    settled: true,
    machines: [
      {
        id: `${SCALE_SET}/0`,
        address: "10.0.0.0",
        state: "running",
        current: false,
        zone: "2",
        launched: Date.parse("2026-01-01"),
      },
      expect.objectContaining({ id: `${SCALE_SET}/4`, address: "10.0.0.4", current: true, zone: "1" }),
    ],
  });
  await expect(cloud.group("other", signal)).rejects.toThrow(/no server group "other"[\s\S]*main/);
  ground.isGone = true;
  await expect(cloud.group("main", signal)).rejects.toThrow(`no scale set ${SCALE_SET} in ${GROUP}`);
});

test.each([
  ["Creating", "starting", "starting"],
  ["Creating", "running", "starting"],
  ["Succeeded", "running", "running"],
  ["Updating", "running", "running"],
  ["Failed", "running", "running"],
  ["Deleting", "running", "leaving"],
  ["Succeeded", "stopped", "leaving"],
  ["Succeeded", "deallocating", "leaving"],
])("the machine is %s and %s: %s", async (provisioning, power, expected) => {
  const ground = new AzureGround();
  ground.machines = [{ id: "0", provisioning, power }];
  const { cloud } = await cloudOn(ground);
  expect((await cloud.group("main", signal)).machines.map(({ state }) => state)).toEqual([expected]);
});

test("a roll grows the set by one, and each machine that goes takes the size down again", async () => {
  const ground = new AzureGround();
  const { cloud } = await cloudOn(ground);
  await cloud.grow("main", signal);
  await cloud.grow("main", signal);
  expect(await cloud.group("main", signal)).toMatchObject({ size: 4, settled: false });
  await cloud.retire("main", `${SCALE_SET}/2`, signal);
  expect(await cloud.group("main", signal)).toMatchObject({ size: 3, settled: true });
  await cloud.settle("main", signal);
  expect(ground.changes()).toEqual([
    { path: SCALE_SET, body: { sku: { name: "Standard_D2s_v5", tier: "Standard", capacity: 4 } } },
    { path: `${SCALE_SET}/delete`, body: { instanceIds: ["2"] } },
  ]);
});

test("the successor of a lone server is asked for before it goes", async () => {
  const ground = new AzureGround();
  ground.capacity = 1;
  const { cloud } = await cloudOn(ground, { oid: DEPLOYER }, 1);
  await cloud.retire("main", `${SCALE_SET}/0`, signal);
  expect(ground.changes().map(({ path }) => path)).toEqual([SCALE_SET, `${SCALE_SET}/delete`]);
  expect(ground.capacity).toBe(1);
});

test("a script's exit code is what its last line says, whatever it printed", async () => {
  const ground = new AzureGround();
  ground.said = "[stdout]\none\ntwo\ncaravan-exit-code 3\n\n[stderr]\na warning";
  const { cloud } = await cloudOn(ground);
  const told = await cloud.run(`${SCALE_SET}/2`, "echo one\nexit 3", { timeout: "1m", signal });
  expect(told).toEqual({ exitCode: 3, output: "one\ntwoa warning" });
  expect(ground.changes()).toEqual([
    {
      path: `${SCALE_SET}/virtualMachines/2/runCommand`,
      body: {
        commandId: "RunShellScript",
        script: ["(", "echo one", "exit 3", ")", 'echo "caravan-exit-code $?"'],
      },
    },
  ]);
  ground.said = "[stdout]\nthe machine went\n[stderr]\n";
  await expect(cloud.run(`${SCALE_SET}/2`, "true", { timeout: "1m", signal })).rejects.toThrow(
    /did not come to its end/,
  );
});

test("a tunnel leads to a server that runs the product, by a Bastion that lets native clients through", async () => {
  const ground = new AzureGround();
  const { cloud } = await cloudOn(ground);
  const to = { host: "vault.internal", port: 8200, localPort: 18_200 };
  await expect(cloud.forward("caravan-prod-worker-general/0", to, signal)).rejects.toMatchObject({
    kind: "unreachable",
  });
  await expect(cloud.forward(`${SCALE_SET}/0`, { ...to, port: 443 }, signal)).rejects.toMatchObject({
    kind: "unreachable",
  });
  await expect(cloud.forward(`${SCALE_SET}/0`, to, signal)).rejects.toThrow(`no Azure Bastion in ${GROUP}`);
  ground.bastions = [{ name: "basic", properties: { enableTunneling: false } }];
  await expect(cloud.forward(`${SCALE_SET}/0`, to, signal)).rejects.toThrow(/basic lets no native client through/);
});
