import { createHash } from "node:crypto";
import type { Action, ResourceChange, TerraformPlan, ValueChange } from "./terraform-plan";
import { canonical, type PlannedValue, type PlannedValues, SecretHash, valuesOf } from "./values";

/** What a change does to its object, in one word. */
export type Verb = "create" | "update" | "replace" | "delete" | "forget" | "import" | "move";

/** One thing that a plan would do, without what differs between two plans of one meaning. */
export interface PlannedChange {
  /** Address of the resource; `output.name` of an output; with the key of a deposed object behind it. */
  readonly address: string;
  readonly verb: Verb;
  /** The actions as Terraform orders them: a replacement that creates before it destroys is another. */
  readonly actions: readonly Action[];
  /** The object that is acted on, by its id, where there is one. */
  readonly object?: PlannedValue;
  /** Where a moved resource comes from. */
  readonly from?: string;
  /** The values that the object gets: all for a new one, those that change for another. */
  readonly values: PlannedValues;
  /** What the values of an update were. For people: it is no part of the meaning. */
  readonly before?: PlannedValues;
}

/** A plan by its meaning. */
export interface PlanMeaning {
  readonly changes: readonly PlannedChange[];
}

/**
 * Reduces a plan to its meaning: addresses, actions and known values. Serial, lineage, order, data that is read, and what
 * an update leaves as it is are no part of it.
 *
 * @param key The key of secrets' hashes. Two plans can be compared if both were reduced with one key.
 */
export function meaningOf(plan: TerraformPlan, key: string): PlanMeaning {
  const hash = new SecretHash(key);
  const resources = (plan.resource_changes ?? []).filter(({ mode }) => mode !== "data");
  const outputs = Object.entries(plan.output_changes ?? {});
  for (const change of [...resources.map((resource) => resource.change), ...outputs.map(([, output]) => output)]) {
    hash.learn(change.before, change.before_sensitive);
    hash.learn(change.after, change.after_sensitive);
  }
  for (const [name, { sensitive }] of Object.entries(plan.configuration?.root_module?.variables ?? {})) {
    hash.learn(plan.variables?.[name]?.value, sensitive === true);
  }
  const changes = [
    ...resources.map((resource) => changeOf(resource, hash)),
    ...outputs.map(([name, change]) => outputChange(name, change, hash)),
  ].filter((change) => change !== undefined);
  return { changes: changes.sort((a, b) => (a.address < b.address ? -1 : 1)) };
}

/** Name of a plan's meaning: the same for plans that do the same. */
export function meaningDigest(meaning: PlanMeaning): string {
  const changes = meaning.changes.map(({ before: _, ...change }) => change);
  return createHash("sha256").update(canonical(changes)).digest("hex");
}

function changeOf(resource: ResourceChange, hash: SecretHash): PlannedChange | undefined {
  const { change, previous_address: previous } = resource;
  const verb = verbOf(change, previous);
  if (verb === undefined) return undefined;
  const address =
    resource.deposed === undefined ? resource.address : `${resource.address} (deposed ${resource.deposed})`;
  const object = verb === "create" ? undefined : idOf(change, hash);
  return {
    address,
    verb,
    actions: change.actions,
    ...(object === undefined ? {} : { object }),
    ...(previous === undefined || previous === resource.address ? {} : { from: previous }),
    ...changedValues(verb, change, hash),
  };
}

function outputChange(name: string, change: ValueChange, hash: SecretHash): PlannedChange | undefined {
  const verb = verbOf(change, undefined);
  if (verb === undefined) return undefined;
  return { address: `output.${name}`, verb, actions: change.actions, ...changedValues(verb, change, hash) };
}

function verbOf({ actions, importing }: ValueChange, previous: string | undefined): Verb | undefined {
  if (actions.includes("create") && actions.includes("delete")) return "replace";
  for (const verb of ["delete", "create", "update", "forget"] as const) if (actions.includes(verb)) return verb;
  if (importing !== undefined) return "import";
  return previous === undefined ? undefined : "move";
}

function idOf(
  { before, before_sensitive: sensitive, importing }: ValueChange,
  hash: SecretHash,
): PlannedValue | undefined {
  if (importing?.id !== undefined) return { known: importing.id };
  const id = (before as { readonly id?: unknown } | null | undefined)?.id;
  if (id === undefined || id === null) return undefined;
  const secret = (sensitive as { readonly id?: unknown } | undefined)?.id;
  return valuesOf({ id }, undefined, { id: secret }, hash)["id"];
}

function changedValues(
  verb: Verb,
  change: ValueChange,
  hash: SecretHash,
): { readonly values: PlannedValues; readonly before?: PlannedValues } {
  if (verb === "delete" || verb === "forget" || verb === "move") return { values: {} };
  const after = valuesOf(change.after, change.after_unknown, change.after_sensitive, hash);
  if (verb === "create" || verb === "replace") return { values: after };
  const before = valuesOf(change.before, undefined, change.before_sensitive, hash);
  const places = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((place) => canonical(before[place]) !== canonical(after[place]))
    .sort();
  const pick = (values: PlannedValues) => Object.fromEntries(places.map((place) => [place, values[place] ?? NOTHING]));
  return { values: pick(after), before: pick(before) };
}

const NOTHING: PlannedValue = { known: null };
