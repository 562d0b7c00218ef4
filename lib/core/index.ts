export { CaravanError, InvalidPropsError, type Problem, SynthesisError } from "./errors";
export { hcl } from "./hcl";
export { decodeHcl } from "./hcl-decode";
