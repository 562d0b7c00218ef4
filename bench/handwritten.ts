import { decodeHcl } from "../lib/core/hcl-decode";

interface Synthesized {
  readonly terraform: { readonly backend: Readonly<Record<string, unknown>> };
  readonly provider?: Readonly<Record<string, readonly Record<string, unknown>[]>>;
  readonly resource?: Section;
  readonly data?: Section;
  readonly output?: Readonly<Record<string, { readonly value: unknown; readonly description?: string }>>;
}
type Section = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

/**
 * Writes the program that a person would write by hand for the same resources: cdktf and the bindings' own classes,
 * references as `x.getStringAttribute(...)`, documents as `JSON.stringify`.
 */
export function handwritten(stacks: ReadonlyMap<string, Synthesized>): string {
  const parts = [...stacks].map(([id, json]) => stackOf(id, json));
  return [
    '"use strict";',
    'const cdktf = require("cdktf");',
    ...new Set(parts.flatMap(({ imports }) => imports)),
    "const app = new cdktf.App({ outdir: process.argv[2] });",
    ...parts.map(({ body }) => `{\n${body.join("\n")}\n}`),
    "app.synth();",
    "",
  ].join("\n");
}

function stackOf(stackId: string, json: Synthesized): { imports: string[]; body: string[] } {
  const declared: { address: string; type: string; name: string; data: boolean; body: Record<string, unknown> }[] = [];
  for (const [section, data] of [
    [json.data, true],
    [json.resource, false],
  ] as const) {
    for (const [type, byName] of Object.entries(section ?? {})) {
      for (const [name, { "//": _, ...body }] of Object.entries(byName)) {
        declared.push({ address: `${data ? "data." : ""}${type}.${name}`, type, name, data, body });
      }
    }
  }
  const variables = new Map(declared.map(({ address }, index) => [address, `e${index}`]));
  const expression = expressions(variables);
  const lines = ordered(declared).map(({ address, type, name, data, body }) => {
    const variable = variables.get(address);
    return `const ${variable} = new ${classOf(type, data)}(stack, ${JSON.stringify(name)}, ${expression(body)});`;
  });
  const outputs = Object.entries(json.output ?? {}).map(([name, { value, description }]) => {
    const props = `{ staticId: true, description: ${JSON.stringify(description)}, value: ${expression(value, false)} }`;
    return `new cdktf.TerraformOutput(stack, ${JSON.stringify(name)}, ${props});`;
  });
  const imports = [...new Set(declared.map(({ type, data }) => importOf(type, data)))];
  const providers = Object.entries(json.provider ?? {}).flatMap(([name, configs]) =>
    configs.map(
      (config) =>
        `new (require("@cdktf/provider-${name}/lib/provider").${pascal(name)}Provider)(stack, "${name}", ${expression(config)});`,
    ),
  );
  return {
    imports,
    body: [
      `const stack = new cdktf.TerraformStack(app, ${JSON.stringify(stackId)});`,
      'new cdktf.LocalBackend(stack, { path: "terraform.tfstate" });',
      ...providers,
      ...lines,
      ...outputs,
    ],
  };
}

function folderOf(type: string, data: boolean): string {
  const [provider, ...words] = type.split("_");
  return `@cdktf/provider-${provider}/lib/${data ? `data-${provider}-` : ""}${words.join("-")}`;
}

/** The class of a type: bindings rename some that would clash with another's parts. */
function classOf(type: string, data: boolean): string {
  const exported: Record<string, { tfResourceType?: string }> = require(folderOf(type, data));
  const found = Object.keys(exported).find((name) => exported[name]?.tfResourceType === type);
  if (found === undefined) throw new Error(`no class for ${type}`);
  return found;
}

function importOf(type: string, data: boolean): string {
  return `const { ${classOf(type, data)} } = require("${folderOf(type, data)}");`;
}

function pascal(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Arguments that are maps: their keys are data. */
const MAPS: readonly string[] = ["annotations", "default_labels", "labels", "metadata", "tags", "user_labels"];

/** `${aws_vpc.network.id}`, also inside a longer text. */
const REFERENCE = /\$\{((?:data\.)?(?:aws|azurerm|google)_\w+\.[\w-]+)\.(\w+)\}/g;

function expressions(variables: ReadonlyMap<string, string>) {
  const text = (value: string): string => {
    const document = value.startsWith("${jsonencode(") ? decodeHcl(value) : undefined;
    if (document !== undefined) return `JSON.stringify(${encode(document, false)})`;
    const [whole] = value.matchAll(REFERENCE);
    if (whole !== undefined && whole[0] === value) return reference(whole);
    const parts = value.replace(/[`\\]/g, "\\$&").replace(/\$\{/g, "\\${");
    return `\`${parts.replace(/\\(\$\{(?:data\.)?(?:aws|azurerm|google)_\w+\.[\w-]+\.\w+\})/g, (_, found) => {
      const [match] = String(found).matchAll(REFERENCE);
      return match === undefined ? String(found) : `\${${reference(match)}}`;
    })}\``;
  };
  const reference = ([, address = "", attribute]: RegExpMatchArray) =>
    `${variables.get(address)}.getStringAttribute(${JSON.stringify(attribute)})`;
  const encode = (value: unknown, camel = true): string => {
    if (typeof value === "string") return text(value);
    if (Array.isArray(value)) return `[${value.map((element) => encode(element, camel)).join(", ")}]`;
    if (value !== null && typeof value === "object") {
      const entries = Object.entries(value).map(([key, inner]) => {
        const name = camel ? key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()) : key;
        return `${JSON.stringify(name)}: ${key === "depends_on" ? "undefined" : encode(inner, camel && !MAPS.includes(key))}`;
      });
      return `{ ${entries.join(", ")} }`;
    }
    return JSON.stringify(value);
  };
  return encode;
}

/** Declarations after those that they refer to. */
function ordered<T extends { address: string; body: Record<string, unknown> }>(declared: readonly T[]): T[] {
  const byAddress = new Map(declared.map((each) => [each.address, each]));
  const done = new Set<T>();
  const visit = (each: T) => {
    if (done.has(each)) return;
    done.add(each);
    for (const [, address = ""] of JSON.stringify(each.body).matchAll(
      /((?:data\.)?(?:aws|azurerm|google)_\w+\.[\w-]+)\.\w+/g,
    )) {
      const target = byAddress.get(address);
      if (target !== undefined) visit(target);
    }
    result.push(each);
  };
  const result: T[] = [];
  for (const each of declared) visit(each);
  return result;
}
