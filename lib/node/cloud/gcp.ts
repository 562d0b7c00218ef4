import type { Product } from "../products";

/** The network tag of a product's servers, by which its agents find them: go-discover looks for tags, not for labels. */
export function serverTag(environment: string, product: Product): string {
  return `caravan-${product}-${environment}`;
}
