import type { PlanMeaning, PlannedChange } from "./meaning";
import { canonical, type PlannedValue } from "./values";

/** How a plan differs from the one that was shown. */
export type Difference =
  /** It does what was not shown. */
  | { readonly kind: "not shown"; readonly change: PlannedChange }
  /** What was shown is not planned any more. */
  | { readonly kind: "not planned"; readonly change: PlannedChange }
  /** It does something else to the same address. */
  | { readonly kind: "other action"; readonly shown: PlannedChange; readonly change: PlannedChange }
  /** It acts on another object: somebody replaced it in between. */
  | { readonly kind: "other object"; readonly shown: PlannedChange; readonly change: PlannedChange }
  /** It sets other values. */
  | { readonly kind: "other values"; readonly change: PlannedChange; readonly places: readonly PlaceDifference[] };

export interface PlaceDifference {
  readonly place: string;
  readonly shown: PlannedValue | undefined;
  readonly planned: PlannedValue | undefined;
}

export interface CompareOptions {
  /**
   * Whether an apply of the same commit was begun: what it did is not planned any more, what it learnt is known now, and
   * what it left half made is replaced. Nothing may come that was not shown.
   *
   * @default false
   */
  readonly resumed?: boolean;
}

/** Compares a plan with the one that was shown. Equal means: no difference. */
export function differences(shown: PlanMeaning, planned: PlanMeaning, options: CompareOptions = {}): Difference[] {
  const { resumed = false } = options;
  const before = new Map(shown.changes.map((change) => [change.address, change]));
  const after = new Map(planned.changes.map((change) => [change.address, change]));
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((address): Difference[] => {
    const [old, change] = [before.get(address), after.get(address)];
    if (change === undefined) return old === undefined || resumed ? [] : [{ kind: "not planned", change: old }];
    if (old === undefined) return [{ kind: "not shown", change }];
    const halfMade = resumed && old.verb === "create" && change.verb === "replace";
    const sameActions =
      canonical([old.verb, old.actions, old.from]) === canonical([change.verb, change.actions, change.from]);
    if (!sameActions && !halfMade) return [{ kind: "other action", shown: old, change }];
    if (!halfMade && canonical(old.object) !== canonical(change.object)) {
      return [{ kind: "other object", shown: old, change }];
    }
    const places = [...new Set([...Object.keys(old.values), ...Object.keys(change.values)])]
      .sort()
      .map((place) => ({ place, shown: old.values[place], planned: change.values[place] }))
      .filter(({ shown, planned }) => !sameValue(shown, planned, resumed));
    return places.length === 0 ? [] : [{ kind: "other values", change, places }];
  });
}

function sameValue(shown: PlannedValue | undefined, planned: PlannedValue | undefined, resumed: boolean): boolean {
  if (canonical(shown) === canonical(planned)) return true;
  return resumed && shown !== undefined && "unknown" in shown;
}

const PLACES_SHOWN = 20;

/** A difference for people, a line each thing, secrets left out. */
export function differenceLines(difference: Difference): string[] {
  const { change } = difference;
  switch (difference.kind) {
    case "not shown":
      return [`${change.verb} ${change.address}: planned now, was not shown`];
    case "not planned":
      return [`${change.verb} ${change.address}: was shown, is not planned any more`];
    case "other action":
      return [`${change.address}: was shown as ${actionText(difference.shown)}, is planned as ${actionText(change)}`];
    case "other object":
      return [
        `${change.verb} ${change.address}: was shown for ${valueText(difference.shown.object)}, is planned for ${valueText(change.object)}`,
      ];
    case "other values": {
      const lines = difference.places
        .slice(0, PLACES_SHOWN)
        .map(
          ({ place, shown, planned }) =>
            `  ${place}: was shown as ${valueText(shown)}, is planned as ${valueText(planned)}`,
        );
      const left = difference.places.length - lines.length;
      return [
        `${change.verb} ${change.address}: sets other values`,
        ...lines,
        ...(left > 0 ? [`  and ${left} more`] : []),
      ];
    }
  }
}

function actionText({ verb, actions, from }: PlannedChange): string {
  const order = verb === "replace" ? (actions[0] === "create" ? " (create first)" : " (destroy first)") : "";
  return `${verb}${order}${from === undefined ? "" : ` from ${from}`}`;
}

const VALUE_LENGTH = 120;

/** A value for people: never a secret, at most 120 characters. */
export function valueText(value: PlannedValue | undefined): string {
  if (value === undefined) return "unchanged";
  if ("secret" in value) return "(secret)";
  if ("unknown" in value) return "(known after apply)";
  const text = JSON.stringify(value.known) ?? "null";
  return text.length > VALUE_LENGTH ? `${text.slice(0, VALUE_LENGTH - 1)}…` : text;
}
