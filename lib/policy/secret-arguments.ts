import type { PolicyRule } from "./rule";
import { blocksAt } from "./setting";

/** By resource type, arguments that hold a secret and end up in state, and what to write instead. `.` leads into a block. */
export type SecretArguments = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What a finding says in place of a secret. */
export const HIDDEN = "a secret (not shown)";

/** The rule that none of the arguments is given. */
export function secretArgumentsRule(id: string, types: SecretArguments): PolicyRule {
  return {
    id,
    severity: "HIGH",
    title: "No secret is given as an argument that Terraform keeps in its state",
    why: "Whoever may read the state, or a plan file, reads the secret; it stays there in every old version.",
    fix: "use the write-only argument, with a value from an ephemeral resource",
    references: { url: "https://developer.hashicorp.com/terraform/language/manage-sensitive-data/write-only" },
    resourceTypes: Object.keys(types),
    *check(resource) {
      for (const [path, instead] of Object.entries(types[resource.type] ?? {})) {
        const names = path.split(".");
        const argument = names.pop() ?? "";
        for (const holder of blocksAt(resource, names)) {
          if (!holder.isUnknown && holder.has(argument)) {
            yield { attribute: holder.at(argument), given: HIDDEN, fix: `use ${instead}` };
          }
        }
      }
    },
  };
}
