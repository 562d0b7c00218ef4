import type { PolicyRule, RuleReferences, Severity } from "./rule";
import type { SynthesizedBlock, SynthesizedResource } from "./synthesized-stack";
import { UNKNOWN, type Unknown } from "./values";

/** A rule about one argument that must have, or must not have, certain values. */
export interface Setting {
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly why: string;
  readonly fix: string;
  readonly references: RuleReferences;
  readonly types: readonly string[];
  /** Where the argument stands: `"min_tls_version"`, or in a block `"network_acls.default_action"`. */
  readonly path: string;
  /** What stands there where nobody says so: the provider's own default. @default nothing */
  readonly byDefault?: string | boolean;
  /** The right values; a predicate for what is no list. What is missing and has no default is `undefined`. */
  readonly right: readonly (string | boolean)[] | ((value: string | boolean | undefined) => boolean);
  /** Which resources of the types the rule is for. @default all */
  readonly applies?: (resource: SynthesizedResource) => boolean;
}

/**
 * The rule of a setting. Where blocks on the path are written several times each of them is judged; where none is, the
 * argument is missing.
 */
export function settingRule(setting: Setting): PolicyRule {
  const { id, severity, title, why, fix, references, types, path, byDefault, right, applies = () => true } = setting;
  const names = path.split(".");
  const name = names.pop() ?? "";
  const holds = typeof right === "function" ? right : (value: string | boolean | undefined) => includes(right, value);
  return {
    id,
    severity,
    title,
    why,
    fix,
    references,
    resourceTypes: types,
    *check(resource) {
      if (!applies(resource)) return;
      const holders = blocksAt(resource, names);
      if (holders.length === 0 && !holds(byDefault)) yield { attribute: path };
      for (const holder of holders) {
        const value = plainOf(holder, name);
        if (value !== UNKNOWN && !holds(value ?? byDefault)) {
          yield { attribute: holder.at(name), given: holder.value(name) };
        }
      }
    },
  };
}

/** All blocks at the end of a path of block names; the resource itself for an empty one. */
export function blocksAt(resource: SynthesizedBlock, names: readonly string[]): SynthesizedBlock[] {
  return names.reduce<SynthesizedBlock[]>((blocks, name) => blocks.flatMap((block) => block.blocks(name)), [resource]);
}

function plainOf(block: SynthesizedBlock, name: string): string | boolean | undefined | Unknown {
  const truth = block.boolean(name);
  return truth === undefined ? block.text(name) : truth;
}

function includes(values: readonly (string | boolean)[], value: string | boolean | undefined): boolean {
  return value !== undefined && values.includes(value);
}

/** For arguments that only have to be there, whatever they say. */
export const isPresent = (value: string | boolean | undefined): boolean => value !== undefined && value !== "";
