import { UNKNOWN, type Unknown } from "./values";

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A lifetime in seconds, as Vault has numbers and Consul and Nomad have Go's durations (`"1h30m0s"`). */
export function secondsOf(text: string | undefined | Unknown): number | undefined | Unknown {
  if (text === undefined || text === UNKNOWN) return text;
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^(?:\d+(?:\.\d+)?[smhd])+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, number, unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)([smhd])/g)) {
    seconds += Number(number) * (UNITS[unit] ?? 0);
  }
  return seconds;
}

/** Whether it ends, and within so many seconds. Zero is no end. */
export function endsWithin(seconds: number | undefined | Unknown, limit: number): boolean {
  return seconds === UNKNOWN || (seconds !== undefined && seconds > 0 && seconds <= limit);
}

export const ONE_DAY = 86_400;
