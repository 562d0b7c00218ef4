import type { PropsCheck } from "../../core/errors";
import { shortName } from "../../core/rules";
import { azureResourceGroup, uuid } from "../../node/check/cloud-rules";
import type { AzurePlace } from "./place";
import { region } from "./rules";

/** Checks where an environment lives, as five properties of a construct's props. */
export function checkPlace(check: PropsCheck, place: AzurePlace): void {
  check.required("environment", place.environment, shortName(16, "prod"));
  check.required("subscriptionId", place.subscriptionId, uuid);
  check.required("tenantId", place.tenantId, uuid);
  check.required("region", place.region, region);
  check.required("resourceGroup", place.resourceGroup, azureResourceGroup);
}
