import { CaravanError } from "../../core/errors";
import type { CaravanConfig, EnvironmentConfig, Runner } from "../config";
import type { StackGraph } from "../stack-graph";
import { environmentOf, type SynthesizedStack } from "../stacks";
import { identityStack, type SignIn, signInOf } from "./sign-in";

/** What the pipelines of one environment are made from. */
export interface EnvironmentFacts {
  readonly name: string;
  readonly config: EnvironmentConfig;
  /** The stacks that the pipeline plans and applies. */
  readonly stacks: StackGraph<SynthesizedStack>;
  /** Stacks after which Vault, Consul and Nomad are waited for. */
  readonly gated: readonly string[];
  /** Stacks that act on Vault, Consul or Nomad themselves. */
  readonly onCluster: readonly string[];
  /** Where jobs run that reach Vault, Consul and Nomad, if there are any. */
  readonly runner: Runner | undefined;
  /** How its jobs sign in. */
  readonly signIn: SignIn;
}

/** Labels of the forge's own runners, which reach no network of ours. */
const HOSTED = /^(ubuntu|windows|macos)-/;

/**
 * What synth and `caravan.json` say of each environment.
 *
 * @throws CaravanError for a stack of no environment, for roles that nobody tells, and where a runner inside of the network
 * is needed and none is named
 */
export function environmentFacts(config: CaravanConfig, all: StackGraph<SynthesizedStack>): EnvironmentFacts[] {
  const names = Object.keys(config.environments);
  const homeless = all.ids.filter((id) => environmentOf(id, names) === undefined);
  if (homeless.length > 0) {
    throw new CaravanError(
      `No pipeline would apply ${homeless.join(", ")}: of the environments in caravan.json (${names.join(", ")}) none has its ` +
        "name in these ids. Add the environment, or rename the stacks.",
    );
  }
  return names.map((name) => factsOf(name, config.environments[name] ?? {}, names, all));
}

function factsOf(
  name: string,
  config: EnvironmentConfig,
  names: readonly string[],
  all: StackGraph<SynthesizedStack>,
): EnvironmentFacts {
  const own = all.order.filter(({ id }) => environmentOf(id, names) === name);
  if (own.length === 0)
    throw new CaravanError(`The environment ${name} of caravan.json has no stack with its name in its id.`);
  const unknown = (config.manual ?? []).find((id) => !own.some((stack) => stack.id === id));
  if (unknown !== undefined)
    throw new CaravanError(`environments.${name}.manual: there is no stack "${unknown}" in ${name}.`);
  const identities = identityStack(own);
  const manual = config.manual ?? (identities === undefined ? [] : [identities.id]);
  const stacks = all.subgraph(({ id }) => own.some((stack) => stack.id === id) && !manual.includes(id));
  const withGates = config.gates ?? true;
  const gated = stacks.order.filter(({ terraform }) => withGates && terraform.output?.[CONTRACT] !== undefined);
  const onCluster = stacks.order.filter(({ terraform }) =>
    Object.keys(terraform.terraform?.required_providers ?? {}).some((provider) => CLUSTER_PROVIDERS.includes(provider)),
  );
  const inside = [...gated, ...onCluster].map(({ id }) => id);
  const runner = config.runner ?? runnerOf(own);
  if (inside.length > 0 && (runner === undefined || (typeof runner === "string" && HOSTED.test(runner)))) {
    throw new CaravanError(
      `${[...new Set(inside)].join(", ")} needs Vault, Consul and Nomad, whose addresses are inside of the network of ${name}. ` +
        "Let the infrastructure make runners in there: runners: { gitHub: { ... } } (docs/gitops.md, private runners). Or give " +
        `environments.${name}.runner the labels of runners of your own, such as ["self-hosted", "caravan-${name}"]. For an ` +
        "infrastructure without layers above it, gates: false does without.",
    );
  }
  return {
    name,
    config,
    stacks,
    gated: gated.map(({ id }) => id),
    onCluster: onCluster.map(({ id }) => id),
    runner,
    signIn: signInOf(name, config, own),
  };
}

/** The output that says what an infrastructure is. */
const CONTRACT = "infrastructure_contract";
/** The output that says by which labels a forge's job gets a runner of the infrastructure's own. */
const RUNNER_LABELS = "runner_labels";
const CLUSTER_PROVIDERS = ["vault", "consul", "nomad"];

/** The labels of the runners that an environment's infrastructure makes. */
function runnerOf(stacks: readonly SynthesizedStack[]): Runner | undefined {
  return stacks
    .map(({ terraform }) => terraform.output?.[RUNNER_LABELS]?.value)
    .find((value): value is string[] => Array.isArray(value) && value.every((each) => typeof each === "string"));
}
