import type { Attribute, Block, Nesting } from "./schema";

const NESTING: Record<Nesting, number> = { single: 1, list: 2, set: 3, map: 4 };

/** A schema as the protocol carries it. */
export function schemaOnWire(block: Block) {
  return { version: 0, block: blockOnWire(block) };
}

interface BlockOnWire {
  attributes: object[];
  block_types: object[];
}

function blockOnWire(block: Block): BlockOnWire {
  return {
    attributes: attributesOnWire(block.attributes),
    block_types: Object.entries(block.blocks).map(([type_name, { nesting, min, max, block: inner }]) => ({
      type_name,
      block: blockOnWire(inner),
      nesting: NESTING[nesting],
      min_items: min,
      max_items: max,
    })),
  };
}

function attributesOnWire(attributes: Readonly<Record<string, Attribute>>): object[] {
  return Object.entries(attributes).map(([name, { type, nested, required, optional, computed, writeOnly }]) => ({
    name,
    required,
    // Terraform allows no attribute that is neither.
    optional: optional && !required,
    computed: computed && !required,
    write_only: writeOnly,
    ...(type === undefined ? {} : { type: Buffer.from(JSON.stringify(type)) }),
    ...(nested === undefined
      ? {}
      : { nested_type: { nesting: NESTING[nested.nesting], attributes: attributesOnWire(nested.attributes) } }),
  }));
}

/** An error as Terraform shows it. */
export function diagnostic(summary: string, detail = "") {
  return { severity: 1, summary, detail };
}
