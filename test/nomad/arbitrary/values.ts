import fc from "fast-check";

/** A name as people give it. */
export const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}[a-z0-9]$/);

/** Text that has to arrive as it is: openings, quotes, templates, line ends, other scripts. */
export const text = fc.oneof(
  fc.constantFrom("${NOMAD_PORT_http}", "%{if}", '"q"', "back\\slash", "{{ key }}", "a\nb\tc", "ä→😀", "<&>", "$$${x}"),
  fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }).filter((value) => !/[\0\p{Surrogate}]/u.test(value)),
);

export const flag = fc.boolean();
export const texts = fc.array(text, { minLength: 1, maxLength: 3 });
export const map = fc.dictionary(name, text, { minKeys: 1, maxKeys: 3 });
export const count = fc.integer({ min: 1, max: 5 });

/** A time between two numbers of seconds. */
export const seconds = (min: number, max: number) => fc.integer({ min, max }).map((value) => `${value}s`);

/** Blocks with labels. */
export const labelled = <T>(block: fc.Arbitrary<T>, most = 2) =>
  fc.dictionary(name, block, { minKeys: 1, maxKeys: most });

export const oneOrMore = <T>(block: fc.Arbitrary<T>) =>
  fc.oneof(block, fc.array(block, { minLength: 1, maxLength: 2 }));

/** Words of another program. */
export const free = fc.dictionary(
  fc.stringMatching(/^[a-z][a-z_]{0,8}$/),
  fc.oneof(text, fc.integer({ min: 0, max: 1000 }), flag, texts),
  { minKeys: 1, maxKeys: 3 },
);

/** An object of which every word may be left out, but for those that are required. */
export function block<T extends Record<string, unknown>, K extends keyof T & string>(
  words: { readonly [W in keyof T]: fc.Arbitrary<T[W]> },
  required: readonly K[] = [],
): fc.Arbitrary<Partial<T> & Pick<T, K>> {
  return fc.record(words, { requiredKeys: [...required] }) as never;
}
