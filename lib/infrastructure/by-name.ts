/** Makes something of each entry, under the same name. */
export function mapped<T, R>(
  byName: Readonly<Record<string, T>>,
  map: (value: T, name: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(byName).map(([name, value]) => [name, map(value, name)]));
}

/** Makes something of each entry and what another record has under its name. An entry without such a partner is left out. */
export function joined<T, U, R>(
  byName: Readonly<Record<string, T>>,
  others: Readonly<Record<string, U>>,
  make: (value: T, name: string, other: U) => R,
): Record<string, R> {
  return Object.fromEntries(
    Object.entries(byName).flatMap(([name, value]) => {
      const other = others[name];
      return other === undefined ? [] : [[name, make(value, name, other)] as const];
    }),
  );
}
