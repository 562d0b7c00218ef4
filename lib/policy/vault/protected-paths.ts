/**
 * Families of paths that Vault itself protects by `sudo`, so that one who manages all of a kind needs it for all.
 * https://developer.hashicorp.com/vault/docs/concepts/policies#root-protected-api-endpoints
 */
const PROTECTED =
  /^(?:sys\/(?:audit|auth|config\/auditing\/request-headers|config\/ui\/headers|leases\/(?:lookup|revoke-prefix|force-revoke|revoke-force)|plugins\/catalog|raw|replication|storage\/raft\/snapshot-auto)|auth\/token\/accessors)\//;

/** Whether `sudo` at a path of Vault reaches paths that nobody meant. */
export function isStraySudo(path: string): boolean {
  return /[*+]/.test(path) && !PROTECTED.test(path);
}
