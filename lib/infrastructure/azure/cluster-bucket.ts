import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { integer, text } from "../../core/rules";
import { CLUSTER_OBJECTS } from "../cluster-objects";
import { type PathRule, pathCondition } from "./conditions";
import { storageAccountName } from "./names";
import type { AzureNodeIdentity } from "./node-identity";
import type { AzurePlace } from "./place";
import { checkPlace } from "./place-check";
import { AzurePrivateBucket, type AzurePrivateBucketTransform } from "./private-bucket";
import type { AzurePrivateLink } from "./private-link";
import { blobActions } from "./rights";

export interface AzureClusterBucketProps extends AzurePlace {
  /** The key that encrypts it, without a version, and the identity by which the account uses it: those of `AzureKeys`. */
  readonly key: { readonly address: string; readonly identityId: string };
  /** Identities of the servers: only their nodes read the cluster's document, and write in the container. */
  readonly servers: readonly AzureNodeIdentity[];
  /** How servers reach it. */
  readonly link: AzurePrivateLink;
  /** Id of the workspace that keeps who reads and writes it. */
  readonly workspaceId: string;
  /**
   * How many days a version is kept after it was written, if it was overwritten or deleted since, 14 to 3650; Azure counts from there.
   * Servers can delete a snapshot but none of its versions, so that this is how long a snapshot outlives who breaks into a server.
   *
   * @default 30
   */
  readonly keepVersionsDays?: number;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: AzurePrivateBucketTransform;
}

const PURPOSE = "cluster";
const SOFT_DELETE_DAYS = 14;

/** By which mark servers know which value of a secret they have written: each write in a key vault is a new version. */
const MARKS = "written/*";

/** What servers write, by kinds; they read everything. None deletes a version. */
export const serverPaths: readonly PathRule[] = [
  { actions: [blobActions.write, blobActions.add], paths: [...CLUSTER_OBJECTS, MARKS] },
  { actions: [blobActions.delete], paths: ["snapshots/*", "leaving/*"] },
  { actions: [blobActions.lock], paths: ["snapshots/*"] },
];

/** Name of the storage account of the container. */
export function clusterBucketAccount(place: AzurePlace): string {
  return storageAccountName(place, PURPOSE);
}

/** Address of the container, as nodes and the contract have it: `https://<account>.blob.core.windows.net/cluster`. */
export function clusterBucketAddress(place: AzurePlace): string {
  return `https://${clusterBucketAccount(place)}.blob.core.windows.net/${PURPOSE}`;
}

/**
 * The container of the cluster itself: its document (CA, gossip keys, preset tokens), births, claims and snapshots.
 *
 * Only the servers' identities have a role on it, each kind of object as first boot needs it; whoever has a role for blobs on the
 * whole resource group or subscription can read it too. It keeps versions, and takes locks: whoever writes a snapshot says until
 * when it cannot be deleted. There is no retention that holds for all objects, as births and claims must stay changeable.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureClusterBucket extends Construct {
  /** Its address, once it is there. */
  readonly address: string;
  readonly accountId: string;

  constructor(scope: Construct, id: string, props: AzureClusterBucketProps) {
    const check = new PropsCheck("AzureClusterBucket", scope, id);
    checkPlace(check, props);
    check.required("key.address", props.key?.address, text);
    check.required("key.identityId", props.key?.identityId, text);
    check.required("workspaceId", props.workspaceId, text);
    check.optional("keepVersionsDays", props.keepVersionsDays, integer(14, 3650, "days"));
    if (props.servers.length === 0) {
      check.add({ property: "servers", given: [], allowed: "one identity or more", fix: "give those of the servers" });
    }
    check.done();
    super(scope, id);
    const { environment, subscriptionId, tenantId, region, resourceGroup } = props;
    const bucket = new AzurePrivateBucket(this, "Default", {
      ...{ environment, subscriptionId, tenantId, region, resourceGroup },
      purpose: PURPOSE,
      key: props.key,
      link: props.link,
      workspaceId: props.workspaceId,
      softDeleteDays: SOFT_DELETE_DAYS,
      objectLock: true,
      lifecycleRules: [
        {
          name: "old-versions",
          enabled: true,
          filters: { blobTypes: ["blockBlob"] },
          actions: { version: { deleteAfterDaysSinceCreation: props.keepVersionsDays ?? 30 } },
        },
      ],
      transform: props.transform,
    });
    this.accountId = bucket.accountId;
    this.address = `${bucket.blobEndpoint}${bucket.containerName}`;
    for (const each of props.servers) {
      each.allow("cluster-objects", {
        right: "cluster-objects",
        scope: bucket.containerId,
        condition: pathCondition(serverPaths),
      });
    }
  }
}
