import { expect } from "vitest";
import type { Scope } from "../support/scope";
import { Client } from "./client";
import { Cluster, type ClusterOptions } from "./cluster";
import type { Host } from "./host";
import { voters } from "./raft";
import { beforeJoining, beforeRevocation, goOn, type Step, steps, stopAt, stopNextAt, stopped } from "./stop-at";

type Programs = ClusterOptions["programs"];

const everything = ["vault", "consul", "nomad"] as const;
const REACH_MS = 240_000;
const HEAL_MS = 600_000;

/** What a cluster has that no crash may take: one document, one Vault with its keys stored, people who can sign in. */
async function whole(cluster: Cluster, count: number, programs: Programs): Promise<void> {
  await voters(cluster.servers[0] ?? raise("the cluster has no servers"), count, 180_000);
  const inits = await cluster.objects("vault-init/");
  const [last = ""] = inits.sort((a, b) => Number(a.split("/")[1]) - Number(b.split("/")[1])).slice(-1);
  expect(JSON.parse(await cluster.object(last))).toMatchObject({ state: "stored" });
  expect(await cluster.objects("born/")).toEqual(["born/consul", "born/nomad", "born/vault"]);
  expect(JSON.parse(await cluster.secret("recoveryKeysSecret")).recovery_keys_base64).toHaveLength(5);
  const { tokens } = JSON.parse(await cluster.object("document"));
  expect(JSON.parse(await cluster.secret("bootstrapTokensSecret"))).toEqual({
    consul: tokens["consul-bootstrap"],
    nomad: tokens["nomad-bootstrap"],
  });
  for (const host of cluster.servers) {
    expect((await host.try("test", "-e", "/var/lib/caravan/vault-init.json")).code, host.name).toBe(1);
  }
  const deployer = await Client.deployer(cluster, programs.vault);
  await deployer.demand("vault", "GET", "sys/policies/acl?list=true");
  await deployer.demand("consul", "GET", "acl/tokens");
  await deployer.demand("nomad", "GET", "acl/tokens");
}

/**
 * Three servers are born; that which is first at the step loses power there. It starts again with its disk, or is gone for good
 * and another instance comes. Returns the seconds from then until all is whole.
 */
export async function crashAt(
  scope: Scope,
  programs: Programs,
  step: Step,
  then: "restarted" | "gone",
): Promise<number> {
  const servers = { main: { count: 3, runs: everything } } as const;
  const cluster = await Cluster.launch(scope, { servers, programs, differs: () => ({ files: stopAt(step) }) });
  const host = await stopped(cluster, step, REACH_MS);
  await host.powerCut();
  const document = await cluster.objects("document");
  const before = document.length > 0 ? await cluster.object("document") : undefined;
  const from = Date.now();
  if (then === "restarted") {
    await goOn(host);
    await host.start();
  } else {
    await host.replace();
    await goOn(host);
  }
  await cluster.born(HEAL_MS);
  await whole(cluster, 3, programs);
  if (before !== undefined) expect(await cluster.object("document")).toBe(before);
  return (Date.now() - from) / 1000;
}

/**
 * A server loses power when its Vault has joined the first one and has nothing of it yet, which is made to last. Returns the seconds
 * from its next start until all is whole.
 */
export async function crashWhileJoining(scope: Scope, programs: Programs): Promise<number> {
  const servers = { main: { count: 3, runs: everything } } as const;
  const cluster = await Cluster.launch(scope, { servers, programs, differs: () => ({ files: stopAt(beforeJoining) }) });
  const host = await stopped(cluster, beforeJoining, REACH_MS);
  const nft = (...lines: readonly string[]) => host.exec("nft", lines.join("; "));
  const input = "add chain inet cut input { type filter hook input priority 0; }";
  await nft("add table inet cut", input, "add rule inet cut input tcp dport 8201 drop");
  await goOn(host);
  const said = (line: string) => ["sh", "-c", `journalctl -u vault | grep -F '${line}'`] as const;
  await host.until("Vault has joined", REACH_MS, ...said("successfully joined the raft cluster"));
  await host.powerCut();
  const from = Date.now();
  await host.start();
  await nft("delete table inet cut");
  await cluster.born(HEAL_MS);
  await whole(cluster, 3, programs);
  expect(await host.journal("caravan-first-boot")).toContain("Vault was ended while it joined: it joins anew");
  return (Date.now() - from) / 1000;
}

/** Vault's root token, as it stands on the disk of the server that initialised Vault until it is revoked. */
async function rootToken(host: Host): Promise<string | undefined> {
  const { stdout } = await host.try("jq", "-r", ".root_token // empty", "/var/lib/caravan/vault-init.json");
  return stdout.trim() || undefined;
}

/** What Vault answers on a host to who asks about himself with this token. */
function lookup(host: Host, token: string): Promise<string> {
  const about = "https://127.0.0.1:8200/v1/auth/token/lookup-self";
  const ask = `curl -s -o /dev/null -w '%{http_code}' --cacert /etc/caravan/ca.pem -H @- ${about}`;
  return host.exec("sh", "-c", `echo 'X-Vault-Token: ${token}' | ${ask}`);
}

/**
 * A lone server loses power at each of these steps, in their order, and starts again each time. Where it stands before Vault's root
 * token is revoked, the token is good; in the end none that was ever on its disk is.
 */
export async function crashAtEach(scope: Scope, programs: Programs, at: readonly Step[]): Promise<number> {
  const [first = raise("no steps"), ...rest] = [...at].sort((a, b) => steps.indexOf(a) - steps.indexOf(b));
  const servers = { main: { count: 1, runs: everything } } as const;
  const cluster = await Cluster.launch(scope, { servers, programs, differs: () => ({ files: stopAt(first) }) });
  const from = Date.now();
  const documents = new Set<string>();
  const roots = new Set<string>();
  let current = first;
  for (const next of [...rest, undefined]) {
    const host = await stopped(cluster, current, REACH_MS);
    const root = await rootToken(host);
    if (root !== undefined) roots.add(root);
    if (current === beforeRevocation) expect(await lookup(host, root ?? "")).toBe("200");
    await host.powerCut();
    if ((await cluster.objects("document")).length > 0) documents.add(await cluster.object("document"));
    await (next === undefined ? goOn(host) : stopNextAt(host, next));
    await host.start();
    current = next ?? current;
  }
  await cluster.born(HEAL_MS);
  await whole(cluster, 1, programs);
  documents.add(await cluster.object("document"));
  expect(documents.size).toBe(1);
  for (const root of roots) expect(await lookup(cluster.servers[0] as Host, root)).toBe("403");
  return (Date.now() - from) / 1000;
}

/** So many of these, by chance that a seed decides; the same seed chooses the same. */
export function chosen<T>(from: readonly T[], count: number, seed: number): T[] {
  const left = [...from];
  let state = seed;
  const next = (limit: number) => {
    // A linear congruential generator, Numerical Recipes' constants.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(next(left.length), 1)).flat();
}

function raise(message: string): never {
  throw new Error(message);
}
