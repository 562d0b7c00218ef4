/** What servers keep in the cluster's bucket, by the beginning of the key: for them only. */
export const CLUSTER_OBJECTS = ["born/*", "document", "leaving/*", "snapshots/*", "token/*", "vault-init/*"] as const;

/** What Terraform puts there for nodes: scripts and files without secrets, named by their SHA-256. */
export const LIBRARY_OBJECTS = "library/*";

/** The secrets of a cluster, one an audience. */
export type ClusterSecret = "public-ca" | "bootstrap" | "recovery-keys";
