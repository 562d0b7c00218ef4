/** A part of AWS with accounts, identities and names of its own. */
export interface AwsPartition {
  /** As ARNs name it. */
  readonly name: string;
  /** What the names of its services end with: `s3.eu-central-1.amazonaws.com`. */
  readonly dnsSuffix: string;
}

const COMMERCIAL: AwsPartition = { name: "aws", dnsSuffix: "amazonaws.com" };

/** By the start of the region's code. The SDKs' partitions.json has them all. */
const OTHERS: readonly (readonly [string, AwsPartition])[] = [
  ["cn-", { name: "aws-cn", dnsSuffix: "amazonaws.com.cn" }],
  ["us-gov-", { name: "aws-us-gov", dnsSuffix: "amazonaws.com" }],
  ["eusc-", { name: "aws-eusc", dnsSuffix: "amazonaws.eu" }],
  ["us-isob-", { name: "aws-iso-b", dnsSuffix: "sc2s.sgov.gov" }],
  ["us-isof-", { name: "aws-iso-f", dnsSuffix: "csp.hci.ic.gov" }],
  ["us-iso-", { name: "aws-iso", dnsSuffix: "c2s.ic.gov" }],
  ["eu-isoe-", { name: "aws-iso-e", dnsSuffix: "cloud.adc-e.uk" }],
];

/** The partition of a region. */
export function awsPartition(region: string): AwsPartition {
  return OTHERS.find(([start]) => region.startsWith(start))?.[1] ?? COMMERCIAL;
}
