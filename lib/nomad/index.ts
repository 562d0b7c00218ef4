export type * from "./generated/api";
export * from "./intent";
export { NomadJob, type NomadJobProps } from "./nomad-job";
export { JOB_RULES, type JobException, type JobPolicy, type JobRule, policyProblems } from "./policy";
export type { JobProblem } from "./problems";
export { jobProblems, renderJob } from "./render";
export * from "./resources";
export * from "./spec";
