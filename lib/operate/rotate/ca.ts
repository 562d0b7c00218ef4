import { X509Certificate } from "node:crypto";
import { parseDuration } from "../../core/values";
import { vaultMounts } from "../../node/names";
import type { Product } from "../../node/products";
import { type Bounds, Deadline } from "../bounds";
import type { Machine } from "../cloud";
import { OperateError } from "../errors";
import { demandCloud, type Living } from "../living";
import { onMachine, serversOf } from "../on-machines";
import { type CaStep, hasNew, lookAtNode, type NodeCa, nextCaStep, readNode } from "./ca-steps";
import { followDocument, onEach, reload, whole } from "./follow";

export interface RotateCaOptions extends Bounds {
  /**
   * Whether to go on with a rotation only, and to begin none.
   *
   * @default false
   */
  readonly continueOnly?: boolean;
  /**
   * How long nodes are given to bring new certificates before they are looked at again.
   *
   * @default "10s"
   */
  readonly every?: string;
}

export interface RotateCaResult {
  readonly environment: string;
  /** `switch` where a person has to do the next step before this can go on. */
  readonly stands: "done" | "switch";
  /** What that person runs, in a session on a server. */
  readonly command?: string;
}

interface Node {
  readonly machine: Machine;
  /** A server's products, or the clients that a worker may run. */
  readonly runs: readonly Product[];
  readonly role: "server" | "worker";
}

const EVERY = "10s";

/**
 * Rotates the node CA: all nodes trust a second one beside the first, certificates come from the second, all nodes have such ones,
 * the first is dropped. Each run finds out from the nodes and from Vault how far it is, and goes on as far as it can.
 *
 * The switch is a person's. It takes a token of Vault on a server's standard input, and no secret goes the way of the other
 * commands, which the cloud keeps on record. The result says the command; after it, run this again.
 *
 * @param options `timeout` is `"3h"` if it is not given.
 */
export async function rotateCa(living: Living, options: RotateCaOptions = {}): Promise<RotateCaResult> {
  const deadline = new Deadline(options, "3h");
  const { environment } = living;
  let begun = options.continueOnly === true;
  for (;;) {
    const nodes = await allNodes(living, deadline.signal);
    await whole(living, deadline);
    const seen = await look(living, nodes, deadline.signal);
    const step = nextCaStep({ nodes: seen, signer: await signerOf(living, deadline.signal) }, begun);
    if (step === "done") return { environment, stands: "done" };
    if (step === "switch") return { environment, stands: "switch", command: "sudo caravan-node rotate ca switch" };
    begun = true;
    await take(living, step, nodes, seen, deadline);
    if (step === "renew") await deadline.rest(parseDuration(options.every ?? EVERY, "ms"));
    if (deadline.passed) {
      throw new OperateError("timeout", `the CA's rotation stands at "${step}"`, "run this again: it goes on there");
    }
  }
}

async function take(
  living: Living,
  step: Exclude<CaStep, "done" | "switch">,
  nodes: readonly Node[],
  seen: readonly NodeCa[],
  deadline: Deadline,
): Promise<void> {
  if (step === "trust" || step === "drop") {
    const first = nodes.find(({ role }) => role === "server")?.machine;
    if (first === undefined) throw new OperateError("failed", "no server runs", "caravan status");
    deadline.report(step === "trust" ? "the cluster gets a second CA" : "the cluster forgets its first CA");
    const options = { timeout: "10m", signal: deadline.signal };
    await onMachine(demandCloud(living), first, `caravan-node rotate ca ${step}`, options);
  }
  if (step !== "renew") {
    for (const node of nodes) await onEach(living, [node.machine], "the CA", trustScript(node), deadline);
    return;
  }
  for (const [index, { machine, role }] of nodes.entries()) {
    const now = seen[index];
    if (now !== undefined && hasNew(now)) continue;
    const script = role === "server" ? followDocument : bringNew;
    await onEach(living, [machine], "certificates of the new CA", script, deadline);
  }
}

/**
 * A worker's certificates come from Vault Agent, which keeps those that are still good: they go before it starts. Nobody may read them
 * meanwhile, for a reload without them ends Nomad's agent. https://developer.hashicorp.com/vault/docs/agent-and-proxy/agent/template
 */
const bringNew = `products=
for product in consul nomad; do if [ -e /etc/$product.d/tls/$product.pem ]; then products="$products $product"; fi; done
trap 'for product in $products; do systemctl start caravan-renewed-$product.path; done' EXIT
for product in $products; do systemctl stop caravan-renewed-$product.path && rm /etc/$product.d/tls/$product.pem || exit; done
systemctl restart vault-agent || exit
for product in $products; do
  tries=60
  until [ -s /etc/$product.d/tls/$product.pem ]; do
    tries=$((tries - 1))
    if [ $tries = 0 ]; then echo "Vault Agent has brought $product no certificate: journalctl -u vault-agent"; exit 1; fi
    sleep 2
  done
  systemctl try-reload-or-restart $product || exit
done`;

function trustScript({ runs }: Node): string {
  const active = runs.map((product) => `if systemctl is-active -q ${product}; then ${reload([product])}; fi`);
  return [followDocument, ...active].join(" && ");
}

async function allNodes(living: Living, signal: AbortSignal): Promise<readonly Node[]> {
  const servers: Node[] = [];
  for (const runs of Object.values(living.groups)) {
    const [first] = runs;
    if (first === undefined) continue;
    for (const machine of await serversOf(living, first, signal)) servers.push({ machine, runs, role: "server" });
  }
  const workers = await demandCloud(living).workers(signal);
  const moving = workers.find(({ state }) => state === "starting");
  if (moving !== undefined) {
    throw new OperateError(
      "refused",
      `the worker ${moving.id} is starting`,
      "wait until it has joined, then run this again",
    );
  }
  const running = workers.filter(({ state }) => state === "running");
  return [...servers, ...running.map((machine): Node => ({ machine, runs: ["consul", "nomad"], role: "worker" }))];
}

function look(living: Living, nodes: readonly Node[], signal: AbortSignal): Promise<NodeCa[]> {
  const cloud = demandCloud(living);
  return Promise.all(
    nodes.map(async ({ machine }) => readNode(await onMachine(cloud, machine, lookAtNode, { timeout: "2m", signal }))),
  );
}

/** Vault tells its CA to everybody: https://developer.hashicorp.com/vault/api-docs/secret/pki#read-issuer-certificate */
async function signerOf(living: Living, signal: AbortSignal): Promise<string> {
  const { status, text } = await living.clients.vault.ask(`${vaultMounts.pki}/ca/pem`, { token: null, signal });
  if (status === 200) return new X509Certificate(text).fingerprint256;
  throw new OperateError("failed", `Vault does not tell its CA: HTTP ${status}`, "caravan status");
}
