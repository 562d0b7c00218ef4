/** How the command ends: https://tldp.org/LDP/abs/html/exitcodes.html leaves these to programs. */
export const exitCodes = {
  good: 0,
  failed: 1,
  /** There is drift. */
  drift: 2,
  /** An apply stopped, and waits for somebody's word. */
  stopped: 3,
} as const;

/** Ends the command with a code after its result was told. */
export class Exit extends Error {
  constructor(readonly code: number) {
    super(`exit code ${code}`);
  }
}
