import { type ConsulToken, consulAccess } from "../../node/access-consul";
import { type Bounds, Deadline } from "../bounds";
import { OperateError } from "../errors";
import { demandCloud, type Living } from "../living";
import { onMachine, serversOf } from "../on-machines";
import { demandToken } from "../sessions";
import { followDocument, onEach, whole } from "./follow";

/** Consul's tokens that servers and Vault use, as the cluster document names them. */
export type RotatableToken = "consul-vault" | "consul-agent" | "consul-nomad" | "consul-snapshot" | "consul-operate";

export interface RotateTokenResult {
  readonly environment: string;
  readonly token: RotatableToken;
  /** Accessors of the tokens that were deleted. */
  readonly deleted: readonly string[];
}

/** What each server does to use the new token; the others are read from the document whenever they are needed. */
const uses: Readonly<Partial<Record<RotatableToken, string>>> = {
  "consul-agent": "systemctl reload consul.service",
  "consul-nomad": "systemctl restart nomad.service",
};

interface TokenEntry {
  readonly AccessorID: string;
  readonly Description: string;
  readonly CreateIndex: number;
  readonly Policies?: readonly { readonly Name: string }[];
}

/**
 * Replaces a token of Consul that servers use: a second one is made, every server takes it up, one after the other, and the old one is
 * deleted. Where a run was interrupted, a second one is there already, and the run goes on with it.
 *
 * Deleting takes a token of Consul that may write ACL. Nomad's tokens are rotated on a server, which asks for a management token:
 * docs/rotation.md.
 *
 * @param bounds `timeout` is `"1h"` if it is not given.
 */
export async function rotateToken(
  living: Living,
  token: RotatableToken,
  bounds: Bounds = {},
): Promise<RotateTokenResult> {
  const deadline = new Deadline(bounds, "1h");
  const { signal } = deadline;
  await demandToken(living.sessions, "consul", signal);
  const servers = await serversOf(living, "consul", signal);
  const all = token === "consul-nomad" ? await serversOf(living, "nomad", signal) : servers;
  await whole(living, deadline);
  if ((await bearing(living, token, signal)).length === 1) {
    const [first] = servers;
    if (first === undefined) throw new OperateError("failed", "no server of consul runs", "caravan status");
    deadline.report(`a second token ${token}, from ${first.id}`);
    await onMachine(demandCloud(living), first, `caravan-node rotate token ${token}`, { timeout: "10m", signal });
  }
  const use = uses[token];
  await onEach(
    living,
    all,
    `the new ${token}`,
    use === undefined ? followDocument : `${followDocument} && ${use}`,
    deadline,
  );
  const entries = await bearing(living, token, signal);
  const old = entries.slice(0, -1);
  for (const { AccessorID } of old) {
    await living.clients.consul.demand(`acl/token/${AccessorID}`, { method: "DELETE", signal });
    deadline.report(`${token}: the old token ${AccessorID} is deleted`);
  }
  return { environment: living.environment, token, deleted: old.map(({ AccessorID }) => AccessorID) };
}

/** What first boot wrote on a preset token, and its rotation on the next: from the same data. */
function presetOf(token: RotatableToken): ConsulToken {
  const nowhere = { environment: "", datacenter: "", region: "", insideDomain: "", servers: {}, workers: {} };
  const { tokens } = consulAccess({ ...nowhere, cloud: { name: "aws", region: "" } });
  const preset = tokens.find(({ name }) => name === token);
  if (preset !== undefined) return preset;
  throw new OperateError("failed", `there is no preset token ${token}`, "name one of those in docs/rotation.md");
}

/** Tokens that are this preset one by description and policies, oldest first: one, or two while it is replaced. */
async function bearing(living: Living, token: RotatableToken, signal: AbortSignal): Promise<readonly TokenEntry[]> {
  const { description, policies } = presetOf(token);
  const all = await living.clients.consul.demand<TokenEntry[]>("acl/tokens", { signal });
  const ours = all.filter(
    ({ Description, Policies = [] }) =>
      Description === description && Policies.map(({ Name }) => Name).join() === policies.join(),
  );
  if (ours.length === 0) {
    throw new OperateError("failed", `Consul has no token "${description}"`, "see who deleted it; docs/rotation.md");
  }
  return [...ours].sort((a, b) => a.CreateIndex - b.CreateIndex);
}
