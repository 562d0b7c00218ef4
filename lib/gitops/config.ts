import { existsSync, readFileSync } from "node:fs";
import { CaravanError } from "../core/errors";

/** The file at the root of a repository that says how its environments are planned and applied. */
export const CONFIG_FILE = "caravan.json";

/** Where CI runs that reaches an environment: GitHub's own runners, or labels of one's own. */
export type Runner = string | readonly string[];

export interface EnvironmentConfig {
  /**
   * The runner of the jobs that reach Vault, Consul and Nomad, whose internal addresses no runner outside of the network
   * reaches: the gates, and the stacks of the layers above the infrastructure.
   *
   * @default - the runners that the environment's infrastructure makes
   */
  readonly runner?: Runner;
  /**
   * Stacks that people apply, never the pipeline.
   *
   * @default - those that make the pipeline's own roles
   */
  readonly manual?: readonly string[];
  /**
   * Whether the pipeline waits for Vault, Consul and Nomad after the infrastructure, and replaces servers whose recipe
   * changed.
   *
   * @default true - after a stack that writes the infrastructure's contract
   */
  readonly gates?: boolean;
  /**
   * What becomes of a stack whose plan the pull request could not show, since a stack below it was not there yet: it is
   * shown and waits for somebody's word, or it is applied.
   *
   * @default "ask"
   */
  readonly deferred?: "ask" | "apply";
  /**
   * Whether a workflow can destroy the environment.
   *
   * @default false
   */
  readonly destroy?: boolean;
  /**
   * The environment that changes come from: once that one is applied and well, a pull request copies its file
   * `environments/<name>.json` to this one's.
   *
   * @default - nothing is promoted
   */
  readonly promoteFrom?: string;
  /**
   * The AWS region and roles of the pipeline.
   *
   * @default - what the environment's state stack says
   */
  readonly aws?: { readonly region?: string; readonly plannerRoleArn?: string; readonly deployerRoleArn?: string };
  /**
   * The tenant, the subscription and the identities of the pipeline on Azure.
   *
   * @default - tenant and subscription as the stacks say; the clients' ids are known once the state stack is applied
   */
  readonly azure?: {
    readonly tenantId?: string;
    readonly subscriptionId?: string;
    readonly plannerClientId?: string;
    readonly deployerClientId?: string;
  };
  /**
   * The project and the identities of the pipeline on Google Cloud.
   *
   * @default - what the environment's state stack says; the provider's name is known once it is applied
   */
  readonly gcp?: {
    readonly project?: string;
    readonly workloadIdentityProvider?: string;
    readonly plannerEmail?: string;
    readonly deployerEmail?: string;
  };
}

/** A command that looks at the plans; what it finds fails the pull request. */
export interface CheckConfig {
  readonly name: string;
  /** A shell command. `CARAVAN_PLANS` is a directory with `<stack>.json`, each a plan in Terraform's JSON. */
  readonly run: string;
}

/** A destroy of what keeps data that somebody agreed to. */
export interface DestroyWaiver {
  readonly stack: string;
  readonly address: string;
  readonly reason: string;
  /** The last day on which it holds, `"2026-12-31"`. */
  readonly until: string;
}

export interface CaravanConfig {
  readonly environments: Readonly<Record<string, EnvironmentConfig>>;
  /** @default "terraform" */
  readonly program?: "terraform" | "tofu";
  /** Version of that program in CI, `"1.11.4"`. @default "1.11.4" for Terraform, "1.11.5" for OpenTofu */
  readonly programVersion?: string;
  /** Version of Node in CI. @default "20" */
  readonly nodeVersion?: string;
  /** The runner of all jobs that need nothing inside of a network. @default "ubuntu-latest" */
  readonly hostedRunner?: Runner;
  /** The branch whose commits are applied. @default "main" */
  readonly branch?: string;
  /** Command that compiles the app before it is synthesized. @default - none */
  readonly build?: string;
  /** When drift is looked for, in the words of cron, UTC. @default "17 5 * * *" */
  readonly driftSchedule?: string;
  /** Further checks of each pull request's plans, such as conftest or Checkov. @default - none */
  readonly checks?: readonly CheckConfig[];
  /** A command that says what the plans cost, such as Infracost. Never fails a pull request. @default - none */
  readonly cost?: CheckConfig;
  /** Minutes that one job may take. @default 90 */
  readonly jobMinutes?: number;
  readonly allowDestroy?: readonly DestroyWaiver[];
}

/** Reads `caravan.json`, or nothing where there is none. @throws CaravanError with every mistake in it */
export function readConfig(file: string): CaravanConfig | undefined {
  if (!existsSync(file)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new CaravanError(`${file} is not JSON: ${(error as Error).message}`);
  }
  return checkConfig(value, file);
}

const KEYS: Readonly<Record<string, (value: unknown) => boolean>> = {
  environments: isObject,
  program: (value) => value === "terraform" || value === "tofu",
  programVersion: (value) => isText(value) && /^\d+\.\d+\.\d+$/.test(value),
  nodeVersion: (value) => isText(value) && /^[\w./-]+$/.test(value),
  hostedRunner: isRunner,
  branch: (value) => isText(value) && /^[\w./-]+$/.test(value),
  build: isText,
  driftSchedule: (value) => isText(value) && /^(\S+ ){4}\S+$/.test(value),
  checks: (value) => Array.isArray(value) && value.every(isCheck),
  cost: isCheck,
  jobMinutes: (value) => Number.isInteger(value) && Number(value) >= 5 && Number(value) <= 360,
  allowDestroy: (value) => Array.isArray(value) && value.every(isWaiver),
};

const ENVIRONMENT_KEYS: Readonly<Record<string, (value: unknown) => boolean>> = {
  runner: isRunner,
  manual: isTexts,
  gates: isBoolean,
  deferred: (value) => value === "ask" || value === "apply",
  destroy: isBoolean,
  promoteFrom: isText,
  aws: hasOnly("region", "plannerRoleArn", "deployerRoleArn"),
  azure: hasOnly("tenantId", "subscriptionId", "plannerClientId", "deployerClientId"),
  gcp: hasOnly("project", "workloadIdentityProvider", "plannerEmail", "deployerEmail"),
};

/** @throws CaravanError with every mistake */
export function checkConfig(value: unknown, file = CONFIG_FILE): CaravanConfig {
  if (!isObject(value)) throw new CaravanError(`${file} is no JSON object.`);
  const mistakes = [...wrong(value, KEYS, "")];
  if (!("environments" in value)) mistakes.push('environments is missing: { "prod": {} }');
  const environments = isObject(value["environments"]) ? value["environments"] : {};
  for (const [name, settings] of Object.entries(environments)) {
    if (!/^[a-z](-?[a-z0-9]){0,15}$/.test(name)) {
      mistakes.push(
        `environments.${name}: an environment's name is 1 to 16 lower-case letters, digits and single hyphens`,
      );
    }
    if (!isObject(settings)) mistakes.push(`environments.${name} is no object`);
    else mistakes.push(...wrong(settings, ENVIRONMENT_KEYS, `environments.${name}.`));
    const from = isObject(settings) ? settings["promoteFrom"] : undefined;
    if (isText(from) && (from === name || !(from in environments))) {
      mistakes.push(`environments.${name}.promoteFrom: "${from}" is no other environment`);
    }
  }
  if (mistakes.length === 0) return value as unknown as CaravanConfig;
  throw new CaravanError(
    [
      `${file} has ${mistakes.length} mistakes (docs/gitops.md lists what it may say):`,
      ...mistakes.map((each) => `  ${each}`),
    ].join("\n"),
  );
}

function* wrong(
  value: Readonly<Record<string, unknown>>,
  keys: Readonly<Record<string, (value: unknown) => boolean>>,
  prefix: string,
): Generator<string> {
  for (const [key, each] of Object.entries(value)) {
    const accepts = keys[key];
    if (accepts === undefined) yield `${prefix}${key} is not known; there are: ${Object.keys(keys).join(", ")}`;
    else if (!accepts(each)) yield `${prefix}${key} cannot be ${JSON.stringify(each)}`;
  }
}

function hasOnly(...keys: readonly string[]): (value: unknown) => boolean {
  return (value) => isObject(value) && Object.entries(value).every(([key, each]) => keys.includes(key) && isText(each));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

function isRunner(value: unknown): boolean {
  return isText(value) || (isTexts(value) && value.length > 0);
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isCheck(value: unknown): boolean {
  return isObject(value) && isText(value["name"]) && isText(value["run"]) && Object.keys(value).length === 2;
}

function isWaiver(value: unknown): boolean {
  return (
    isObject(value) &&
    ["stack", "address", "reason"].every((key) => isText(value[key])) &&
    isText(value["until"]) &&
    /^\d{4}-\d{2}-\d{2}$/.test(value["until"])
  );
}
