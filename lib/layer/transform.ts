/**
 * The escape hatch of every construct: a change to the props of one inner resource, typed by that resource.
 *
 * An object is laid over our props; a function gets them and returns what shall be used instead.
 *
 * ```ts
 * transform: {
 *   vpc: { enableNetworkAddressUsageMetrics: true },
 *   flowLog: (props) => ({ ...props, trafficType: "REJECT" }),
 * }
 * ```
 */
export type Transform<T> = Partial<T> | ((props: T) => T);

/** The props of an inner resource, with the user's change applied last. */
export function transformed<T extends object>(transform: Transform<T> | undefined, props: T): T {
  if (transform === undefined) return props;
  if (typeof transform === "function") return transform(props);
  return { ...props, ...transform };
}

/** Both changes, the second laid over what the first gave. */
export function inTurn<T extends object>(
  first: Transform<T> | undefined,
  second: Transform<T> | undefined,
): Transform<T> {
  return (props) => transformed(second, transformed(first, props));
}
