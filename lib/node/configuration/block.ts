/** JSON as a configuration file holds it. What is `undefined` is left out. */
export type ConfigurationValue =
  | string
  | number
  | boolean
  | undefined
  | readonly ConfigurationValue[]
  | ConfigurationBlock;

/** A block of a configuration file, by the names the program's documentation has. */
export interface ConfigurationBlock {
  readonly [name: string]: ConfigurationValue;
}

/** Lays later blocks over earlier ones: blocks are merged name by name, everything else is replaced. */
export function merged(...blocks: readonly (object | undefined)[]): ConfigurationBlock {
  const result: Record<string, ConfigurationValue> = {};
  for (const block of blocks) {
    for (const [name, value] of Object.entries(block ?? {})) {
      const before = result[name];
      if (value !== undefined) result[name] = isBlock(before) && isBlock(value) ? merged(before, value) : value;
    }
  }
  return result;
}

function isBlock(value: ConfigurationValue): value is ConfigurationBlock {
  return typeof value === "object" && !Array.isArray(value);
}

/** A configuration file: JSON that a person can read on the node, with the names in order. */
export function configurationFile(block: ConfigurationBlock): string {
  return `${JSON.stringify(sorted(block), null, 1)}\n`;
}

function sorted(value: ConfigurationValue): ConfigurationValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isBlock(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted(value[name])]));
}
