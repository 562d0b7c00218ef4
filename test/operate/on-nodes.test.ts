import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { restore } from "../../lib/operate/restore/restore";
import { rotateCa } from "../../lib/operate/rotate/ca";
import { rotateGossip } from "../../lib/operate/rotate/gossip";
import { testScope } from "../support/temporary";
import { aMachine, FakeCloud } from "./fake-cloud";
import { healthy } from "./healthy-servers";

const three = () => [1, 2, 3].map((n) => aMachine(`i-${n}`, `10.0.0.${n}`));
const KEY = "snapshots/consul/20260101T000000Z.snap";
/** A product that answers and has nobody who leads. */
const leaderless = (path: string) => (path.startsWith("/v1/status/leader") ? { body: '""' } : undefined);

test("an empty cluster is filled on one of its servers, by its own command", async () => {
  let filled = false;
  const cloud = new FakeCloud(three(), (script) => {
    if (script.includes("caravan-node restore")) filled = true;
    return "";
  });
  cloud.objects.set(KEY, Buffer.from("never read from outside"));
  cloud.workerMachines = [aMachine("i-9", "10.0.0.9")];
  const { living } = await healthy(cloud, (path) => (filled ? undefined : leaderless(path)));
  const lines: string[] = [];
  const result = await restore(living, { product: "consul", confirm: "prod", report: (line) => lines.push(line) });
  expect(result).toEqual({ environment: "prod", product: "consul", snapshot: KEY, cluster: "empty", machine: "i-1" });
  expect(cloud.ran.slice(-2)).toEqual([
    `i-1: printf '%s\\n' prod | caravan-node restore consul ${KEY}`,
    "i-9: systemctl try-restart consul",
  ]);
  expect(lines).toEqual([
    `filling consul on i-1 with ${KEY}`,
    "restarting consul on the worker i-9",
    `consul is as it was in ${KEY}`,
  ]);
});

test("after Vault was filled, its servers start anew, that one last", async () => {
  let filled = false;
  const cloud = new FakeCloud(three(), (script) => {
    if (script.includes("caravan-node restore")) filled = true;
    return "";
  });
  const key = KEY.replace("consul", "vault");
  cloud.objects.set(key, Buffer.alloc(0));
  const { living } = await healthy(cloud, (path) =>
    path.startsWith("/v1/sys/health") && !filled ? { body: '{"initialized":false,"sealed":true}' } : undefined,
  );
  await restore(living, { product: "vault", confirm: "prod" });
  // Each once it has joined.
  const restarted = (id: string) =>
    expect.stringMatching(new RegExp(`^${id}: [\\s\\S]*/v1/sys/init[\\s\\S]*\nsystemctl restart vault$`));
  expect(cloud.ran.slice(-3)).toEqual(["i-2", "i-3", "i-1"].map(restarted));
});

test("where a server has data of its own nothing is filled: it is newer than any snapshot", async () => {
  const cloud = new FakeCloud(three(), (script, id) =>
    script.includes("joined-consul") && id === "i-3" ? "has data" : "",
  );
  cloud.objects.set(KEY, Buffer.alloc(0));
  const { living } = await healthy(cloud, leaderless);
  await expect(restore(living, { product: "consul", confirm: "prod" })).rejects.toMatchObject({
    kind: "refused",
    reason: "consul has no leader, but i-3 has data of it, newer than any snapshot. Nothing was done",
    fix: expect.stringContaining("caravan-node recover consul"),
  });
  expect(cloud.ran.join("\n")).not.toContain("caravan-node restore");
});

test("nothing is restored or rotated while servers come or go", async () => {
  const cloud = new FakeCloud([...three().slice(1), aMachine("i-4", "10.0.0.4", { state: "starting" })], () => "");
  cloud.objects.set(KEY, Buffer.alloc(0));
  const { living } = await healthy(cloud);
  const refused = { kind: "refused", reason: expect.stringContaining("i-4 is starting") };
  await expect(restore(living, { product: "consul", confirm: "prod" })).rejects.toMatchObject(refused);
  await expect(rotateGossip(living, "consul")).rejects.toMatchObject(refused);
  await expect(rotateCa(living)).rejects.toMatchObject(refused);
  expect(cloud.ran).toEqual([]);
});

test("a gossip key is made once, and every server keeps it", async () => {
  const cloud = new FakeCloud(three(), () => "");
  const { living } = await healthy(cloud);
  expect((await rotateGossip(living, "nomad")).machines).toEqual(["i-1", "i-2", "i-3"]);
  expect(cloud.ran).toEqual([
    "i-1: caravan-node rotate gossip nomad",
    ...["i-1", "i-2", "i-3"].map((id) => `${id}: systemctl restart caravan-first-boot`),
  ]);
});

test("what a node refuses is told with its last words", async () => {
  const cloud = new FakeCloud(three(), () => "");
  cloud.run = async () => ({ exitCode: 1, output: "caravan rotate: consul does not use the gossip key: HTTP 500\n" });
  const { living } = await healthy(cloud);
  await expect(rotateGossip(living, "consul")).rejects.toThrow(
    /on i-1: "caravan-node rotate gossip consul" ended with 1:\ncaravan rotate: consul does not use/,
  );
});

/** A CA's certificate, by openssl. */
function newCa(directory: string, name: string): { pem: string; fingerprint: string } {
  const run = (...args: string[]) =>
    execFileSync("openssl", args, { cwd: directory, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  run(
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-subj",
    `/CN=${name}`,
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.pem`,
  );
  const fingerprint = run("x509", "-noout", "-fingerprint", "-sha256", "-in", `${name}.pem`).trim().split("=")[1] ?? "";
  return { pem: readFileSync(join(directory, `${name}.pem`), "utf8"), fingerprint };
}

test("the CA is rotated as far as it goes without a secret, and on from there after the switch", async () => {
  const directory = testScope().directory();
  const cas = [newCa(directory, "one"), newCa(directory, "two")] as const;
  const [one, two] = cas;
  let document = [one];
  let signer = one;
  const trusts = new Map<string, typeof document>();
  const certificates = new Map<string, typeof one>();
  const cloud = new FakeCloud(three(), (script, id) => {
    const trusted = trusts.get(id) ?? [one];
    const newest = trusted.at(-1) ?? one;
    if (script.startsWith("ca=")) {
      const age = (certificates.get(id) ?? one) === newest ? "new" : "old";
      return `trusts ${trusted.length}\nnewest ${newest.fingerprint}\n${age} /etc/consul.d/tls/consul.pem\n`;
    }
    if (script === "caravan-node rotate ca trust") document = [one, two];
    if (script === "caravan-node rotate ca drop") document = [two];
    if (script.includes("caravan-node") || script.includes("caravan-first-boot")) trusts.set(id, document);
    if (script === "systemctl restart caravan-first-boot" || script.includes("vault-agent"))
      certificates.set(id, signer);
    return "";
  });
  cloud.workerMachines = [aMachine("i-9", "10.0.0.9")];
  const { living } = await healthy(cloud, (path) =>
    path === "/v1/pki-nodes/ca/pem" ? { body: signer.pem } : undefined,
  );
  const stopped = await rotateCa(living);
  expect(stopped).toEqual({ environment: "prod", stands: "switch", command: "sudo caravan-node rotate ca switch" });
  expect([...trusts.values()]).toEqual(Array(4).fill([one, two]));
  expect(cloud.ran).toContain(
    "i-9: systemctl restart caravan-first-boot && if systemctl is-active -q consul; then systemctl reload consul.service; fi && if systemctl is-active -q nomad; then systemctl reload nomad.service; fi",
  );
  expect(await rotateCa(living)).toEqual(stopped);
  // The person's step.
  signer = two;
  expect(await rotateCa(living, { every: "1ms" })).toEqual({ environment: "prod", stands: "done" });
  expect([...trusts.values()]).toEqual(Array(4).fill([two]));
  expect([...certificates.values()]).toEqual(Array(4).fill(two));
  // Vault Agent keeps what is still good; nobody reloads while it is away.
  const brought = cloud.ran.filter((line) => line.startsWith("i-9: products="));
  expect(brought).toHaveLength(1);
  expect(brought[0]).toMatch(/systemctl stop caravan-renewed-\S+ && rm \S+pem[\s\S]*\nsystemctl restart vault-agent/);
  expect(await rotateCa(living, { continueOnly: true })).toEqual({ environment: "prod", stands: "done" });
});
