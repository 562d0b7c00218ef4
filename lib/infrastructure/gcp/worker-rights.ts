import {
  ServiceAccountIamMember,
  type ServiceAccountIamMemberConfig,
} from "@cdktf/provider-google/lib/service-account-iam-member";
import type { Construct } from "constructs";
import { type Transform, transformed } from "../../layer/transform";
import { ALL_NAMES, volumeNames, workerNames } from "./names";
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

/** The name of a disk, in whichever zone or region. */
const DISK = 'resource.name.extract("/disks/{name}")';

/**
 * Lets the controllers of the persistent disk driver make, attach and remove disks for jobs, on workers only. What it makes bears
 * no name of this library's; of what does it may attach the environment's volumes for jobs, but no disk of a node, and delete none.
 * Google has no condition on labels, by which the driver's own disks could be told from those of strangers in the project.
 *
 * Whoever attaches a disk to a machine acts as the machine's account, Google says:
 * https://github.com/kubernetes-sigs/gcp-compute-persistent-disk-csi-driver/blob/master/docs/kubernetes/user-guides/driver-install.md
 */
export function allowStorage(
  scope: Construct,
  account: GcpNodeAccount,
  place: GcpPlace,
  mounting: Readonly<Record<string, GcpNodeAccount>>,
  transform?: Transform<ServiceAccountIamMemberConfig>,
): void {
  const strange = `!${DISK}.startsWith("${ALL_NAMES}")`;
  account.allowInProject("see-disks", "seeDisks");
  account.allowInProject("make-disks", "makeDisks", { title: "Disks that no Terraform made", expression: strange });
  account.allowInProject("move-disks", "moveDisks", {
    title: "Disks of jobs",
    expression: `${strange} || ${DISK}.startsWith("${volumeNames(place.environment)}")`,
  });
  account.allowInProject("attach-disks", "attachDisks", {
    title: "Workers of the environment",
    expression: workersCondition(place),
  });
  for (const [group, mounts] of Object.entries(mounting)) {
    new ServiceAccountIamMember(
      scope,
      `attach-to-${group}-member`,
      transformed(transform, {
        serviceAccountId: mounts.accountName,
        role: "roles/iam.serviceAccountUser",
        member: account.member,
      }),
    );
  }
}
