import type { ApiAffinity, ApiConstraint, ApiSpread } from "../generated/api";
import type { Place } from "../problems";
import { expectOneOf, expectRange, expectText, isMissing, known, knownNumber, knownText } from "./expect";
import { goRegexpMistake } from "./go-regexp";

const COMPARING = ["=", "!=", ">", ">=", "<", "<="];
const AFFINITY_OPERATORS = [
  ...COMPARING,
  "regexp",
  "semver",
  "set_contains",
  "set_contains_all",
  "set_contains_any",
  "version",
];
const CONSTRAINT_OPERATORS = [...AFFINITY_OPERATORS, "is_set", "is_not_set", "distinct_hosts", "distinct_property"];
const SYNONYMS = ["==", "is", "not"];

/** Facts of a node that Nomad compares; `attr`, `meta` and `device` are open. */
const NODE_FACTS = ["unique.id", "datacenter", "unique.name", "class", "pool"];

export interface PlacementLimits {
  /** A task has no say in how a job is spread. */
  readonly task?: boolean;
}

export function checkConstraints(
  list: readonly ApiConstraint[] | undefined,
  place: Place,
  limits: PlacementLimits = {},
) {
  list?.forEach((constraint, index) => {
    checkConstraint(constraint, place.at("constraint", index), limits);
  });
}

function checkConstraint({ LTarget, Operand, RTarget }: ApiConstraint, place: Place, limits: PlacementLimits): void {
  const operator = knownText(Operand);
  if (operator !== undefined) expectOneOf(place.at("operator"), operator, [...CONSTRAINT_OPERATORS, ...SYNONYMS]);
  if (limits.task && operator?.startsWith("distinct_")) {
    place.at("operator").report({ given: operator, allowed: "it on a group or job", fix: "move it to the group" });
  }
  if (operator !== "distinct_hosts") {
    expectText(place.at("attribute"), LTarget, 'name what is compared: "${attr.kernel.name}"');
  }
  const attribute = knownText(LTarget);
  if (attribute !== undefined && !isAttribute(attribute)) {
    const fix = "interpolate one fact, with nothing but its name inside the braces";
    const nodes = NODE_FACTS.map((fact) => `\${node.${fact}}`).join(", ");
    place
      .at("attribute")
      .report({ given: attribute, allowed: `${nodes}, \${attr....}, \${meta....}, \${device....}`, fix });
  }
  checkValue(operator, RTarget, place.at("value"));
  if (operator === "distinct_property" && !isMissing(RTarget) && !/^[1-9]\d*$/.test(knownText(RTarget) ?? "1")) {
    place.at("value").report({ given: RTarget, allowed: "a whole number, 1 or more", fix: "give the allowed count" });
  }
  if ((operator === "is_set" || operator === "is_not_set") && !isMissing(RTarget)) {
    place.at("value").report({ given: RTarget, allowed: "nothing", fix: "remove it" });
  }
}

function isAttribute(attribute: string): boolean {
  if (!attribute.startsWith("$")) return true;
  const fact = /^\$\{(.*)\}$/.exec(attribute)?.[1];
  if (fact === undefined) return false;
  return NODE_FACTS.some((known) => fact === `node.${known}`) || /^(attr|meta|device)\./.test(fact);
}

/** What an operator asks of its right side; the same for constraints and affinities. */
function checkValue(operator: string | undefined, value: unknown, place: Place): void {
  if (operator === undefined) return;
  const needsValue = [...COMPARING, ...SYNONYMS].includes(operator) || operator.startsWith("set_contains");
  if (needsValue) expectText(place, value, "say what it is compared with");
  if (operator === "regexp") {
    const mistake = goRegexpMistake(knownText(value) ?? "");
    if (mistake !== undefined)
      place.report({ given: value, allowed: "a regular expression of Go (RE2)", fix: mistake });
  }
  if ((operator === "version" || operator === "semver") && (value === undefined || known(value))) {
    const form = operator === "version" ? VERSIONS : SEMVERS;
    const parts = String(value ?? "").split(",");
    if (!parts.every((part) => form.test(part.trim()))) {
      place.report({ given: value, allowed: 'versions such as ">= 1.2, < 2.0.0"', fix: "separate them by commas" });
    }
  }
}

const VERSIONS = /^(=|!=|>|<|>=|<=|~>)?\s*v?\d+(\.\d+)*(-[0-9a-z.~-]+)?(\+[0-9a-z.~-]+)?$/i;
const SEMVERS = /^(=|!=|>|<|>=|<=)?\s*v?\d+(\.\d+)*(-[0-9a-z.-]+)?(\+[0-9a-z.-]+)?$/i;

export function checkAffinities(list: readonly ApiAffinity[] | undefined, place: Place): void {
  list?.forEach(({ LTarget, Operand, RTarget, Weight }, index) => {
    const at = place.at("affinity", index);
    expectOneOf(at.at("operator"), Operand, [...AFFINITY_OPERATORS, ...SYNONYMS]);
    expectText(at.at("attribute"), LTarget, 'name what is compared: "${node.datacenter}"');
    checkValue(knownText(Operand), RTarget, at.at("value"));
    expectRange(at.at("weight"), Weight, -100, 100);
    if (knownNumber(Weight) === 0) {
      at.at("weight").report({
        given: 0,
        allowed: "-100 to 100, but not 0",
        fix: "remove an affinity that counts nothing",
      });
    }
  });
}

export function checkSpreads(list: readonly ApiSpread[] | undefined, place: Place): void {
  list?.forEach(({ Attribute, Weight, SpreadTarget: targets = [] }, index) => {
    const at = place.at("spread", index);
    expectText(at.at("attribute"), Attribute, 'name what is spread over: "${node.datacenter}"');
    expectRange(at.at("weight"), Weight, 1, 100);
    for (const { Value, Percent } of targets) {
      const target = at.at("target", Value ?? "", "percent");
      expectRange(target, Percent, 0, 100, "percent");
      if (Percent === undefined) target.report({ given: Percent, allowed: "0 to 100 percent", fix: "give its share" });
    }
    const sum = targets.reduce((total, { Percent }) => total + (knownNumber(Percent) ?? 0), 0);
    if (sum > 100 && targets.every(({ Percent = 0 }) => Percent >= 0 && Percent <= 100)) {
      at.at("target").report({ given: sum, allowed: "100 percent in all", fix: "lower the shares" });
    }
  });
}
