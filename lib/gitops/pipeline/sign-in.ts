import { CaravanError } from "../../core/errors";
import type { EnvironmentConfig } from "../config";
import type { SynthesizedStack } from "../stacks";

/** As whom jobs of an environment act, in the words of its cloud. */
export type SignIn =
  | {
      readonly cloud: "aws";
      readonly region: string;
      readonly plannerRoleArn: string;
      readonly deployerRoleArn: string;
    }
  | {
      readonly cloud: "azure";
      readonly tenantId: string;
      readonly subscriptionId: string;
      readonly plannerClientId: string;
      readonly deployerClientId: string;
    }
  | {
      readonly cloud: "gcp";
      readonly project: string;
      /** `"projects/<number>/locations/global/workloadIdentityPools/<pool>/providers/<provider>"` */
      readonly workloadIdentityProvider: string;
      readonly plannerEmail: string;
      readonly deployerEmail: string;
    };

/** The output by which a stack is known that makes the identities of the pipeline. */
const MAKES_IDENTITIES: Readonly<Record<SignIn["cloud"], string>> = {
  aws: "deployer_role_arn",
  azure: "deployer_client_id",
  gcp: "deployer_email",
};

/** The stack that makes the pipeline's own identities. Whoever applies it says what the pipeline may do. */
export function identityStack(stacks: readonly SynthesizedStack[]): SynthesizedStack | undefined {
  const names = Object.values(MAKES_IDENTITIES);
  return stacks.find(({ terraform }) => names.some((name) => terraform.output?.[name] !== undefined));
}

/**
 * How the jobs of an environment sign in: by what `caravan.json` says, and what it leaves out by what is known at synth.
 *
 * @throws CaravanError where neither tells
 */
export function signInOf(name: string, config: EnvironmentConfig, stacks: readonly SynthesizedStack[]): SignIn {
  const identities = identityStack(stacks)?.terraform;
  const cloud = cloudOf(config, stacks);
  const told = (what: string, given: string | undefined, found: string | undefined): string => {
    const value = given ?? found;
    if (value !== undefined) return value;
    throw new CaravanError(
      `environments.${name}.${cloud}.${what} is missing: no stack of ${name} tells it. ` +
        (identities === undefined
          ? "Give it, or synthesize the state stack with this app."
          : "It is known only once the state stack is applied: give what its outputs say."),
    );
  };
  const output = (of: string) => identities && literal(identities.output?.[of]?.value);
  switch (cloud) {
    case "aws": {
      const given = config.aws ?? {};
      return {
        cloud,
        region: told("region", given.region, regionOf(stacks)),
        plannerRoleArn: told("plannerRoleArn", given.plannerRoleArn, output("planner_role_arn")),
        deployerRoleArn: told("deployerRoleArn", given.deployerRoleArn, output("deployer_role_arn")),
      };
    }
    case "azure": {
      const given = config.azure ?? {};
      const provider = (attribute: string) => providerSays(stacks, "azurerm", attribute);
      return {
        cloud,
        tenantId: told("tenantId", given.tenantId, provider("tenant_id")),
        subscriptionId: told("subscriptionId", given.subscriptionId, provider("subscription_id")),
        plannerClientId: told("plannerClientId", given.plannerClientId, output("planner_client_id")),
        deployerClientId: told("deployerClientId", given.deployerClientId, output("deployer_client_id")),
      };
    }
    case "gcp": {
      const given = config.gcp ?? {};
      return {
        cloud,
        project: told("project", given.project, providerSays(stacks, "google", "project")),
        workloadIdentityProvider: told(
          "workloadIdentityProvider",
          given.workloadIdentityProvider,
          output("workload_identity_provider"),
        ),
        plannerEmail: told("plannerEmail", given.plannerEmail, output("planner_email")),
        deployerEmail: told("deployerEmail", given.deployerEmail, output("deployer_email")),
      };
    }
  }
}

/** The cloud that `caravan.json` names, or that the stacks use. */
function cloudOf(config: EnvironmentConfig, stacks: readonly SynthesizedStack[]): SignIn["cloud"] {
  if (config.azure !== undefined) return "azure";
  if (config.gcp !== undefined) return "gcp";
  if (config.aws !== undefined) return "aws";
  const uses = (provider: string) => stacks.some(({ terraform }) => terraform.provider?.[provider] !== undefined);
  if (uses("aws")) return "aws";
  return uses("azurerm") ? "azure" : uses("google") ? "gcp" : "aws";
}

/** What is known at synth. */
function literal(value: unknown): string | undefined {
  return typeof value === "string" && !value.includes("${") ? value : undefined;
}

function providerSays(stacks: readonly SynthesizedStack[], name: string, attribute: string): string | undefined {
  return stacks
    .map(({ terraform }) => literal(terraform.provider?.[name]?.[0]?.[attribute]))
    .find((value) => value !== undefined);
}

function regionOf(stacks: readonly SynthesizedStack[]): string | undefined {
  for (const { terraform, backend } of stacks) {
    const region = literal(terraform.provider?.["aws"]?.[0]?.["region"]);
    if (region !== undefined) return region;
    if (backend.kind === "s3") return backend.region;
  }
  return undefined;
}
