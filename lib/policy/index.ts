export { allRules } from "./all-rules";
export { awsRules } from "./aws";
export { azureRules } from "./azure";
export { consulRules } from "./consul";
export { type EvaluateProps, evaluate } from "./evaluate";
export { gcpRules } from "./gcp";
export { checkovConfigFile, type ScannedStack, trivyIgnoreFile } from "./ignore-files";
export { nomadRules } from "./nomad";
export { type Finding, type PolicyOutcome, passes, type WaivedFinding, type WaiverProblem } from "./outcome";
export { describeRules, failureText, jsonReport, markdownReport } from "./report";
export { type PolicyRule, type RuleReferences, type Severity, severities, type Violation } from "./rule";
export { SynthesizedBlock, SynthesizedResource, SynthesizedStack } from "./synthesized-stack";
export { terraformRules } from "./terraform";
export { UNKNOWN, type Unknown } from "./values";
export { vaultRules } from "./vault";
export {
  type ChoiceWaiver,
  type DatedWaiver,
  isChoice,
  type Waivable,
  type WaiveByChoiceProps,
  type WaiveProps,
  type Waiver,
  waive,
  waiveAddress,
  waiveByChoice,
  waiversOf,
} from "./waiver";
