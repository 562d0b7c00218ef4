export { adopt, EphemeralBlock, type EphemeralBlockProps, movedFrom, type WriteOnly, writeOnly } from "./blocks";
export { Contract, ContractSchema, type ContractSchemaProps, type ContractSource } from "./contract";
export {
  type AppliedField,
  type AppliedFields,
  AppliedMap,
  type AppliedReferences,
  type AppliedValues,
  applied,
} from "./contract-fields";
export type { Environment } from "./environment";
export { LayerStack, type LayerStackProps } from "./layer-stack";
export { stackPicture } from "./picture";
export { protect } from "./protection";
export { requireProvider } from "./provider-versions";
export {
  AzurermState,
  type AzurermStateProps,
  GcsState,
  type GcsStateProps,
  LocalState,
  type LocalStateProps,
  S3State,
  type S3StateProps,
  State,
} from "./state";
export { type StackSummary, summarize, summaryTable } from "./summary";
export type { Transform } from "./transform";
