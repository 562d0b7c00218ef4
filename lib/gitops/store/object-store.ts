/** Where shown plans and records of applies are kept: beside the state, below `plans/` and `records/`. */
export interface ObjectStore {
  /** Where it is, for people. */
  readonly name: string;
  /** An object's text, or nothing. */
  read(key: string): Promise<string | undefined>;
  write(key: string, text: string): Promise<void>;
  /** Writes an object unless there is one of this key. Says whether it wrote: of two writers at once, one does. */
  create(key: string, text: string): Promise<boolean>;
  /** Keys that begin alike, sorted. */
  list(prefix: string): Promise<readonly string[]>;
}
