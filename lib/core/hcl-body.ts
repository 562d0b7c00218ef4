/** A value in the policy languages: what HCL and JSON have in common. */
export type HclValue =
  | string
  | number
  | boolean
  | readonly HclValue[]
  | { readonly [name: string]: HclValue | undefined };

/** Attributes and blocks in their order, as a policy's text holds them. The same key may stand there twice. */
export interface HclBody {
  readonly attributes: readonly { readonly name: string; readonly value: HclValue; readonly line?: number }[];
  readonly blocks: readonly HclBlock[];
}

export interface HclBlock {
  /** `path`, `key_prefix`, `namespace`. */
  readonly type: string;
  readonly label?: string;
  readonly body: HclBody;
  /** Where it begins in the file that it was read from, from 1. */
  readonly line?: number;
}

/** Attributes of an object in the order in which they were written; what is undefined is left out. */
export function attributesOf(values: { readonly [name: string]: HclValue | undefined }): HclBody["attributes"] {
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

export function block(type: string, label: string | undefined, body: Partial<HclBody>): HclBlock {
  const { attributes = [], blocks = [] } = body;
  return { type, ...(label === undefined ? {} : { label }), body: { attributes, blocks } };
}

/** The text of a policy, as `vault policy fmt` and `hclfmt` lay out what has no neighbours to align with. */
export function hclText({ attributes, blocks }: HclBody): string {
  return [
    ...attributes.map(({ name, value }) => `${name} = ${valueText(value)}`),
    ...blocks.map(({ type, label, body }) => {
      const head = label === undefined ? type : `${type} ${quote(label)}`;
      const inner = hclText(body);
      return inner === "" ? `${head} {}` : `${head} {\n${inner.replace(/^(?=.)/gm, "  ")}\n}`;
    }),
  ].join("\n");
}

function valueText(value: HclValue): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(", ")}]`;
  if (typeof value === "object") {
    const lines = attributesOf(value as { readonly [name: string]: HclValue }).map(
      (one) => `  ${quote(one.name)} = ${valueText(one.value).replaceAll("\n", "\n  ")}`,
    );
    return lines.length === 0 ? "{}" : `{\n${lines.join("\n")}\n}`;
  }
  return typeof value === "string" ? quote(value) : String(value);
}

/** A quoted text is JSON's: none of the three languages has templates of HCL. A Terraform reference inside stays one. */
function quote(text: string): string {
  return JSON.stringify(text);
}
