/**
 * What Go's RE2 would refuse in a regular expression and JavaScript lets us see: undefined where we see nothing. It errs
 * on the side of letting through.
 */
export function goRegexpMistake(pattern: string): string | undefined {
  const plain = pattern.replace(/\\\\/g, "");
  if (/\(\?(=|!|<=|<!)/.test(plain)) return "write it without look-around, which RE2 does not have";
  if (/(^|[^\\])\\[1-9]/.test(plain)) return "write it without back-references, which RE2 does not have";
  const translated = pattern
    .replace(/\(\?P</g, "(?<")
    .replace(/\(\?[imsU-]+\)/g, "")
    .replace(/\(\?[imsU-]+:/g, "(?:")
    .replace(/\\[AzQEC]/g, "")
    .replace(/\[\[:\^?[a-z]+:\]\]/g, "[a]")
    .replace(/\[:\^?[a-z]+:\]/g, "a")
    .replace(/\\[pP](\{\^?\w+\}|\w)/g, "a");
  try {
    new RegExp(translated);
    return undefined;
  } catch (error) {
    return `correct it: ${(error as Error).message.replace(/^Invalid regular expression: /, "")}`;
  }
}
