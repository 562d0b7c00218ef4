export { CaravanError, InvalidPropsError, type Problem, SynthesisError } from "./errors";
export { hcl } from "./hcl";
export { decodeHcl } from "./hcl-decode";
export type { NameKind } from "./name-kinds";
export { type PhysicalNameProps, physicalName } from "./naming";
export {
  formatDuration,
  isWithinDomain,
  parseDate,
  parseDuration,
  parseSize,
  type SizeUnit,
  type TimeUnit,
} from "./values";
