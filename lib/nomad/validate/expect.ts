import { Token } from "cdktf";
import type { Place } from "../problems";

/** A value that is there and known at synth. */
export function known<T>(value: T | undefined): value is T {
  return value !== undefined && value !== null && !Token.isUnresolved(value);
}

/** A number that is known; what Terraform computes is not. */
export function knownNumber(value: unknown): number | undefined {
  return typeof value === "number" && known(value) ? value : undefined;
}

/** A text that is known whole. */
export function knownText(value: unknown): string | undefined {
  return typeof value === "string" && known(value) ? value : undefined;
}

/** Whether a text is filled in later: by Terraform, or by the node (`${...}`). */
export function isLater(value: string): boolean {
  return Token.isUnresolved(value) || value.includes("${");
}

export function isMissing(value: unknown): boolean {
  return value === undefined || value === "";
}

export function expectText(place: Place, value: unknown, fix: string): void {
  if (isMissing(value)) place.report({ given: value, allowed: "a text that is not empty", fix });
}

export function expectOneOf(place: Place, value: unknown, choices: readonly string[]): void {
  if (value === undefined || !known(value) || choices.includes(value as string)) return;
  place.report({
    given: value,
    allowed: choices
      .filter((choice) => choice !== "")
      .map((choice) => JSON.stringify(choice))
      .join(", "),
    fix: "use one of them",
  });
}

export function expectRange(place: Place, value: unknown, min: number, max: number, unit = ""): void {
  const number = knownNumber(value);
  if (number === undefined || (number >= min && number <= max)) return;
  const of = unit === "" ? "" : ` ${unit}`;
  const allowed = max === Number.POSITIVE_INFINITY ? `${min}${of} or more` : `${min} to ${max}${of}`;
  place.report({ given: value, allowed, fix: "choose a number within" });
}

export function expectAtLeast(place: Place, value: unknown, min: number, unit = ""): void {
  expectRange(place, value, min, Number.POSITIVE_INFINITY, unit);
}

export function expectUnique(place: Place, values: readonly (string | undefined)[], what: string): void {
  const seen = new Set<string>();
  values.forEach((value, index) => {
    if (value === undefined || !known(value)) return;
    if (seen.has(value)) {
      place.at(index).report({ given: value, allowed: `each ${what} once`, fix: "rename or remove one of them" });
    }
    seen.add(value);
  });
}

/** A path that stays inside the allocation: it starts below the task's directory, one level below the allocation's. */
export function expectInsideAllocation(place: Place, value: unknown): void {
  const path = knownText(value);
  if (path === undefined) return;
  let depth = 1;
  for (const step of path.split("/")) {
    if (step === "..") depth -= 1;
    else if (step !== "" && step !== ".") depth += 1;
    if (depth < 0) {
      place.report({
        given: path,
        allowed: "a path inside the allocation",
        fix: 'write it from the task: "local/..."',
      });
      return;
    }
  }
}

/** A moment in nanoseconds as people read it. */
export function time(nanoseconds: number): string {
  const seconds = nanoseconds / 1e9;
  if (seconds < 1) return `${nanoseconds / 1e6}ms`;
  const parts = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), Math.round(seconds % 60)];
  const text = parts.map((part, index) => (part === 0 ? "" : `${part}${["h", "m", "s"][index]}`)).join("");
  return text === "" ? "0s" : text;
}

export const SECOND = 1e9;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
