import { Fn, type IResolvable, Token } from "cdktf";

/** A map known after apply. Its keys are known to whoever wrote it; a value is read by its key. */
export class AppliedMap {
  constructor(private readonly reference: IResolvable) {}

  /** The value under a key. Terraform fails at plan if the map lacks it. */
  get(key: string): string {
    return Token.asString(Fn.lookup(this.reference, key));
  }

  /** The whole map, for arguments of map type. */
  asMap(): Record<string, string> {
    return Token.asStringMap(this.reference);
  }
}

/** The values that a contract can carry: what is written, and what is read. */
interface Kinds {
  string: { write: string; read: string };
  number: { write: number; read: number };
  boolean: { write: boolean | IResolvable; read: IResolvable };
  strings: { write: readonly string[]; read: string[] };
  map: { write: Readonly<Record<string, string>>; read: AppliedMap };
}

/** One field of a contract's applied half. */
export interface AppliedField<K extends keyof Kinds = keyof Kinds> {
  readonly kind: K;
  /** What it is, in a few words; becomes the output's description. */
  readonly description: string;
}

export type AppliedFields = Readonly<Record<string, AppliedField>>;

/** What the producing stack writes. */
export type AppliedValues<A extends AppliedFields> = { readonly [K in keyof A]: Kinds[A[K]["kind"]]["write"] };

/** What the consuming stack reads. */
export type AppliedReferences<A extends AppliedFields> = { readonly [K in keyof A]: Kinds[A[K]["kind"]]["read"] };

/** Makes the fields of a contract's applied half: `applied.string("id of the network")`. */
export const applied = {
  string: (description: string): AppliedField<"string"> => ({ kind: "string", description }),
  number: (description: string): AppliedField<"number"> => ({ kind: "number", description }),
  boolean: (description: string): AppliedField<"boolean"> => ({ kind: "boolean", description }),
  /** A list of texts. */
  strings: (description: string): AppliedField<"strings"> => ({ kind: "strings", description }),
  /** A map of texts. */
  map: (description: string): AppliedField<"map"> => ({ kind: "map", description }),
};

const read: { [K in keyof Kinds]: (reference: IResolvable) => Kinds[K]["read"] } = {
  string: (reference) => Token.asString(reference),
  number: (reference) => Token.asNumber(reference),
  boolean: (reference) => reference,
  strings: (reference) => Token.asList(reference),
  map: (reference) => new AppliedMap(reference),
};

/** A reference to an output in the shape that its field has. */
export function readField(field: AppliedField, reference: IResolvable): Kinds[keyof Kinds]["read"] {
  return read[field.kind](reference);
}
