import type { PropsCheck } from "../../../core/errors";
import { integer, matching } from "../../../core/rules";
import { duration, parseDuration } from "../../../core/values";

/** Vault lowers no name of its own, but an id of Terraform and a path are made of it. */
const objectName = matching(/[\w-]{1,64}/, "a name of letters, digits, hyphens and underscores", 'use "shop-orders"');
export const version = integer(1, 1_000_000);
export const seconds = duration({ unit: "s" });

/** That a longest life is not shorter than the usual one. */
export function checkLifetimes(
  check: PropsCheck,
  at: string,
  ttl: string,
  maxTtl: string,
  names = ["ttl", "maxTtl"],
): void {
  const isTtl = check.required(`${at}${names[0]}`, ttl, seconds);
  const isMax = check.required(`${at}${names[1]}`, maxTtl, seconds);
  if (isTtl && isMax && parseDuration(maxTtl, "s") < parseDuration(ttl, "s")) {
    check.add({ property: `${at}${names[1]}`, given: maxTtl, allowed: `${ttl} or longer`, fix: "raise it" });
  }
}

/** That ids can be made of the names. */
export function checkNames(check: PropsCheck, property: string, given: object | undefined): void {
  for (const name of Object.keys(given ?? {})) check.required(`${property}["${name}"]`, name, objectName);
}
