import type { TerraformResource, TerraformResourceLifecycle } from "cdktf";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";

const OFF = "cdktf-caravan/deletion-protection-off";

/** Records on a stack that it is being torn down. */
export function disableDeletionProtection(stack: TerraformStack): void {
  stack.node.addMetadata(OFF, true);
}

/** Whether what would be lost for good is protected in the stack around a construct. */
export function isDeletionProtected(scope: Construct): boolean {
  return !TerraformStack.of(scope).node.metadata.some((entry) => entry.type === OFF);
}

/**
 * Protects a resource whose loss could not be mended: Terraform refuses a plan that destroys or replaces it. Turned off
 * for a whole stack by `deletionProtection: false`, the first of the two steps of a teardown.
 */
export function protect<T extends TerraformResource>(resource: T): T {
  const lifecycle: TerraformResourceLifecycle = {
    ...resource.lifecycle,
    preventDestroy: resource.lifecycle?.preventDestroy ?? isDeletionProtected(resource),
  };
  resource.lifecycle = lifecycle;
  return resource;
}
