/** What a service allows in a name. Names of ours are lower-case everywhere, as many services fold or compare them so. */
export interface NameRule {
  /** Characters of the whole name. @default 1 */
  readonly min?: number;
  readonly max: number;
  /**
   * What stands between the parts: a slash where the service's own custom is a path, by which policies are written. Nothing
   * where the service takes letters and digits only; the name then always ends with a hash.
   */
  readonly separator: "-" | "/" | "";
  /** What the service wants around the name; counts towards its length. */
  readonly before?: string;
  readonly after?: string;
  /** Characters a part may hold besides a to z and 0 to 9, as they stand in a pattern's class. */
  readonly extra: string;
  /** What the service keeps for itself at the start of a name. */
  readonly reservedStart?: RegExp;
  /** What the service keeps for itself, or warns of, at the end of a name. */
  readonly reservedEnd?: RegExp;
  /** Where the limits are written down. */
  readonly source: string;
}

const IAM_LIMITS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html";
const AZURE_RULES = "https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/resource-name-rules";
const ELB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference";

/** The kinds of physical names, one entry a cloud's resource that must be named at synth. */
export const nameKinds = {
  awsIamRole: { max: 64, separator: "-", extra: "_+=,.@", source: IAM_LIMITS },
  awsIamPolicy: { max: 128, separator: "-", extra: "_+=,.@", source: IAM_LIMITS },
  awsIamInstanceProfile: { max: 128, separator: "-", extra: "_+=,.@", source: IAM_LIMITS },
  awsIamPath: { max: 512, separator: "/", before: "/", after: "/", extra: "_+=,.@-", source: IAM_LIMITS },
  /** Without dots: a certificate of `*.s3.amazonaws.com` does not hold for a name with dots. */
  awsS3Bucket: {
    min: 3,
    max: 63,
    separator: "-",
    extra: "",
    reservedStart: /^(xn--|sthree-|amzn-s3-demo-)/,
    reservedEnd: /(-s3alias|--ol-s3|--x-s3|--table-s3|-an)$/,
    source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
  },
  awsKmsAlias: {
    max: 256,
    separator: "-",
    before: "alias/",
    extra: "_",
    source: "https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html",
  },
  awsSecurityGroup: {
    max: 255,
    separator: "-",
    extra: "_.",
    reservedStart: /^sg-/,
    source: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html",
  },
  awsLaunchTemplate: {
    min: 3,
    max: 128,
    separator: "-",
    extra: "_.",
    source: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html",
  },
  awsAutoScalingGroup: {
    max: 255,
    separator: "-",
    extra: "_.",
    source: "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html",
  },
  awsLoadBalancer: {
    max: 32,
    separator: "-",
    extra: "",
    reservedStart: /^internal-/,
    source: `${ELB}/API_CreateLoadBalancer.html`,
  },
  awsTargetGroup: { max: 32, separator: "-", extra: "", source: `${ELB}/API_CreateTargetGroup.html` },
  awsAlarm: {
    max: 255,
    separator: "-",
    extra: "_.",
    source: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
  },
  awsSnsTopic: {
    max: 256,
    separator: "-",
    extra: "_",
    source: "https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html",
  },
  awsLogGroup: {
    max: 512,
    separator: "/",
    before: "/",
    extra: "_.#-",
    reservedStart: /^\/aws\//,
    source: "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
  },
  /** A name that ends with a hyphen and six characters is mistaken for the end of another secret's ARN. */
  awsSecret: {
    max: 512,
    separator: "/",
    extra: "_+=.@-",
    reservedEnd: /-.{6}$/,
    source: "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html",
  },

  /** Rules of metrics and of logs, and the groups that they tell. */
  azureAlert: { max: 260, separator: "-", extra: "_.", source: AZURE_RULES },
  azureDataCollection: {
    min: 3,
    max: 44,
    separator: "-",
    extra: "",
    source: "https://learn.microsoft.com/en-us/azure/templates/microsoft.insights/datacollectionendpoints",
  },
  azureDeployment: { max: 64, separator: "-", extra: "_.", source: AZURE_RULES },
  azureDisk: { max: 80, separator: "-", extra: "_", source: AZURE_RULES },
  azureIdentity: { min: 3, max: 128, separator: "-", extra: "_", source: AZURE_RULES },
  azureKeyVault: {
    min: 3,
    max: 24,
    separator: "-",
    extra: "",
    // A vault's name begins with a letter.
    reservedStart: /^[0-9]/,
    source: AZURE_RULES,
  },
  azureLogWorkspace: { min: 4, max: 63, separator: "-", extra: "", source: AZURE_RULES },
  /** Security groups, addresses, balancers, gateways and their policies, hosts of Bastion, flow logs: all are named alike. */
  azureNetworkResource: { max: 80, separator: "-", extra: "_.", source: AZURE_RULES },
  azurePrivateEndpoint: { min: 2, max: 64, separator: "-", extra: "_.", source: AZURE_RULES },
  azureResourceGroup: { max: 90, separator: "-", extra: "_.", source: AZURE_RULES },
  /** The service takes 512 characters; names are read in lists. */
  azureRole: {
    max: 128,
    separator: "-",
    extra: "",
    source: "https://learn.microsoft.com/en-us/azure/role-based-access-control/custom-roles",
  },
  azureStorageAccount: { min: 3, max: 24, separator: "", extra: "", source: AZURE_RULES },
  azureVirtualNetwork: { min: 2, max: 64, separator: "-", extra: "_.", source: AZURE_RULES },

  /** Compute Engine, Cloud DNS and Certificate Manager alike: a label of RFC 1035, which begins with a letter. */
  gcpResource: {
    max: 63,
    separator: "-",
    extra: "",
    reservedStart: /^(\d|goog)/,
    source: "https://cloud.google.com/compute/docs/naming-resources",
  },
  gcpServiceAccount: {
    min: 6,
    max: 30,
    separator: "-",
    extra: "",
    reservedStart: /^\d/,
    source: "https://cloud.google.com/iam/docs/service-accounts-create",
  },
  /** Without dots, which would make it a domain name that must be proved to be one's own. */
  gcpBucket: {
    min: 3,
    max: 63,
    separator: "-",
    extra: "",
    reservedStart: /^goog/,
    source: "https://cloud.google.com/storage/docs/buckets#naming",
  },
  /** Pools of identities and what signs for them. */
  gcpWorkloadIdentity: {
    min: 4,
    max: 32,
    separator: "-",
    extra: "",
    reservedStart: /^gcp-/,
    source: "https://cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools/create",
  },
} as const satisfies Record<string, NameRule>;

export type NameKind = keyof typeof nameKinds;
