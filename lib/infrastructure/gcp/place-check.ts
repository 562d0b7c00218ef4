import type { PropsCheck } from "../../core/errors";
import { shortName } from "../../core/rules";
import type { GcpPlace } from "./place";
import { projectId, region } from "./rules";

/** Checks where an environment lives, as three properties of a construct's props. */
export function checkPlace(check: PropsCheck, place: GcpPlace): void {
  check.required("environment", place.environment, shortName(16, "prod"));
  check.required("project", place.project, projectId);
  check.required("region", place.region, region);
}
