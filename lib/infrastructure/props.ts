import type { PropsCheck } from "../core/errors";
import { oneOf, shortName } from "../core/rules";
import { type Product, products } from "../node/products";

/** Servers that are alike. */
export interface ServerGroup {
  /** The products that each of its servers runs. A product runs in exactly one group. */
  readonly runs: readonly Product[];
}

/** Server groups by name. */
export type ServerGroups = Readonly<Record<string, ServerGroup>>;

/** All three products on the same servers. Vault in a group of its own is safer: `{ vault: ..., main: ... }`. */
export const defaultServerGroups: ServerGroups = { main: { runs: products } };

/** The name of a group of servers or workers; it is part of names that clouds keep short. */
export const groupName = shortName(16, "main");

/** Checks server groups as the property `servers`. */
export function checkServerGroups(check: PropsCheck, property: string, groups: ServerGroups): void {
  const groupOf = new Map<Product, string>();
  for (const [name, { runs }] of Object.entries(groups)) {
    check.required(`${property}["${name}"]`, name, groupName);
    check.each(`${property}.${name}.runs`, runs, oneOf(products));
    for (const product of Array.isArray(runs) ? runs : []) {
      const other = groupOf.get(product);
      if (other !== undefined) {
        check.add({
          property: `${property}.${name}.runs`,
          given: runs,
          allowed: `each product in exactly one group; ${product} already runs in "${other}"`,
          fix: `remove ${product} from one of them`,
        });
      }
      groupOf.set(product, name);
    }
  }
  for (const product of products.filter((each) => !groupOf.has(each))) {
    check.add({
      property,
      given: groups,
      allowed: `each product in exactly one group; ${product} runs in none`,
      fix: `add "${product}" to the runs of a group`,
    });
  }
}

/** Checks the names of worker groups. */
export function checkWorkerGroups(check: PropsCheck, property: string, names: readonly string[]): void {
  check.each(property, names, groupName);
}
