/** JSON as a configuration file holds it. */
export type ConfigurationValue =
  | string
  | number
  | boolean
  | readonly ConfigurationValue[]
  | { readonly [name: string]: ConfigurationValue };

/** A block of a configuration file, by the names the program's documentation has. */
export interface ConfigurationBlock {
  readonly [name: string]: ConfigurationValue;
}

/** What a user adds to the products' configuration files. */
export interface NodeExtensions {
  readonly vault?: ConfigurationBlock;
  readonly consul?: ConfigurationBlock;
  readonly nomad?: ConfigurationBlock;
  readonly vaultAgent?: ConfigurationBlock;
}
