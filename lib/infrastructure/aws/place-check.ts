import type { PropsCheck } from "../../core/errors";
import { shortName } from "../../core/rules";
import type { AwsPlace } from "./place";
import { accountId, region } from "./rules";

/** Checks where an environment lives, as three properties of a construct's props. */
export function checkPlace(check: PropsCheck, place: AwsPlace): void {
  check.required("environment", place.environment, shortName(16, "prod"));
  check.required("accountId", place.accountId, accountId);
  check.required("region", place.region, region);
}
