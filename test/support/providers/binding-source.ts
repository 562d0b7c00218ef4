/** What the generator of the bindings wrote beside each attribute. */
export interface Flags {
  readonly computed: boolean;
  readonly optional: boolean;
  readonly required: boolean;
}

/** An attribute as its class reads it: how a computed value comes out. */
export interface Getter {
  readonly flags: Flags;
  /** The getter's result, `this.getStringAttribute('arn')`. */
  readonly returns: string;
  /** The class of a nested value, `SecurityGroupEgressList`, and whether it wraps a set. */
  readonly nested?: { readonly className: string; readonly set: boolean };
}

/** An attribute as it is written to HCL: how a value goes in. */
export interface Entry {
  readonly kind: "simple" | "list" | "set" | "map" | "struct";
  readonly storage: string;
  /** The struct of a nested value, `SecurityGroupEgress`, or nothing for plain values. */
  readonly struct?: string;
  /** Whether the value may be repeated. A block that may not is at most one. */
  readonly many: boolean;
  /** The property of the struct's interface. */
  readonly property: string;
  /** Whether a missing value is sent as null: what the generator does inside attributes whose type is an object. */
  readonly filled: boolean;
}

/** The properties that a user may set. */
export interface Properties {
  readonly optional: ReadonlyMap<string, boolean>;
  /** Names of Terraform that are blocks, not attributes. */
  readonly blocks: ReadonlySet<string>;
}

/** One type of a binding package, as its TypeScript source tells it. */
export interface BindingSource {
  /** The main class, `SecurityGroup`. */
  readonly className: string;
  /** Terraform's name, `aws_security_group`. */
  readonly type: string;
  readonly classes: ReadonlyMap<string, ReadonlyMap<string, Getter>>;
  /** By struct; the main class's own under its class name. */
  readonly entries: ReadonlyMap<string, ReadonlyMap<string, Entry>>;
  readonly properties: ReadonlyMap<string, Properties>;
}

/** Reads the generator's TypeScript. It is regular to the character, so lines are enough. */
export function parseBinding(text: string): BindingSource {
  return new Parser(text.split("\n")).parse();
}

class Parser {
  private readonly classes = new Map<string, Map<string, Getter>>();
  private readonly entries = new Map<string, Map<string, Entry>>();
  private readonly properties = new Map<string, { optional: Map<string, boolean>; blocks: Set<string> }>();
  private main = "";
  private type = "";
  /** What the lines that follow belong to. */
  private inside: (line: string, at: number) => void = () => {};

  /** Lines that begin something, and what they begin. */
  private readonly openings: readonly [RegExp, (first: string, second: string) => void][] = [
    [/^export interface (\w+)/, (name) => this.openInterface(name)],
    [/^export class (\w+) extends cdktf\.(\w+)/, (name, base) => this.openClass(name, base)],
    [/^export function (\w+)ToHclTerraform\(/, (name) => this.openEntries(structName(name))],
    [/^ {2}protected (synthesizeHclAttributes)\(/, () => this.openEntries(this.main)],
  ];

  constructor(private readonly lines: readonly string[]) {}

  parse(): BindingSource {
    for (const [at, line] of this.lines.entries()) {
      const opened = this.openings.some(([pattern, open]) => {
        const found = pattern.exec(line);
        if (found !== null) open(found[1] ?? "", found[2] ?? "");
        return found !== null;
      });
      if (!opened) this.inside(line, at);
    }
    const { main, type, classes, entries, properties } = this;
    return { className: main, type, classes, entries, properties };
  }

  private openInterface(name: string): void {
    const [optional, blocks] = [new Map<string, boolean>(), new Set<string>()];
    this.properties.set(name, { optional, blocks });
    this.inside = (line) => {
      const block = /^ {2}\* (\w+) block$/.exec(line)?.[1];
      if (block !== undefined) blocks.add(block);
      const [, property, mark] = /^ {2}readonly (\w+)(\??):/.exec(line) ?? [];
      if (property !== undefined) optional.set(property, mark === "?");
    };
  }

  private openClass(name: string, base: string): void {
    if (["TerraformResource", "TerraformDataSource", "TerraformProvider"].includes(base)) this.main = name;
    const getters = new Map<string, Getter>();
    this.classes.set(name, getters);
    this.inside = (line, at) => {
      this.type = /^ {2}public static readonly tfResourceType = "(\w+)"/.exec(line)?.[1] ?? this.type;
      const [comment, attribute, ...flags] = FLAGS.exec(line) ?? [];
      if (comment === undefined || attribute === undefined) return;
      const [computed, optional, required] = flags.map((flag) => flag === "true");
      getters.set(attribute, {
        flags: { computed: computed === true, optional: optional === true, required: required === true },
        ...getter(this.lines, at + 1),
      });
    };
  }

  private openEntries(struct: string): void {
    const made = new Map<string, Entry>();
    this.entries.set(struct, made);
    this.inside = (line, at) => {
      const name = /^ {4,6}(\w+): \{$/.exec(line)?.[1];
      if (name !== undefined) made.set(name, entry(this.lines.slice(at + 1, at + 5)));
    };
  }
}

const FLAGS = /^ {2}\/\/ (\w+) - computed: (true|false), optional: (true|false), required: (true|false)/;

function getter(lines: readonly string[], from: number): Omit<Getter, "flags"> {
  let nested: Getter["nested"];
  for (const line of lines.slice(from, from + GETTER_LINES)) {
    const field = /= new ([\w.]+)\(this, "\w+"(?:, (true|false))?\)/.exec(line);
    if (field?.[1] !== undefined) nested = { className: field[1], set: field[2] === "true" };
    const returns = /^ {4}return (.*);$/.exec(line)?.[1];
    if (returns !== undefined) return { returns, ...(nested === undefined ? {} : { nested }) };
  }
  throw new Error(`no getter follows "${lines[from - 1]?.trim()}"`);
}

const GETTER_LINES = 6;

function entry(lines: readonly string[]): Entry {
  const part = (name: string) =>
    lines.find((line) => line.trimStart().startsWith(`${name}: `))?.replace(/^\s*\w+: |,$/g, "") ?? "";
  const value = part("value");
  const struct = /(?:^|[^.\w])(\w+)ToHclTerraform/.exec(value)?.[1];
  return {
    kind: part("type").replaceAll('"', "") as Entry["kind"],
    storage: part("storageClassType").replaceAll('"', ""),
    many: /\b(list|hash)MapperHcl\(/.test(value),
    property: /(?:struct!\.|this\._)(\w+)/.exec(value)?.[1] ?? "",
    filled: value.includes("=== undefined ? null"),
    ...(struct === undefined ? {} : { struct: structName(struct) }),
  };
}

const structName = (functionName: string) => functionName.charAt(0).toUpperCase() + functionName.slice(1);
