import { CaravanError, show } from "../core/errors";
import { allRules } from "./all-rules";
import { checkWaivers } from "./check-waivers";
import { compare } from "./near";
import type { Finding, PolicyOutcome } from "./outcome";
import { type PolicyRule, severities } from "./rule";
import { type SynthesizedResource, SynthesizedStack } from "./synthesized-stack";
import type { Waiver } from "./waiver";

export interface EvaluateProps {
  /** The stack's id. */
  readonly stack: string;
  /** The synthesized stack: the content of its `cdk.tf.json`. */
  readonly terraform: unknown;
  /** @default none */
  readonly waivers?: readonly Waiver[];
  /** @default allRules */
  readonly rules?: readonly PolicyRule[];
  /** The day on which waivers must still hold, in UTC. @default today */
  readonly today?: string;
}

/**
 * Runs the rules over one synthesized stack. Takes time in proportion to the size of the stack.
 *
 * @throws CaravanError if a rule itself fails, naming rule and resource
 */
export function evaluate(props: EvaluateProps): PolicyOutcome {
  const rules = props.rules ?? allRules;
  const view = new SynthesizedStack(props.terraform);
  const found: Finding[] = [];
  let rulesChecked = 0;
  for (const rule of rules) {
    const types = rule.resourceTypes.filter((type) => view.ofType(type).length > 0);
    if (types.length > 0) rulesChecked++;
    for (const type of types) {
      for (const resource of view.ofType(type)) {
        view.see(resource);
        found.push(...findingsOf(rule, resource, view));
      }
    }
  }
  const { findings, waived, problems } = checkWaivers({
    findings: found.sort(inOrder),
    waivers: props.waivers ?? [],
    rules,
    addresses: view.allAddresses,
    today: props.today ?? new Date().toISOString().slice(0, 10),
  });
  return {
    stack: props.stack,
    findings,
    waived,
    waiverProblems: problems,
    rulesChecked,
    resourcesChecked: view.seenSize,
    resources: view.size,
  };
}

function findingsOf(rule: PolicyRule, resource: SynthesizedResource, view: SynthesizedStack): Finding[] {
  try {
    return Array.from(rule.check(resource, view), (violation) => ({
      rule: rule.id,
      severity: rule.severity,
      title: rule.title,
      why: rule.why,
      resource: resource.address,
      ...(resource.constructPath === undefined ? {} : { constructPath: resource.constructPath }),
      attribute: violation.attribute,
      given: show(violation.given),
      fix: violation.fix ?? rule.fix,
    }));
  } catch (error) {
    throw new CaravanError(`policy rule ${rule.id} failed on ${resource.address}: ${String(error)}`);
  }
}

function inOrder(a: Finding, b: Finding): number {
  return (
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    compare(a.rule, b.rule) ||
    compare(a.resource, b.resource) ||
    compare(a.attribute, b.attribute)
  );
}
