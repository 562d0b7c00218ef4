import type { ProductHealth, RaftServer } from "./health";

/** How many of so many voters have to agree. */
export function quorum(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

export function votersOf(servers: readonly RaftServer[]): RaftServer[] {
  return servers.filter(({ voter }) => voter);
}

/**
 * How many more healthy voters a product can lose: below nothing it has lost its quorum. Counted over what raft counts, so that
 * a voter that is dead but not removed weighs as it does in an election.
 */
export function tolerance(servers: readonly RaftServer[]): number {
  const voters = votersOf(servers);
  return voters.filter(({ healthy }) => healthy).length - quorum(voters.length);
}

/** Whether a product can do its work: it answers, is unsealed, and somebody leads. */
export function works({ unreachable, initialized, sealed, leader }: ProductHealth): boolean {
  return unreachable === undefined && initialized !== false && sealed !== true && leader !== undefined;
}
