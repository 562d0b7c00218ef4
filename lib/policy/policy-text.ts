import { CaravanError } from "../core/errors";
import type { HclBody } from "../core/hcl-body";
import { readHcl } from "../core/hcl-read";
import type { SynthesizedBlock } from "./synthesized-stack";

/** What stands for a reference inside a policy's text: a name that Terraform knows later. */
const LATER = "known-later";

const ESCAPED = /([$%])\1(?=\{)/g;
const EXPRESSION = /(?<![$%])[$%]\{[^{}]*\}/g;

/**
 * The text of a policy of Vault, Consul or Nomad as a tree.
 *
 * @returns `undefined` where only Terraform knows the text, `"unreadable"` where it is none: nothing can be said for it.
 */
export function policyBody(resource: SynthesizedBlock, attribute: string): HclBody | undefined | "unreadable" {
  const text = resource.value(attribute);
  if (text === undefined) return { attributes: [], blocks: [] };
  if (typeof text !== "string") return "unreadable";
  if (text.includes("{") && text.replace(EXPRESSION, "").trim() === "") return undefined;
  try {
    return readHcl(text.replace(EXPRESSION, LATER).replace(ESCAPED, "$1"));
  } catch (error) {
    if (error instanceof CaravanError) return "unreadable";
    throw error;
  }
}

/** The attribute of a block as texts: `capabilities = ["read"]`, `policy = "write"`. */
export function textsIn({ attributes }: HclBody, name: string): string[] {
  return attributes
    .filter((attribute) => attribute.name === name)
    .flatMap(({ value }) => (Array.isArray(value) ? value : [value]))
    .filter((value) => typeof value === "string");
}
