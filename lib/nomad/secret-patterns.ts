/** Forms that vendors give their secrets so that scanners find them. */
const FORMS: readonly RegExp[] = [
  /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  /\bhv[sbr]\.[A-Za-z0-9_-]{24,}/,
  /\bgh[pousr]_[A-Za-z0-9]{36,}\b/,
  /\bgithub_pat_[A-Za-z0-9_]{22,}/,
  /\bglpat-[A-Za-z0-9_-]{20,}/,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/,
  /\bsk_live_[A-Za-z0-9]{16,}/,
  /\bAIza[0-9A-Za-z_-]{35}\b/,
  /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/,
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]+:[^\s/@${]+@/i,
];

/** Whether a text holds what a vendor's secret looks like, or an address with a password in it. */
export function looksSecret(value: string): boolean {
  return FORMS.some((form) => form.test(value));
}

const NAMES = /(^|[_.-])(password|passwd|pwd|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|credentials?)$/i;

/** Whether a variable of this name usually holds a secret; `..._FILE`, `..._PATH` and the like do not. */
export function namesSecret(name: string): boolean {
  return NAMES.test(name.replace(/([a-z0-9])([A-Z])/g, "$1_$2"));
}
