import { OperateError } from "../errors";

/** A node's trust and certificates. */
export interface NodeCa {
  /** How many CA certificates it trusts: 1, or 2 while one is rotated. */
  readonly trusts: number;
  /** SHA-256 fingerprint of the newest of them, as OpenSSL and Node both write it. */
  readonly newest: string;
  /** Whether each of its own certificates is of the newest. */
  readonly isNew: readonly boolean[];
}

export interface CaState {
  readonly nodes: readonly NodeCa[];
  /** Fingerprint of the CA that Vault signs with. */
  readonly signer: string;
}

/**
 * - `trust`: make a second CA.
 * - `follow`: let every node trust what the document says.
 * - `switch`: sign with the second from now on.
 * - `renew`: let every node have certificates of the second.
 * - `drop`: forget the first.
 */
export type CaStep = "trust" | "follow" | "switch" | "renew" | "drop" | "done";

/**
 * The next step in rotating the CA, from what nodes and Vault have. The server that is told of a step is the first to have it, so
 * that nodes which differ show one that was begun.
 *
 * @param begun Whether nodes that all trust one CA are at the end of a rotation, not before one.
 */
export function nextCaStep({ nodes, signer }: CaState, begun: boolean): CaStep {
  const single = nodes.filter(({ trusts }) => trusts === 1).length;
  if (single === nodes.length) return begun ? "done" : "trust";
  if (single > 0) return "follow";
  if (!nodes.every(({ newest }) => newest === signer)) return "switch";
  return nodes.every(hasNew) ? "drop" : "renew";
}

/** Whether all of a node's certificates are of the newest CA. */
export function hasNew({ isNew }: NodeCa): boolean {
  return isNew.every(Boolean);
}

/** Asks a node for its trust and certificates, in lines that `readNode` reads. They hold no secret. */
export const lookAtNode = `ca=/etc/caravan/ca.pem new=$(mktemp)
count=$(grep -c BEGIN "$ca")
echo "trusts $count"
awk -v last="$count" '/BEGIN/ {n++} n == last' "$ca" >"$new"
echo "newest $(openssl x509 -noout -fingerprint -sha256 -in "$new" | cut -d= -f2)"
for file in /etc/vault.d/tls/vault.pem /etc/consul.d/tls/consul.pem /etc/nomad.d/tls/nomad.pem; do
  [ -e "$file" ] || continue
  if openssl verify -CAfile "$new" "$file" >/dev/null 2>&1; then echo "new $file"; else echo "old $file"; fi
done
rm -f "$new"`;

/** What a node printed of itself. */
export function readNode(printed: string): NodeCa {
  const trusts = Number(/^trusts (\d+)$/m.exec(printed)?.[1]);
  const newest = /^newest ([0-9A-F:]{95})$/m.exec(printed)?.[1];
  const isNew = [...printed.matchAll(/^(new|old) \S+$/gm)].map(([, age]) => age === "new");
  if ((trusts === 1 || trusts === 2) && newest !== undefined) return { trusts, newest, isNew };
  throw new OperateError(
    "failed",
    `a node's CA file is not as a rotation leaves it: ${printed.slice(0, 200)}`,
    "look at /etc/caravan/ca.pem there: systemctl restart caravan-first-boot writes it anew",
  );
}
