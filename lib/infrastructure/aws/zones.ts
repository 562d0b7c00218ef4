import { Token } from "cdktf";
import { type PropsCheck, show } from "../../core/errors";
import { integer, listOf } from "../../core/rules";
import { ZONE_SLOTS } from "../addressing";
import { zoneOf } from "./rules";

/** An availability zone with a place of its own choosing in the network's plan of addresses. */
export interface AwsZoneProps {
  /** The zone's letter, `"e"`, or its name, `"us-east-1e"`. */
  readonly name: string;
  /**
   * Which of the network's four zone blocks its subnets lie in, 0 to 3. Changing it replaces the zone's subnets.
   *
   * @default - by the letter: a 0, b 1, c 2, d 3, e 0, f 1
   */
  readonly slot?: number;
}

/**
 * The zones of a network: how many, or which. Letters mean the same for every account made since November 2025; in the
 * older regions of older accounts each has its own.
 */
export type AwsZones = number | readonly (string | AwsZoneProps)[];

/** A zone of a network, with its place in the plan of addresses. */
export interface AwsZone {
  /** `"a"`; ids are made of it. */
  readonly letter: string;
  /** `"eu-central-1a"` */
  readonly name: string;
  readonly slot: number;
}

export const MAX_ZONES = 3;

/**
 * Zones of the regions whose first three letters are not a, b and c for a new account, because a zone is closed to it
 * (https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html, "Constrained
 * Availability Zones"). us-west-1 has two for everybody, for some b and c. What an account has is told by
 * `aws ec2 describe-availability-zones`.
 */
const OTHER_LETTERS: Readonly<Record<string, readonly string[]>> = {
  "ap-northeast-1": ["a", "c", "d"],
  "ca-central-1": ["a", "b", "d"],
  "cn-north-1": ["a", "b", "d"],
  "us-west-1": ["a", "c"],
};

/** The zones that a network takes if it is not told. */
function lettersOf(region: string): readonly string[] {
  return OTHER_LETTERS[region] ?? ["a", "b", "c"];
}

/**
 * Checks which zones are wanted.
 *
 * @returns the zones in the order in which they were given; those that are wrong are left out
 */
export function checkZones(
  check: PropsCheck,
  property: string,
  given: AwsZones | undefined,
  region: string,
): AwsZone[] {
  const letters = lettersOf(region);
  if (given === undefined || typeof given === "number") {
    const count = given ?? Math.min(MAX_ZONES, letters.length);
    if (!check.required(property, count, integer(1, letters.length, "zones"))) return [];
    return letters.slice(0, count).map((letter) => ({ letter, name: `${region}${letter}`, slot: slotOf(letter) }));
  }
  if (!check.required(property, given, listOf(1, MAX_ZONES, "zones"))) return [];
  const zones = given.flatMap((entry, index) => checkZone(check, `${property}[${index}]`, entry, region));
  zones.forEach((zone, index) => {
    checkApart(check, `${property}[${index}]`, zone, zones.slice(0, index));
  });
  return zones;
}

function checkZone(check: PropsCheck, property: string, entry: string | AwsZoneProps, region: string): AwsZone[] {
  const { name, slot } = typeof entry === "string" ? { name: entry } : (entry ?? {});
  const known = check.required(typeof entry === "string" ? property : `${property}.name`, name, zoneOf(region));
  check.optional(`${property}.slot`, slot, integer(0, ZONE_SLOTS - 1));
  if (!known) {
    // Unlike other props, a zone must be known at synth: its letter is part of ids.
    if (Token.isUnresolved(name)) {
      check.add({ property, given: name, allowed: "a zone that is known at synth", fix: "write its letter" });
    }
    return [];
  }
  const letter = name.slice(-1);
  return [{ letter, name: `${region}${letter}`, slot: slot ?? slotOf(letter) }];
}

function checkApart(check: PropsCheck, property: string, zone: AwsZone, others: readonly AwsZone[]): void {
  if (others.some(({ letter }) => letter === zone.letter)) {
    check.add({ property, given: zone.name, allowed: "zones that differ", fix: "remove one of the two" });
    return;
  }
  const same = others.find(({ slot }) => slot === zone.slot);
  if (same === undefined) return;
  const free = Array.from({ length: ZONE_SLOTS }, (_, slot) => slot)
    .reverse()
    .find((slot) => !others.some((other) => other.slot === slot));
  check.add({
    property,
    given: zone.name,
    allowed: `zones with blocks of their own; ${zone.letter} and ${same.letter} both have slot ${zone.slot}`,
    fix: `give the slot: { name: ${show(zone.letter)}, slot: ${free} }`,
  });
}

function slotOf(letter: string): number {
  return (letter.charCodeAt(0) - "a".charCodeAt(0)) % ZONE_SLOTS;
}
