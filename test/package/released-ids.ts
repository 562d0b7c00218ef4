/** A stack's Terraform JSON. */
export interface SynthesizedStack {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly moved?: readonly { readonly from: string; readonly to: string }[];
}

/** The addresses of a stack's resources. */
export function addressesOf(stack: SynthesizedStack): string[] {
  return Object.entries(stack.resource ?? {}).flatMap(([type, byName]) =>
    Object.keys(byName).map((name) => `${type}.${name}`),
  );
}

/**
 * What a release would destroy: resources of the last release that are gone and were not said to have moved. Resources
 * that it adds are no harm.
 */
export function lostBetween(released: SynthesizedStack, current: SynthesizedStack): string[] {
  const now = new Set(addressesOf(current));
  const moved = new Map(current.moved?.map(({ from, to }) => [from, to]));
  return addressesOf(released).filter((address) => !now.has(moved.get(address) ?? address));
}
