import {
  ProjectIamCustomRole,
  type ProjectIamCustomRoleConfig,
} from "@cdktf/provider-google/lib/project-iam-custom-role";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { type Transform, transformed } from "../../layer/transform";
import { customRoleId } from "./names";
import type { GcpPlace } from "./place";
import { checkPlace } from "./place-check";

interface CustomRole {
  readonly title: string;
  readonly permissions: readonly string[];
}

/**
 * What nodes may be allowed, one role a concern. Who has which, and where, is decided where the resource is made; the list of
 * permissions is decided here only.
 *
 * Permissions: https://cloud.google.com/iam/docs/permissions-reference
 */
export const nodeRoles = {
  /**
   * Every node: finds its peers (go-discover asks for the zones and then for their instances), sees what its group means to do
   * with it (`listManagedInstances`), and says what it does.
   */
  node: {
    title: "Node",
    permissions: [
      "compute.instanceGroupManagers.get",
      "compute.instances.list",
      "compute.zones.list",
      "logging.logEntries.create",
    ],
  },
  /** What Vault asks of whoever signs in: https://developer.hashicorp.com/vault/docs/auth/gcp#required-gcp-permissions */
  signIn: {
    title: "Vault's sign-in",
    permissions: ["compute.instances.get", "iam.serviceAccountKeys.get", "iam.serviceAccounts.get"],
  },
  /** https://developer.hashicorp.com/vault/docs/configuration/seal/gcpckms#authentication-permissions */
  seal: {
    title: "Sealing with a key",
    permissions: [
      "cloudkms.cryptoKeys.get",
      "cloudkms.cryptoKeyVersions.useToDecrypt",
      "cloudkms.cryptoKeyVersions.useToEncrypt",
    ],
  },
  readSecret: { title: "Reading a secret", permissions: ["secretmanager.versions.access"] },
  writeSecret: { title: "Writing a secret", permissions: ["secretmanager.versions.add"] },
  /** Without it Cloud Storage answers 403 instead of 404 for what is not there. */
  listObjects: { title: "Listing objects", permissions: ["storage.objects.list"] },
  readObjects: { title: "Reading objects", permissions: ["storage.objects.get"] },
  createObjects: { title: "Creating objects", permissions: ["storage.objects.create"] },
  /** Cloud Storage deletes what it overwrites. */
  replaceObjects: { title: "Replacing objects", permissions: ["storage.objects.create", "storage.objects.delete"] },
  /** Not `overrideUnlockedRetention`: what is locked until a day stays until then. */
  lockObjects: { title: "Locking objects", permissions: ["storage.objects.setRetention", "storage.objects.update"] },
  /** https://cloud.google.com/artifact-registry/docs/access-control#permissions */
  pullImages: { title: "Taking images", permissions: ["artifactregistry.repositories.downloadArtifacts"] },
  /**
   * The Nomad Autoscaler: https://developer.hashicorp.com/nomad/tools/autoscaling/plugins/target/gce-mig. Google has no condition on
   * instance groups, so that whoever has this can resize those of servers too.
   */
  scaleGroups: {
    title: "Scaling groups",
    permissions: ["compute.instanceGroupManagers.get", "compute.instanceGroupManagers.update"],
  },
  /** On workers only, by a condition. */
  endWorkers: { title: "Ending workers", permissions: ["compute.instances.delete"] },
  /** The controllers of the persistent disk driver, for disks that it makes. Conditions say on which. */
  makeDisks: {
    title: "Making disks for jobs",
    permissions: [
      "compute.disks.create",
      "compute.disks.createSnapshot",
      "compute.disks.delete",
      "compute.disks.resize",
      "compute.disks.setLabels",
    ],
  },
  moveDisks: { title: "Moving disks of jobs", permissions: ["compute.disks.get", "compute.disks.use"] },
  attachDisks: {
    title: "Attaching disks to workers",
    permissions: ["compute.instances.attachDisk", "compute.instances.detachDisk", "compute.instances.get"],
  },
  seeDisks: {
    title: "Seeing disks and where they can be",
    permissions: [
      "compute.disks.list",
      "compute.diskTypes.get",
      "compute.globalOperations.get",
      "compute.regionOperations.get",
      "compute.regions.get",
      "compute.zoneOperations.get",
      "compute.zones.get",
      "compute.zones.list",
    ],
  },
} as const satisfies Record<string, CustomRole>;

export type GcpNodeRoleName = keyof typeof nodeRoles;

/** Those that are granted on the project, and that the deployer may grant there; all others are granted on one resource. */
export const PROJECT_ROLES: readonly GcpNodeRoleName[] = [
  "node",
  "signIn",
  "scaleGroups",
  "endWorkers",
  "makeDisks",
  "moveDisks",
  "attachDisks",
  "seeDisks",
];

/** A custom role by its full name: `projects/acme-caravan-prod/roles/caravan_prod_node`. */
export function customRoleName({ project, environment }: GcpPlace, purpose: string): string {
  return `projects/${project}/roles/${customRoleId(environment, purpose)}`;
}

export interface GcpCustomRolesProps extends GcpPlace {
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    /** Laid on each of the roles. */
    readonly role?: Transform<ProjectIamCustomRoleConfig>;
  };
}

/**
 * The custom roles that an environment's nodes are given. `GcpStateStack` makes them, which people apply: whoever may change
 * a role that he may also grant has every right in the project, and so the deployer only grants them.
 *
 * https://cloud.google.com/iam/docs/setting-limits-on-granting-roles
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpCustomRoles extends Construct {
  constructor(scope: Construct, id: string, props: GcpCustomRolesProps) {
    const check = new PropsCheck("GcpCustomRoles", scope, id);
    checkPlace(check, props);
    check.done();
    super(scope, id);
    for (const [purpose, { title, permissions }] of Object.entries(nodeRoles)) {
      customRole(this, purpose, props, { purpose, title, permissions }, props.transform?.role);
    }
  }
}

/** Makes a custom role of an environment. */
export function customRole(
  scope: Construct,
  id: string,
  { environment, project }: GcpPlace,
  role: CustomRole & { readonly purpose: string },
  transform?: Transform<ProjectIamCustomRoleConfig>,
): ProjectIamCustomRole {
  return new ProjectIamCustomRole(
    scope,
    id,
    transformed(transform, {
      project,
      roleId: customRoleId(environment, role.purpose),
      title: `Caravan ${environment}: ${role.title}`,
      description: `Of the environment ${environment}`,
      permissions: [...role.permissions],
      stage: "GA",
    }),
  );
}
