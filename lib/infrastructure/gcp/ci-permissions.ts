/** Verbs of one kind of resource: `of("compute.disks", "get", "list")`. */
function of(kind: string, ...verbs: readonly string[]): string[] {
  return verbs.map((verb) => `${kind}.${verb}`);
}

/** What is made and changed alike: kinds of resources that nothing but `more` is special about. */
function kinds(names: readonly string[], ...verbs: readonly string[]): string[] {
  return names.flatMap((name) => of(name, ...verbs));
}

const NETWORK = [
  "compute.addresses",
  "compute.firewalls",
  "compute.networks",
  "compute.routers",
  "compute.routes",
  "compute.subnetworks",
];

const BALANCERS = [
  "compute.backendServices",
  "compute.forwardingRules",
  "compute.globalAddresses",
  "compute.globalForwardingRules",
  "compute.healthChecks",
  "compute.regionBackendServices",
  "compute.regionHealthChecks",
  "compute.regionSecurityPolicies",
  "compute.regionSslPolicies",
  "compute.regionTargetHttpProxies",
  "compute.regionTargetHttpsProxies",
  "compute.regionUrlMaps",
  "compute.securityPolicies",
  "compute.sslPolicies",
  "compute.targetHttpProxies",
  "compute.targetHttpsProxies",
  "compute.urlMaps",
];

const NODES = ["compute.disks", "compute.instanceGroupManagers", "compute.instanceGroups", "compute.instanceTemplates"];

const NAMES = ["dns.managedZones", "dns.policies", "dns.resourceRecordSets"];

const CERTIFICATES = [
  "certificatemanager.certmaps",
  "certificatemanager.certs",
  "certificatemanager.dnsauthorizations",
];
const CERTIFICATE_ENTRIES = ["certificatemanager.certmapentries"];

const WATCHING = [
  "logging.buckets",
  "logging.logMetrics",
  "logging.sinks",
  "monitoring.alertPolicies",
  "monitoring.notificationChannels",
];

/** Whatever waits until Google has done what was asked asks this. */
const OPERATIONS = ["compute.globalOperations.get", "compute.regionOperations.get", "compute.zoneOperations.get"];

/**
 * What a plan reads to compare our stacks with what is there: configuration, no content. No value of a secret and no object is
 * among them.
 */
export const readPermissions: readonly string[] = [
  ...kinds([...NETWORK, ...BALANCERS, ...NODES, ...NAMES, ...CERTIFICATES, ...CERTIFICATE_ENTRIES], "get", "list"),
  ...kinds(WATCHING, "get", "list"),
  ...of("compute.images", "get", "list"),
  ...of("compute.instances", "get", "list"),
  ...kinds(["compute.regions", "compute.zones"], "get", "list"),
  ...of("compute.projects", "get"),
  ...OPERATIONS,
  ...of("dns.changes", "get", "list"),
  ...of("dns.dnsKeys", "get", "list"),
  ...of("certificatemanager.operations", "get"),
  ...of("logging.settings", "get"),
  ...kinds(["cloudkms.cryptoKeys", "cloudkms.keyRings"], "get", "getIamPolicy", "list"),
  ...of("cloudkms.cryptoKeyVersions", "get", "list"),
  ...of("secretmanager.secrets", "get", "getIamPolicy", "list"),
  ...of("storage.buckets", "get", "getIamPolicy", "list"),
  ...of("artifactregistry.repositories", "get", "getIamPolicy"),
  ...of("iam.roles", "get", "list"),
  ...of("iam.serviceAccounts", "get", "getIamPolicy", "list"),
  ...kinds(["iam.workloadIdentityPools", "iam.workloadIdentityPoolProviders"], "get", "list"),
  ...of("resourcemanager.projects", "get", "getIamPolicy"),
  ...of("serviceusage.services", "get", "list"),
];

/** What the deployer does with networks, balancers, names and certificates. */
export const networkPermissions: readonly string[] = [
  ...kinds(
    NETWORK.filter((kind) => !["compute.addresses", "compute.routes"].includes(kind)),
    "create",
    "delete",
    "update",
  ),
  ...of("compute.addresses", "create", "createInternal", "delete", "deleteInternal", "setLabels", "use", "useInternal"),
  ...of("compute.globalAddresses", "create", "delete", "setLabels", "use"),
  ...of("compute.networks", "updatePolicy", "use"),
  ...of("compute.routers", "use"),
  ...of("compute.routes", "create", "delete"),
  ...of("compute.subnetworks", "expandIpCidrRange", "setPrivateIpGoogleAccess", "use"),
  ...kinds(
    BALANCERS.filter((kind) => !/(Addresses|[fF]orwardingRules|HttpProxies|HttpsProxies)$/.test(kind)),
    "create",
    "delete",
    "update",
    "use",
  ),
  ...kinds(["compute.forwardingRules", "compute.globalForwardingRules"], "create", "delete", "setLabels", "setTarget"),
  ...of("compute.forwardingRules", "update", "use"),
  ...of("compute.globalForwardingRules", "update"),
  ...kinds(["compute.regionTargetHttpProxies", "compute.targetHttpProxies"], "create", "delete", "setUrlMap", "use"),
  ...kinds(
    ["compute.regionTargetHttpsProxies", "compute.targetHttpsProxies"],
    "create",
    "delete",
    "setSslCertificates",
    "setUrlMap",
    "update",
    "use",
  ),
  ...of("compute.targetHttpsProxies", "setCertificateMap", "setSslPolicy"),
  ...kinds(["compute.backendServices", "compute.regionBackendServices"], "setSecurityPolicy"),
  ...kinds(["compute.healthChecks", "compute.regionHealthChecks"], "useReadOnly"),
  ...kinds(NAMES, "create", "delete", "update"),
  ...of("dns.changes", "create"),
  ...of("dns.networks", "bindPrivateDNSPolicy", "bindPrivateDNSZone"),
  ...kinds(CERTIFICATES, "create", "delete", "update", "use"),
  ...kinds(CERTIFICATE_ENTRIES, "create", "delete", "update"),
];

/** What the deployer does with nodes: it makes groups, whose machines Google's own agent starts, and ends machines in a roll. */
export const nodePermissions: readonly string[] = [
  ...of("compute.instanceGroupManagers", "create", "delete", "update", "use"),
  ...of("compute.instanceGroups", "create", "delete", "update", "use"),
  ...of("compute.instanceTemplates", "create", "delete", "useReadOnly"),
  ...of("compute.images", "useReadOnly"),
  ...of("compute.instances", "create", "delete", "setLabels", "setMetadata", "setServiceAccount", "setTags"),
  ...of("compute.disks", "create", "createSnapshot", "delete", "resize", "setLabels", "update", "use"),
  ...of("compute.snapshots", "create", "get", "setLabels"),
  // To the accounts of others too, for Google has no condition on accounts: whoever shares the project shares this risk.
  ...of("iam.serviceAccounts", "actAs", "create", "delete", "setIamPolicy", "update"),
];

/** What the deployer does with alarms and the log of nodes. */
export const watchPermissions: readonly string[] = kinds(WATCHING, "create", "delete", "update");

/** What making begins with. It is asked of the project, or of a region in it, before there is anything to name. */
export const createPermissions: readonly string[] = [
  "cloudkms.keyRings.create",
  "secretmanager.secrets.create",
  "storage.buckets.create",
];

/** What the deployer does with a bucket of the environment, its objects but for the library aside. */
export const bucketPermissions: readonly string[] = of("storage.buckets", "delete", "setIamPolicy", "update");

/** A teardown empties them; what is locked stays, as nothing here goes past a lock. */
export const emptyPermissions: readonly string[] = of("storage.objects", "delete", "list");

/** What the deployer does with a secret of the environment. Its value it reads only where the secret itself says so. */
export const secretPermissions: readonly string[] = of("secretmanager.secrets", "delete", "setIamPolicy", "update");

/** What the deployer does with a key of the environment: it administers it, and uses none. */
export const keyPermissions: readonly string[] = [
  ...of("cloudkms.cryptoKeys", "create", "setIamPolicy", "update"),
  ...of("cloudkms.cryptoKeyVersions", "destroy", "update"),
];

/** Granting roles, which a condition keeps to named ones. */
export const grantPermissions: readonly string[] = ["resourcemanager.projects.setIamPolicy"];

/** Letting a group of nodes take images from a repository. */
export const repositoryPermissions: readonly string[] = ["artifactregistry.repositories.setIamPolicy"];

/** How CI signs in to Vault: its account signs for itself. https://developer.hashicorp.com/vault/docs/auth/gcp#iam */
export const signPermissions: readonly string[] = ["iam.serviceAccounts.signJwt"];
