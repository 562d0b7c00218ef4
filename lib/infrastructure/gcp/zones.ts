import { Token } from "cdktf";
import type { PropsCheck } from "../../core/errors";
import { integer, listOf } from "../../core/rules";
import { zoneOf } from "./rules";

/** The zones of a network: how many, or which, each by its letter (`"b"`) or its name (`"europe-west1-b"`). */
export type GcpZones = number | readonly string[];

export const MAX_ZONES = 3;

/** Regions whose first three letters are not a, b and c: https://cloud.google.com/compute/docs/regions-zones */
const OTHER_LETTERS: Readonly<Record<string, readonly string[]>> = {
  "europe-west1": ["b", "c", "d"],
  "us-east1": ["b", "c", "d"],
};

/**
 * Checks which zones are wanted.
 *
 * @returns their names in the order in which they were given; those that are wrong are left out
 */
export function checkZones(
  check: PropsCheck,
  property: string,
  given: GcpZones | undefined,
  region: string,
): readonly string[] {
  const letters = OTHER_LETTERS[region] ?? ["a", "b", "c"];
  const named = (letter: string) => `${region}-${letter}`;
  if (given === undefined || typeof given === "number") {
    const count = given ?? MAX_ZONES;
    if (!check.required(property, count, integer(1, MAX_ZONES, "zones"))) return [];
    return letters.slice(0, count).map(named);
  }
  if (!check.required(property, given, listOf(1, MAX_ZONES, "zones"))) return [];
  const zones = given.map((zone) => (Token.isUnresolved(zone) ? zone : named(String(zone).slice(-1))));
  return zones.filter((zone, index) => {
    const at = `${property}[${index}]`;
    if (!check.required(at, given[index], zoneOf(region))) return Token.isUnresolved(given[index]);
    if (zones.indexOf(zone) === index) return true;
    check.add({ property: at, given: given[index], allowed: "zones that differ", fix: "remove one of the two" });
    return false;
  });
}
