import { Token } from "cdktf";
import { type AwsPartition, awsPartition } from "../../node/cloud/aws-partition";

/** Where an environment lives in AWS. */
export interface AwsPlace {
  /** Name of the environment, `"prod"`; one of its kind in an account, since IAM's names hold for the whole account. */
  readonly environment: string;
  /** The account's id, 12 digits as text. */
  readonly accountId: string;
  /** The region's code, `"eu-central-1"`. */
  readonly region: string;
}

/** A region that only Terraform knows is taken for a commercial one. */
function partitionOf(region: string): AwsPartition {
  return awsPartition(Token.isUnresolved(region) ? "" : region);
}

/** A service's name in a region, as keys know their callers: `logs.eu-central-1.amazonaws.com`. */
export function regionalService(service: string, { region }: AwsPlace): string {
  return `${service}.${region}.${partitionOf(region).dnsSuffix}`;
}

/** The ARN of something in the place's region and account. */
export function regionalArn({ region, accountId }: AwsPlace, service: string, resource: string): string {
  return `arn:${partitionOf(region).name}:${service}:${region}:${accountId}:${resource}`;
}

/** The ARN of something in IAM, which has no region. */
export function iamArn({ region, accountId }: AwsPlace, resource: string): string {
  return `arn:${partitionOf(region).name}:iam::${accountId}:${resource}`;
}

/** The ARN of something that names neither region nor account, such as a zone of Route 53. */
export function globalArn({ region }: AwsPlace, service: string, resource: string): string {
  return `arn:${partitionOf(region).name}:${service}:::${resource}`;
}

/** The ARN of a bucket, or of objects in it: `s3Arn(place, "my-bucket/plans/*")`. */
export function s3Arn(place: AwsPlace, resource: string): string {
  return globalArn(place, "s3", resource);
}

/** The account itself, as a principal: whoever its own IAM policies allow. */
export function accountArn(place: AwsPlace): string {
  return iamArn(place, "root");
}
