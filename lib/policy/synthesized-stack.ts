import { decodeHcl } from "../core/hcl-decode";
import {
  booleanOf,
  isObject,
  isUnknown,
  type JsonObject,
  numberOf,
  objectsOf,
  property,
  textOf,
  textsOf,
  type Unknown,
} from "./values";

/** The inside of a resource or of a block in it. Every reading is by Terraform's names, and gives no more than is known. */
export class SynthesizedBlock {
  constructor(
    private readonly view: SynthesizedStack,
    /** A text where only Terraform knows the block. */
    private readonly values: JsonObject | string,
    /** Where the block stands in its resource: `"egress[0]"`, empty for the resource itself. */
    readonly path: string,
  ) {}

  /** The value as it stands; what is null or missing is `undefined`, and a local value stands for itself. */
  value(name: string): unknown {
    if (typeof this.values === "string") return this.values;
    return this.view.dereference(property(this.values, name) ?? undefined);
  }

  /** Whether only Terraform knows what stands in the block; all its values are unknown then. */
  get isUnknown(): boolean {
    return typeof this.values === "string";
  }

  has(name: string): boolean {
    return this.value(name) !== undefined;
  }

  text(name: string): string | undefined | Unknown {
    return textOf(this.value(name));
  }

  boolean(name: string): boolean | undefined | Unknown {
    return booleanOf(this.value(name));
  }

  number(name: string): number | undefined | Unknown {
    return numberOf(this.value(name));
  }

  texts(name: string): (string | Unknown)[] {
    return textsOf(this.value(name));
  }

  /** Nested blocks (or a list of objects): one or many, written as one, as a list, or as a dynamic block. */
  blocks(name: string): SynthesizedBlock[] {
    const blocks = [...blocksIn(this.value(name)), ...this.dynamicBlocks(name)];
    return blocks.map(
      (values, index) =>
        new SynthesizedBlock(this.view, values, this.at(blocks.length > 1 ? `${name}[${index}]` : name)),
    );
  }

  private dynamicBlocks(name: string): JsonObject[] {
    if (typeof this.values === "string") return [];
    return objectsOf(property(this.values, "dynamic"))
      .flatMap((blocks) => objectsOf(property(blocks, name)))
      .flatMap((block) => objectsOf(property(block, "content")));
  }

  block(name: string): SynthesizedBlock | undefined {
    return this.blocks(name)[0];
  }

  /** The path of an attribute of this block, for a finding. */
  at(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }
}

function blocksIn(value: unknown): (JsonObject | string)[] {
  const elements = Array.isArray(value) ? value : [value];
  return elements.filter((element) => isObject(element) || isUnknown(element));
}

export class SynthesizedResource extends SynthesizedBlock {
  constructor(
    private readonly stack: SynthesizedStack,
    /** `"aws_vpc"`, `"data.aws_ami"` or `"provider.aws"`. */
    readonly type: string,
    /** Terraform's address: `"aws_vpc.main"`, `"data.aws_ami.node"`, `"provider.aws.frankfurt"`. */
    readonly address: string,
    private readonly body: JsonObject,
  ) {
    super(stack, body, "");
  }

  /** Path of the construct that made it, where cdktf wrote it down. */
  get constructPath(): string | undefined {
    const comment = property(this.body, "//");
    const metadata = isObject(comment) ? property(comment, "metadata") : undefined;
    const path = isObject(metadata) ? property(metadata, "path") : undefined;
    return typeof path === "string" ? path : undefined;
  }

  /** The resources and data sources that an attribute's value names, also by way of locals and of `for_each`. */
  references(attribute: string): SynthesizedResource[] {
    return this.referencesIn(property(this.body, attribute));
  }

  /** The same for a value somewhere inside this resource. */
  referencesIn(value: unknown): SynthesizedResource[] {
    return this.stack.referencesIn(value, property(this.body, "for_each"));
  }
}

const REFERENCE = /(?<![\w.-])(?:data\.)?[a-z][a-z0-9]*_[a-z0-9_]*\.[A-Za-z_][\w-]*/g;
const LOCAL = /(?<![\w.-])local\.([A-Za-z_][\w-]*)/g;
const WHOLE_LOCAL = /^\$\{local\.([A-Za-z_][\w-]*)\}$/;
const EACH = /(?<![\w.-])each\.(?:key|value)\b/;

/** A stack as Terraform will see it, indexed once. Takes any JSON; what is not of Terraform's shape is passed over. */
export class SynthesizedStack {
  private readonly types = new Map<string, SynthesizedResource[]>();
  private readonly addresses = new Map<string, SynthesizedResource>();
  private readonly locals = new Map<string, unknown>();
  private readonly referring = new Map<string, Map<string, SynthesizedResource[]>>();
  private readonly documents = new Map<string, unknown>();
  private readonly seen = new Set<SynthesizedResource>();

  /** `terraform` is the content of one stack's `cdk.tf.json`. */
  constructor(terraform: unknown) {
    for (const root of objectsOf(terraform)) {
      this.addLocals(root);
      this.addNamed(root, "resource", "");
      this.addNamed(root, "data", "data.");
      this.addProviders(root);
    }
  }

  private addLocals(root: JsonObject): void {
    for (const locals of objectsOf(property(root, "locals"))) {
      for (const [name, value] of Object.entries(locals)) this.locals.set(name, value);
    }
  }

  private addNamed(root: JsonObject, section: string, prefix: string): void {
    for (const types of objectsOf(property(root, section))) {
      for (const [type, named] of Object.entries(types)) {
        for (const [name, bodies] of objectsOf(named).flatMap((names) => Object.entries(names))) {
          for (const body of objectsOf(bodies)) this.add(prefix + type, `${prefix}${type}.${name}`, body);
        }
      }
    }
  }

  private addProviders(root: JsonObject): void {
    for (const providers of objectsOf(property(root, "provider"))) {
      for (const [name, bodies] of Object.entries(providers)) {
        for (const body of objectsOf(bodies)) {
          const alias = property(body, "alias");
          this.add(`provider.${name}`, `provider.${name}${typeof alias === "string" ? `.${alias}` : ""}`, body);
        }
      }
    }
  }

  private add(type: string, address: string, body: JsonObject): void {
    const resource = new SynthesizedResource(this, type, address, body);
    const ofType = this.types.get(type);
    if (ofType === undefined) this.types.set(type, [resource]);
    else ofType.push(resource);
    this.addresses.set(address, resource);
  }

  /** Resources, data sources (`"data.aws_ami"`) or providers (`"provider.aws"`) of a type, in the order of the file. */
  ofType(type: string): readonly SynthesizedResource[] {
    return this.types.get(type) ?? [];
  }

  /** Notes that a rule looks at a resource. */
  see(resource: SynthesizedResource): void {
    this.seen.add(resource);
  }

  /** Number of resources that a rule looked at, by their type or by way of another. */
  get seenSize(): number {
    return this.seen.size;
  }

  get size(): number {
    let size = 0;
    for (const ofType of this.types.values()) size += ofType.length;
    return size;
  }

  at(address: string): SynthesizedResource | undefined {
    const resource = this.addresses.get(address);
    if (resource !== undefined) this.see(resource);
    return resource;
  }

  get allAddresses(): string[] {
    return [...this.addresses.keys()];
  }

  /**
   * The resources of a type whose attribute points at a resource: by reference, or by the same literal name in the
   * target's attribute `identity` (`"bucket"` of `aws_s3_bucket`).
   */
  pointingAt(target: SynthesizedResource, type: string, attribute: string, identity?: string): SynthesizedResource[] {
    const index = this.indexOf(type, attribute);
    const name = identity === undefined ? undefined : target.text(identity);
    const byName = typeof name === "string" ? (index.get(`=${name}`) ?? []) : [];
    const found = [...(index.get(target.address) ?? []), ...byName];
    for (const resource of found) this.see(resource);
    return found;
  }

  private indexOf(type: string, attribute: string): Map<string, SynthesizedResource[]> {
    const key = `${type}.${attribute}`;
    const known = this.referring.get(key);
    if (known !== undefined) return known;
    const index = new Map<string, SynthesizedResource[]>();
    for (const resource of this.ofType(type)) {
      const literal = resource.text(attribute);
      const targets = resource.references(attribute).map((target) => target.address);
      if (typeof literal === "string") targets.push(`=${literal}`);
      for (const target of targets) {
        const pointing = index.get(target);
        if (pointing === undefined) index.set(target, [resource]);
        else pointing.push(resource);
      }
    }
    this.referring.set(key, index);
    return index;
  }

  /** A value that is one local and nothing else, replaced by what the local holds. */
  dereference(value: unknown): unknown {
    let current = value;
    for (let hops = 0; typeof current === "string" && hops < 10; hops++) {
      const name = WHOLE_LOCAL.exec(current)?.[1];
      if (name === undefined || !this.locals.has(name)) return current;
      current = this.locals.get(name);
    }
    return current;
  }

  referencesIn(value: unknown, forEach?: unknown): SynthesizedResource[] {
    const found = new Map<string, SynthesizedResource>();
    const seen = new Set<unknown>();
    const queue = [value];
    // A queue and not recursion: locals may name each other in a ring.
    for (let next = queue.pop(); next !== undefined || queue.length > 0; next = queue.pop()) {
      if (next === null || seen.has(next)) continue;
      if (typeof next === "object") {
        seen.add(next);
        for (const inner of Object.values(next)) queue.push(inner);
      }
      if (typeof next !== "string" || !next.includes("${")) continue;
      seen.add(next);
      for (const [reference] of next.matchAll(REFERENCE)) {
        const resource = this.addresses.get(reference);
        if (resource !== undefined) found.set(resource.address, resource);
      }
      for (const [, name = ""] of next.matchAll(LOCAL)) queue.push(this.locals.get(name));
      if (EACH.test(next)) queue.push(forEach);
    }
    return [...found.values()];
  }

  /** The document that a text holds, as JSON or through `jsonencode`; `undefined` where it is not known. */
  document(value: unknown): unknown {
    const text = this.dereference(value);
    if (typeof text !== "string") return undefined;
    // Several rules read the same policy.
    if (!this.documents.has(text)) this.documents.set(text, decodeHcl(text));
    return this.documents.get(text);
  }
}
