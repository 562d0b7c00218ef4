const PAUSE_MS = 250;

/** Tries again while it fails with this, as a provider does; for so long at most. */
export async function insist<T>(attempt: () => Promise<T>, because: RegExp, patienceMs: number): Promise<T> {
  for (const end = Date.now() + patienceMs; ; await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))) {
    try {
      return await attempt();
    } catch (error) {
      if (!because.test(String(error)) || Date.now() > end) throw error;
    }
  }
}
