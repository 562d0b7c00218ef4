import { DefaultTokenResolver, StringConcat, Tokenization } from "cdktf";
import type { IConstruct } from "constructs";

const resolver = new DefaultTokenResolver(new StringConcat());

/** What a value becomes in the synthesized JSON of the stack that holds `scope`. */
export function resolved(scope: IConstruct, value: unknown): string {
  return Tokenization.resolve(value, { scope, resolver, preparing: false });
}
