/** The known word that a mistyped one was probably meant to be: at most two letters, or a third of it, away. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  // Words of the job specification in its own spelling are a common slip.
  const camel = word.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const most = Math.max(2, Math.floor(word.length / 3));
  const ranked = known
    .map((candidate) => ({ candidate, away: distance(camel.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ away }) => away <= most)
    .sort((a, b) => a.away - b.away);
  return ranked[0]?.candidate;
}

function distance(a: string, b: string): number {
  let before = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (before[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (before[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    before = row;
  }
  return before[b.length] ?? 0;
}
