import { type JobConfig, Job as JobResource } from "@cdktf/provider-nomad/lib/job";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { hcl } from "../core/hcl";
import { duration, formatDuration } from "../core/values";
import type { ApiJob } from "./generated/api";
import { type JobPolicy, policyProblemsOf } from "./policy";
import { idOf, readJob } from "./render";
import type { Job } from "./spec";

export interface NomadJobProps {
  /** The job, in the words of the job specification. Terraform values may stand in any field. */
  readonly job: Job;
  /**
   * Rules beyond Nomad's own: `{}` for all of them.
   * @default - none
   */
  readonly policy?: JobPolicy;
  /**
   * Do not wait until the job's deployment is healthy; a failed one then does not fail the apply.
   * @default - false; true where canaries wait for a person to promote them
   */
  readonly detach?: boolean;
  /**
   * How long to wait for the deployment.
   * @default "5m", the provider's
   */
  readonly timeout?: string;
  /**
   * Remove the job from Nomad's history when it is destroyed.
   * @default false
   */
  readonly purgeOnDestroy?: boolean;
  /**
   * Stop the job when it is destroyed.
   * @default true
   */
  readonly deregisterOnDestroy?: boolean;
  /**
   * Run a batch job again on apply if it has ended.
   * @default false
   */
  readonly rerunIfDead?: boolean;
  /** Last changes to what is made, as it is about to be made. */
  readonly transform?: { readonly job?: (config: JobConfig) => JobConfig };
}

/**
 * A job that Terraform registers in Nomad.
 *
 * It is checked when it is made, and reaches Nomad exactly as it is written: `${NOMAD_...}`, `${attr...}`, templates,
 * quotes and backslashes need no escape.
 *
 * @throws InvalidPropsError with every mistake that Nomad or the policy would refuse, each with its job, group, task and
 * field.
 */
export class NomadJob extends Construct {
  readonly resource: JobResource;

  constructor(scope: Construct, id: string, props: NomadJobProps) {
    super(scope, id);
    const { api, findings } = readJob(props.job);
    if (props.policy !== undefined) findings.problems.push(...policyProblemsOf(api, idOf(props.job), props.policy));
    if (props.timeout !== undefined && !Token.isUnresolved(props.timeout) && !TIMEOUT.accepts(props.timeout)) {
      const { allowed, fix } = TIMEOUT;
      const owner = { job: idOf(props.job), field: "timeout", property: "timeout" };
      findings.problems.push({ ...owner, given: props.timeout, allowed, fix });
    }
    findings.throwIfAny("NomadJob", this.node.path);

    const timeout = props.timeout === undefined ? undefined : goDuration(props.timeout);
    const config: JobConfig = {
      jobspec: hcl.json(api),
      json: true,
      detach: props.detach ?? awaitsPromotion(api),
      purgeOnDestroy: props.purgeOnDestroy,
      deregisterOnDestroy: props.deregisterOnDestroy,
      rerunIfDead: props.rerunIfDead,
      ...(timeout === undefined ? {} : { timeouts: { create: timeout, update: timeout } }),
    };
    this.resource = new JobResource(this, "Default", props.transform?.job?.(config) ?? config);
  }

  /** The job's id; what refers to it is made after it is registered. */
  get jobId(): string {
    return this.resource.id;
  }
}

const TIMEOUT = duration({ min: "1s" });

/** The provider reads times as Go does, which knows no days. */
const goDuration = (text: string) => (Token.isUnresolved(text) ? text : formatDuration(text));

/** A deployment whose canaries wait for a person never ends by itself. */
function awaitsPromotion(job: ApiJob): boolean {
  return (job.TaskGroups ?? []).some((group) => {
    const { Canary = 0, AutoPromote } = { ...job.Update, ...group.Update };
    return Canary !== 0 && AutoPromote !== true;
  });
}
