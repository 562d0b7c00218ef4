import type { Lb } from "@cdktf/provider-aws/lib/lb";
import { isDeletionProtected } from "../../layer/protection";
import { waiveByChoice } from "../../policy/waiver";

/** A balancer that is being torn down is not protected: the first of the two steps, by the stack's own prop. */
export function waiveTeardown(balancer: Lb): void {
  if (isDeletionProtected(balancer) || balancer.enableDeletionProtectionInput === true) return;
  waiveByChoice(balancer, {
    rule: "aws-lb-deletion-protection",
    prop: "deletionProtection",
    reason: "deletionProtection false: the stack is being torn down",
  });
}
