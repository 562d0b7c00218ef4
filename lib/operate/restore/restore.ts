import type { Product } from "../../node/products";
import { type Bounds, Deadline, waitUntil } from "../bounds";
import type { Cloud, Machine } from "../cloud";
import { OperateError } from "../errors";
import { type ProductHealth, productHealth } from "../health";
import { demandCloud, type Living } from "../living";
import { onMachine, serversOf } from "../on-machines";
import { refusal } from "../product-client";
import { works } from "../quorum";
import { demandToken } from "../sessions";
import { unsound } from "./archive";

export interface RestoreOptions extends Bounds {
  readonly product: Product;
  /**
   * Key of the snapshot in the cluster's bucket: `"snapshots/vault/20260101T000000Z.snap"`.
   *
   * @default - the latest
   */
  readonly snapshot?: string;
  /** The environment's name, typed by whoever means it: what was written after the snapshot is lost. */
  readonly confirm: string;
}

export interface RestoreResult {
  readonly environment: string;
  readonly product: Product;
  /** Key of the snapshot that is the truth now. */
  readonly snapshot: string;
  /** Whether a living cluster was put back, or an empty one filled. */
  readonly cluster: "living" | "empty";
  /** Id of the machine that it was filled on. */
  readonly machine?: string;
}

const TIMEOUT = "45m";
const STEP = "20m";

/** How each product takes and gives snapshots. */
const API = {
  vault: { path: "sys/storage/raft/snapshot", method: "POST" },
  consul: { path: "snapshot", method: "PUT" },
  nomad: { path: "operator/snapshot", method: "PUT" },
} as const;

/**
 * Makes a snapshot the truth again.
 *
 * Where a product has no leader and no server of it has data (a disaster), it is filled on one of the empty servers, by
 * `caravan-node restore` there: only servers may read the cluster document that Consul and Nomad are bootstrapped from, and nobody
 * has a token for a cluster that is not there yet. No secret leaves the servers.
 *
 * Where the product lives, the snapshot goes through its API, with the token of whoever acts, who must also be allowed to read the
 * bucket's `snapshots/`; a snapshot of now is saved first by the leader's machine.
 *
 * Everything is looked at before anything is changed: the name, the snapshot, the servers and what they have.
 *
 * @param options `timeout` is `"45m"` if it is not given.
 * @throws OperateError of kind `refused` where something could be lost that nobody agreed to lose
 */
export async function restore(living: Living, options: RestoreOptions): Promise<RestoreResult> {
  const { product } = options;
  const deadline = new Deadline(options, TIMEOUT);
  const cloud = demandCloud(living);
  if (options.confirm !== living.environment) {
    throw new OperateError(
      "refused",
      `"${options.confirm}" is not the name of this environment`,
      `type its name, ${living.environment}, to say that what was written to ${product} after the snapshot may be lost`,
    );
  }
  const snapshot = await choose(cloud, product, options.snapshot, deadline.signal);
  const servers = await serversOf(living, product, deadline.signal);
  const health = await productHealth(living.clients[product], deadline.signal);
  const result = works(health)
    ? await putBack(living, cloud, product, snapshot, servers, health, deadline)
    : await fill(living, cloud, health, snapshot, servers, deadline);
  if (product === "vault") await restartVault(living, cloud, servers, result.machine, deadline);
  if (product === "consul" && result.cluster === "empty") await leadWorkers(cloud, deadline);
  await waitUntil(
    deadline,
    async (signal) => {
      const now = await productHealth(living.clients[product], signal);
      return works(now) ? { done: now } : { waitingFor: `${product} to work` };
    },
    { fix: `on its servers: caravan-node status, journalctl -u ${product}` },
  );
  deadline.report(`${product} is as it was in ${snapshot}`);
  return { environment: living.environment, product, snapshot, ...result };
}

async function choose(cloud: Cloud, product: Product, given: string | undefined, signal: AbortSignal): Promise<string> {
  // The key becomes part of a command on a machine.
  const keys = (await cloud.listObjects(`snapshots/${product}/`, signal)).filter((key) => /^[\w./-]+$/.test(key));
  const latest = keys.at(-1);
  if (latest === undefined) {
    throw new OperateError(
      "failed",
      `there is no snapshot of ${product}`,
      "look in the cluster's bucket for a deleted version of one: it is versioned",
    );
  }
  if (given === undefined || keys.includes(given)) return given ?? latest;
  throw new OperateError(
    "failed",
    `there is no snapshot ${given}`,
    `name one of ${keys.length}, the latest is ${latest}`,
  );
}

type Done = Pick<RestoreResult, "cluster" | "machine">;

/** Into a living cluster, through its own API. */
async function putBack(
  living: Living,
  cloud: Cloud,
  product: Product,
  key: string,
  servers: readonly Machine[],
  health: ProductHealth,
  deadline: Deadline,
): Promise<Done> {
  const { signal } = deadline;
  await demandToken(living.sessions, product, signal);
  const snapshot = await cloud.readObject(key, signal);
  const damage = snapshot === undefined ? "it is not there any more" : unsound(snapshot);
  if (snapshot === undefined || damage !== undefined) {
    throw new OperateError("refused", `${key} is of no use: ${damage}. Nothing was done`, "name another snapshot");
  }
  const leader = servers.find(({ address }) => address === health.leader);
  if (leader === undefined) {
    throw new OperateError(
      "failed",
      `the leader of ${product}, ${health.leader}, is none of the group's machines`,
      "run this again when the cluster has come to rest: caravan status",
    );
  }
  deadline.report(`saving a snapshot of now on ${leader.id}`);
  await onMachine(cloud, leader, "caravan-node snapshot", { timeout: STEP, signal });
  deadline.report(`putting ${key} back into the living ${product}`);
  const { path, method } = API[product];
  const answer = await living.clients[product].ask(path, { method, body: snapshot, signal, timeoutMs: 900_000 });
  if (answer.status >= 300) throw refusal(product, `the snapshot ${key}`, answer);
  return { cluster: "living" };
}

/** Into an empty cluster, on one of its servers. */
async function fill(
  living: Living,
  cloud: Cloud,
  { product, unreachable }: ProductHealth,
  key: string,
  servers: readonly Machine[],
  deadline: Deadline,
): Promise<Done> {
  const { signal } = deadline;
  const full: string[] = [];
  for (const machine of servers) {
    const asked = `if [ -e /var/lib/caravan/joined-${product} ]; then echo has data; fi`;
    if ((await onMachine(cloud, machine, asked, { timeout: "1m", signal })).includes("has data")) full.push(machine.id);
  }
  if (full.length > 0) {
    throw new OperateError(
      "refused",
      `${product} ${unreachable === undefined ? "has no leader" : "does not answer here"}, but ${full.join(", ")} ${full.length === 1 ? "has" : "have"} data of it, newer than any snapshot. Nothing was done`,
      `start the servers that are stopped; if the majority is lost for good, on one of them: caravan-node recover ${product}`,
    );
  }
  const [machine] = servers;
  if (machine === undefined) {
    throw new OperateError(
      "failed",
      `no server of ${product} runs`,
      "apply the infrastructure stack, and wait for its servers to start",
    );
  }
  deadline.report(`filling ${product} on ${machine.id} with ${key}`);
  // The environment's name is what `caravan-node` asks for; it was typed before.
  const script = `printf '%s\\n' ${living.environment} | caravan-node restore ${product} ${key}`;
  await onMachine(cloud, machine, script, { timeout: STEP, signal });
  return { cluster: "empty", machine: machine.id };
}

/** Not in the moment in which a server joins the one that was filled: it would have to begin that anew. */
const RESTART_VAULT = `tries=30
until curl -sf --cacert /etc/caravan/ca.pem https://127.0.0.1:8200/v1/sys/init | grep -q true; do
  tries=$((tries - 1))
  if [ $tries = 0 ]; then break; fi
  sleep 2
done
systemctl restart vault`;

/** Raft's TLS keys are in the snapshot; a server of Vault keeps its old ones in memory until it starts anew. The leader goes last. */
async function restartVault(
  living: Living,
  cloud: Cloud,
  servers: readonly Machine[],
  filledOn: string | undefined,
  deadline: Deadline,
): Promise<void> {
  const { leader } = await productHealth(living.clients.vault, deadline.signal);
  const isLast = ({ id, address }: Machine) => (filledOn === undefined ? address === leader : id === filledOn);
  for (const machine of [...servers].sort((a, b) => Number(isLast(a)) - Number(isLast(b)))) {
    deadline.report(`restarting vault on ${machine.id}`);
    await onMachine(cloud, machine, RESTART_VAULT, { timeout: "5m", signal: deadline.signal });
  }
}

/** Agents of workers look for the addresses of servers that are no more. Jobs go on meanwhile. */
async function leadWorkers(cloud: Cloud, deadline: Deadline): Promise<void> {
  for (const machine of await cloud.workers(deadline.signal)) {
    if (machine.state !== "running") continue;
    deadline.report(`restarting consul on the worker ${machine.id}`);
    await onMachine(cloud, machine, "systemctl try-restart consul", { timeout: "5m", signal: deadline.signal });
  }
}
