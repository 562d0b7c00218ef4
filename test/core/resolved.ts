import { DefaultTokenResolver, StringConcat, Tokenization } from "cdktf";
import type { IConstruct } from "constructs";

const resolver = new DefaultTokenResolver(new StringConcat());

/** What a value becomes in the synthesized JSON of the stack that holds `scope`. */
// biome-ignore lint/suspicious/noExplicitAny: the JSON of any value
export function resolved(scope: IConstruct, value: unknown): any {
  return Tokenization.resolve(value, { scope, resolver, preparing: false });
}
