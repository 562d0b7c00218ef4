import type { BindingSource, Entry, Flags, Getter } from "./binding-source";

/** A type in Terraform's own JSON: `"string"`, `["list","string"]`, `["object",{"id":"string"}]`. */
export type ValueType =
  | "string"
  | "number"
  | "bool"
  | "dynamic"
  | readonly ["list" | "set" | "map", ValueType]
  | readonly ["object", Readonly<Record<string, ValueType>>];

export type Nesting = "single" | "list" | "set" | "map";

export interface Attribute extends Flags {
  readonly writeOnly: boolean;
  /** Exactly one of `type` and `nested` is given. */
  readonly type?: ValueType;
  readonly nested?: { readonly nesting: Nesting; readonly attributes: Readonly<Record<string, Attribute>> };
}

export interface NestedBlock {
  readonly nesting: Nesting;
  readonly min: number;
  /** 0 means without limit. */
  readonly max: number;
  readonly block: Block;
}

export interface Block {
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly blocks: Readonly<Record<string, NestedBlock>>;
}

/** An attribute for a schema that is written by hand, as those of ephemeral resources must be. */
export function attribute(type: ValueType, how: "required" | "optional" | "computed"): Attribute {
  const flags = { required: how === "required", optional: how === "optional", computed: how === "computed" };
  return { ...flags, writeOnly: false, type };
}

/** The provider's schema of one type, rebuilt from the source of its binding. */
export function schemaOf(source: BindingSource): Block {
  const block = new SchemaReader(source).block(source.className, source.className, `${source.className}Config`);
  if (!source.className.endsWith("Provider")) return block;
  const { alias: _, ...attributes } = block.attributes;
  return { ...block, attributes };
}

class SchemaReader {
  constructor(private readonly source: BindingSource) {}

  block(struct: string, className: string, config = struct): Block {
    const attributes: Record<string, Attribute> = {};
    const blocks: Record<string, NestedBlock> = {};
    for (const [name, { entry, getter, flags }] of this.members(struct, className, config)) {
      if (entry?.struct !== undefined && this.source.properties.get(config)?.blocks.has(name)) {
        blocks[name] = this.nestedBlock(entry, entry.struct, flags);
      } else {
        const writeOnly = name.endsWith("_wo") && !flags.computed;
        attributes[name] = { ...flags, writeOnly, ...this.valueOf(entry, getter) };
      }
    }
    return { attributes, blocks };
  }

  private nestedBlock(entry: Entry, struct: string, { required }: Flags): NestedBlock {
    const block = this.block(struct, `${struct}OutputReference`);
    const bound = nestingOf(entry);
    // Terraform allows no set of something untyped, which is how the bindings show the recursive statements of WAF.
    const nesting = bound === "set" && hasDynamic(block) ? "list" : bound;
    const min = required ? 1 : 0;
    const max = nesting === "single" ? min : entry.many ? 0 : 1;
    return { nesting, min, max, block };
  }

  /** Everything that a struct can be given or tells, by Terraform's names. */
  private members(struct: string, className: string, config = struct) {
    const entries = this.source.entries.get(struct) ?? new Map<string, Entry>();
    const getters = this.source.classes.get(className) ?? new Map<string, Getter>();
    const members = new Map<string, { entry?: Entry; getter?: Getter; flags: Flags }>();
    for (const name of new Set([...entries.keys(), ...getters.keys()])) {
      const [entry, getter] = [entries.get(name), getters.get(name)];
      const flags = getter?.flags ?? this.interfaceFlags(config, entry);
      members.set(name, { ...(entry && { entry }), ...(getter && { getter }), flags });
    }
    return members;
  }

  /** The structs of a provider's configuration are never read, so only their interface says what is required. */
  private interfaceFlags(config: string, entry: Entry | undefined): Flags {
    const optional = this.source.properties.get(config)?.optional.get(entry?.property ?? "") ?? true;
    return { computed: false, optional, required: !optional };
  }

  private valueOf(entry: Entry | undefined, getter: Getter | undefined): Pick<Attribute, "type" | "nested"> {
    if (entry?.struct === undefined) return { type: this.typeOf(entry, getter) };
    const filled = [...(this.source.entries.get(entry.struct)?.values() ?? [])].some((inner) => inner.filled);
    if (filled) return { type: this.typeOf(entry, getter) };
    const { attributes, blocks } = this.block(entry.struct, `${entry.struct}OutputReference`);
    if (Object.keys(blocks).length > 0) return { type: this.typeOf(entry, getter) };
    return { nested: { nesting: nestingOf(entry), attributes } };
  }

  private typeOf(entry: Entry | undefined, getter: Getter | undefined): ValueType {
    if (entry?.struct !== undefined) {
      const object = this.objectType(entry.struct, `${entry.struct}OutputReference`);
      const nesting = nestingOf(entry);
      return nesting === "single" ? object : [nesting, object];
    }
    if (entry !== undefined) return plainType(entry);
    if (getter === undefined) throw new Error(`${this.source.type}: an attribute with neither value nor getter`);
    return this.computedType(getter);
  }

  private objectType(struct: string, className: string): ValueType {
    const members = [...this.members(struct, className)];
    return [
      "object",
      Object.fromEntries(members.map(([name, { entry, getter }]) => [name, this.typeOf(entry, getter)])),
    ];
  }

  private computedType({ nested, returns }: Getter): ValueType {
    if (nested === undefined) return scalarType(returns);
    const { className, set } = nested;
    const map = /^cdktf\.(\w+?)Map(List)?$/.exec(className);
    if (map) {
      const type: ValueType = ["map", baseType(map[1] ?? "")];
      return map[2] === undefined ? type : [set ? "set" : "list", type];
    }
    const [, struct = className, suffix] = /^(\w+?)(OutputReference|MapList|List|Map)$/.exec(className) ?? [];
    const object = this.objectType(struct, `${struct}OutputReference`);
    if (suffix === "List") return [set ? "set" : "list", object];
    if (suffix === "MapList") return [set ? "set" : "list", ["map", object]];
    return suffix === "Map" ? ["map", object] : object;
  }
}

function hasDynamic({ attributes, blocks }: Block): boolean {
  const dynamic = Object.values(attributes).some(({ type }) => JSON.stringify(type ?? "").includes('"dynamic"'));
  return dynamic || Object.values(blocks).some(({ block }) => hasDynamic(block));
}

const nestingOf = ({ kind }: Entry): Nesting => (kind === "struct" || kind === "simple" ? "single" : kind);

/** `stringMapList` is a list of maps of strings; of which kind the outermost is, the entry says itself. */
function plainType({ kind, storage }: Entry): ValueType {
  const [, base = storage, wrappers = ""] = /^(string|number|boolean|any)((?:Map|List|Set)*)$/.exec(storage) ?? [];
  const wraps = [...wrappers.matchAll(/Map|List|Set/g)].map(([wrap]) => wrap.toLowerCase() as "map" | "list" | "set");
  return wraps.reduce<ValueType>((type, wrap, at) => {
    const outermost = at === wraps.length - 1 && (kind === "list" || kind === "set" || kind === "map");
    return [outermost ? kind : wrap, type];
  }, baseType(base));
}

/** `cdktf.Fn.tolist(this.getListAttribute('x'))` is a set of strings: the bindings turn it into a list to index it. */
function scalarType(returns: string): ValueType {
  const [, base = "", wrap] = /\.get(\w*?)(List|Map)?Attribute\(/.exec(returns) ?? [];
  const type = baseType(base === "" && wrap !== undefined ? "string" : base);
  if (wrap === "List") return [returns.includes("Fn.tolist(") ? "set" : "list", type];
  return wrap === "Map" ? ["map", type] : type;
}

function baseType(name: string): ValueType {
  const lower = name.toLowerCase();
  if (lower === "string" || lower === "number") return lower;
  return lower === "boolean" ? "bool" : "dynamic";
}
