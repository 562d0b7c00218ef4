import { type PropsCheck, type Rule, rule } from "../../core/errors";
import { oneOf } from "../../core/rules";

/** An availability zone of a region. Which building a number means differs from subscription to subscription. */
export type AzureZone = "1" | "2" | "3";

/** The zones of the regions that have any: https://learn.microsoft.com/en-us/azure/reliability/regions-list */
export const ALL_ZONES: readonly AzureZone[] = ["1", "2", "3"];

export const zone: Rule<AzureZone> = oneOf(ALL_ZONES);

const zoneList: Rule<readonly AzureZone[]> = rule({
  allowed: "a list of up to three zones that differ; an empty one in a region without zones",
  fix: 'write them as texts: ["1", "2", "3"]',
  accepts: (value) => Array.isArray(value) && new Set(value).size === value.length,
});

/** Checks which zones are wanted. */
export function checkZones(check: PropsCheck, property: string, zones: readonly AzureZone[] | undefined): void {
  if (check.optional(property, zones, zoneList)) check.each(property, zones, zone);
}
