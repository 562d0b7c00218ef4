import type { Product } from "../node/products";

/** Host names below the domain, for a browser. */
export function peopleHosts(domain: string): Readonly<Record<Product, string>> {
  return { vault: `vault.${domain}`, consul: `consul.${domain}`, nomad: `nomad.${domain}` };
}

/** What the hosts of applications end with: `apps.caravan.example.com`. */
export function appsDomain(domain: string): string {
  return `apps.${domain}`;
}
