/** The names nearest to what somebody wrote, best first, for "did you mean"; empty where none is near. */
export function nearest(written: string, names: readonly string[], count = 3): string[] {
  const bound = Math.max(2, Math.floor(written.length / 3));
  return names
    .map((name) => ({ name, distance: name.includes(written) && written !== "" ? 0 : distance(written, name) }))
    .filter((candidate) => candidate.distance <= bound)
    .sort((a, b) => a.distance - b.distance || compare(a.name, b.name))
    .slice(0, count)
    .map((candidate) => candidate.name);
}

/** Order by code unit, the same on every machine whatever its language. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Levenshtein's distance: insertions, deletions and replacements from one text to the other. */
function distance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[to.length] ?? 0;
}
