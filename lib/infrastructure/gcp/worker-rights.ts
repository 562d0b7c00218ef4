import { workerNames } from "./names";
import type { GcpNodeAccount } from "./node-account";
import type { GcpPlace } from "./place";

/** A condition on instances that are workers of the environment. */
export function workersCondition(place: GcpPlace): string {
  return `resource.name.extract("/instances/{name}").startsWith("${workerNames(place.environment)}")`;
}

/** Lets an account scale the environment's groups of workers, as the Nomad Autoscaler does. */
export function allowScaling(account: GcpNodeAccount, place: GcpPlace): void {
  account.allowInProject("scale-groups", "scaleGroups");
  account.allowInProject("end-workers", "endWorkers", {
    title: "Workers of the environment",
    expression: workersCondition(place),
  });
}
