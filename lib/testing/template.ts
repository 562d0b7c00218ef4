import { App, type TerraformStack } from "cdktf";
import { CaravanError } from "../core/errors";
import { mismatches, showPattern } from "./match";
import { synthesize } from "./synthesize";

/** The arguments of a resource as Terraform JSON has them: `snake_case`, repeated blocks as lists. */
export type Arguments = Readonly<Record<string, unknown>>;

/** A resource or data source of a synthesized stack. */
export interface TemplateResource {
  /** `"aws_vpc.network"`, `"data.aws_ami.node"`. */
  readonly address: string;
  /** `"aws_vpc"`. */
  readonly type: string;
  /** `"network"`. */
  readonly name: string;
  readonly arguments: Arguments;
}

/** A test's claim about a template does not hold. The message says what is there instead. */
export class TemplateError extends CaravanError {}

/**
 * A synthesized stack for a test to look into. It knows no test framework: what does not hold is thrown.
 *
 * @example
 * const template = Template.of(new NetworkStack(new App(), "prod-network", props));
 * template.hasResource("aws_vpc", { cidr_block: "10.0.0.0/16", tags: { team: "platform" } });
 * template.hasResource("aws_kms_key", { policy: Match.json({ Statement: Match.arrayWith([{ Effect: "Deny" }]) }) });
 */
export class Template {
  private readonly byAddress = new Map<string, TemplateResource>();
  private readonly byType = new Map<string, TemplateResource[]>();

  private constructor(
    /** What stands in `cdk.tf.json`, without cdktf's comments. */
    readonly json: Arguments,
  ) {
    this.index(json["resource"], "");
    this.index(json["data"], "data.");
  }

  /**
   * Synthesizes the whole app once. Nothing is left on disk.
   *
   * @returns its stacks by id; an id that is not there throws, naming those that are
   */
  static synth(app: App): Templates {
    return new Templates(new Map([...synthesize(app)].map(([id, json]) => [id, Template.fromJson(json)])));
  }

  /** Synthesizes the app of a stack and returns this one. For several stacks of one app `synth` is quicker. */
  static of(stack: TerraformStack): Template {
    return Template.synth(App.of(stack)).stack(stack.node.id);
  }

  /** Terraform JSON from elsewhere: text, or what it holds. */
  static fromJson(json: unknown): Template {
    const read = typeof json === "string" ? JSON.parse(json) : json;
    return new Template(withoutComments(read) as Arguments);
  }

  /** The addresses of all resources and data sources, sorted. */
  get addresses(): string[] {
    return [...this.byAddress.keys()].sort();
  }

  /**
   * The arguments of one resource, `"aws_vpc.network"`.
   *
   * @throws TemplateError if there is none
   */
  resource(address: string): Arguments {
    const found = this.byAddress.get(address);
    if (found === undefined) throw new TemplateError(`there is no ${address}; ${this.present(address)}`);
    return found.arguments;
  }

  /** All resources of one type, in the order of their names; none if there is none. */
  resources(type: string): readonly TemplateResource[] {
    return this.byType.get(type) ?? [];
  }

  /** The arguments of one data source, `"aws_ami.node"`. */
  data(address: string): Arguments {
    return this.resource(`data.${address}`);
  }

  /** All data sources of one type, in the order of their names; none if there is none. */
  dataSources(type: string): readonly TemplateResource[] {
    return this.byType.get(`data.${type}`) ?? [];
  }

  /**
   * Claims that a resource of the type matches in part: see `Match`.
   *
   * @returns the resources that do
   * @throws TemplateError that shows how the nearest differs
   */
  hasResource(type: string, pattern: object = {}): readonly TemplateResource[] {
    return this.matching(this.resources(type), type, pattern);
  }

  /** Claims the same of a data source. */
  hasData(type: string, pattern: object = {}): readonly TemplateResource[] {
    return this.matching(this.dataSources(type), `data.${type}`, pattern);
  }

  /** Claims that no resource of the type matches. */
  hasNoResource(type: string, pattern: object = {}): void {
    const found = this.resources(type).filter((one) => mismatches(one.arguments, pattern).length === 0);
    if (found.length === 0) return;
    throw new TemplateError(
      `expected no ${type} like ${showPattern(pattern)}, found ${list(found.map(({ address }) => address))}`,
    );
  }

  /** Claims how many resources of the type there are. */
  resourceCount(type: string, count: number): void {
    const found = this.resources(type).map(({ address }) => address);
    if (found.length === count) return;
    throw new TemplateError(
      `expected ${count} of ${type}, found ${found.length}${found.length > 0 ? `: ${list(found)}` : ""}`,
    );
  }

  /**
   * What an output says: `value`, `sensitive`, `description`.
   *
   * @throws TemplateError if there is none of the name
   */
  output(name: string): Arguments {
    const outputs = record(this.json["output"]);
    const found = outputs[name];
    if (found === undefined)
      throw new TemplateError(`there is no output "${name}"; there are ${list(Object.keys(outputs))}`);
    return record(found);
  }

  /** The configurations of a provider, the one without `alias` among them. */
  providers(name: string): readonly Arguments[] {
    const found = record(this.json["provider"])[name];
    return (Array.isArray(found) ? found : found === undefined ? [] : [found]).map(record);
  }

  private index(section: unknown, prefix: string): void {
    for (const [type, named] of Object.entries(record(section))) {
      const found = Object.entries(record(named)).map(([name, values]) => {
        return { address: `${prefix}${type}.${name}`, type, name, arguments: record(values) };
      });
      found.sort((a, b) => (a.name < b.name ? -1 : 1));
      this.byType.set(prefix + type, found);
      for (const resource of found) this.byAddress.set(resource.address, resource);
    }
  }

  private matching(candidates: readonly TemplateResource[], type: string, pattern: object): TemplateResource[] {
    if (candidates.length === 0) throw new TemplateError(`there is no ${type}; ${this.present(type)}`);
    const judged = candidates.map((one) => ({ one, wrong: mismatches(one.arguments, pattern) }));
    const found = judged.filter(({ wrong }) => wrong.length === 0).map(({ one }) => one);
    if (found.length > 0) return found;
    const nearest = judged.reduce((best, next) => (next.wrong.length < best.wrong.length ? next : best));
    const others = candidates.length === 1 ? "" : `, the nearest of ${candidates.length}`;
    throw new TemplateError(
      [`no ${type} is like that. ${nearest.one.address}${others}:`, ...nearest.wrong.map((line) => `  ${line}`)].join(
        "\n",
      ),
    );
  }

  /** What there is instead: of the same type if possible. */
  private present(address: string): string {
    const type = address.replace(/\.[^.]*$/, "");
    const same = this.addresses.filter((one) => one.startsWith(`${type}.`));
    if (same.length > 0) return `there are ${list(same)}`;
    const types = [...this.byType.keys()].sort();
    return types.length === 0 ? "the stack has no resources" : `the stack's types are ${list(types)}`;
  }
}

/** The stacks of a synthesized app. */
export class Templates {
  constructor(private readonly templates: ReadonlyMap<string, Template>) {}

  /** The ids of the stacks, sorted. */
  get ids(): string[] {
    return [...this.templates.keys()].sort();
  }

  /** @throws TemplateError if there is no stack of this id */
  stack(id: string): Template {
    const found = this.templates.get(id);
    if (found === undefined) throw new TemplateError(`there is no stack "${id}"; there are ${list(this.ids)}`);
    return found;
  }
}

const SHOWN = 20;

function list(names: readonly string[]): string {
  if (names.length === 0) return "none";
  const shown = names.slice(0, SHOWN).join(", ");
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown;
}

function record(value: unknown): Arguments {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Arguments) : {};
}

/** How deep elements stand: `resource.aws_vpc.network`. A key `//` below is the user's own. */
const ELEMENT_DEPTH = 3;

/** cdktf notes each element's path and versions under the key `//`, which Terraform skips. */
function withoutComments(value: unknown, depth = 0): unknown {
  if (depth > ELEMENT_DEPTH || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => withoutComments(element, depth + 1));
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (key === "//" ? [] : [[key, withoutComments(inner, depth + 1)]])),
  );
}
