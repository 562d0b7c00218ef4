import { type Contract, ContractSchema, type ContractSource } from "../layer/contract";
import { applied } from "../layer/contract-fields";
import type { AccessProps } from "../node/access-props";
import type { Product } from "../node/products";
import type { ExistingInfrastructureContract } from "./existing";

/** What is known of an AWS infrastructure before it is applied. */
export interface AwsInfrastructureStatic {
  readonly cloud: "aws";
  /** Name of the environment. */
  readonly environment: string;
  /** The region's code, `"eu-central-1"`. */
  readonly region: string;
  readonly accountId: string;
  /** The server groups by name, with the products that each runs. */
  readonly serverGroups: Readonly<Record<string, readonly Product[]>>;
  /** The worker groups by name. */
  readonly workerGroups: Readonly<Record<string, WorkerGroupStatic>>;
  /** Consul's and Nomad's datacenter. */
  readonly datacenter: string;
  readonly nomadRegion: string;
  /** Host names of the machine addresses; the ports are the products' own. */
  readonly machine: Readonly<Record<Product, string>>;
  /** Host names for browsers, and what stands below the domain for applications; absent where people have no address. */
  readonly people?: Readonly<Record<Product | "apps", string>>;
  /** Name of the cluster's bucket. */
  readonly clusterBucket: string;
  /** ARN of the role that plans. */
  readonly plannerRoleArn: string;
  /** ARN of the role that applies. */
  readonly deployerRoleArn: string;
  /** Who there is, as first boot was told: what it handed over is made of this, and adopted by the platform from it. */
  readonly access: AwsAccess;
}

/** A group of workers, for the layers above. */
export interface WorkerGroupStatic {
  readonly nodePool: string;
  /** Whether its containers reach the cloud's API. */
  readonly system: boolean;
  /** Whether its nodes mount volumes of CSI plugins. @default false */
  readonly csi?: boolean;
  /** Between how many workers whoever scales it decides. @default - unknown */
  readonly min?: number;
  readonly max?: number;
}

/** What decides who may do what: `access` of the room `node` takes it. */
export type AwsAccess = Pick<
  AccessProps,
  "environment" | "cloud" | "datacenter" | "region" | "insideDomain" | "discovery" | "servers" | "workers"
>;

const awsFields = {
  vpcId: applied.string("Id of the VPC"),
  privateSubnetIds: applied.strings("Ids of the private subnets, one a zone"),
  publicSubnetIds: applied.strings("Ids of the public subnets, one a zone"),
  serverRoleArns: applied.map("ARN of each server group's role"),
  workerRoleArns: applied.map("ARN of each worker group's role"),
  serverAutoScalingGroups: applied.map("Name of each server group's Auto Scaling group"),
  workerAutoScalingGroups: applied.map("Name of each worker group's Auto Scaling group"),
  sealKeyArn: applied.string("ARN of the key that seals Vault"),
  keyringKeyArn: applied.string("ARN of the key that encrypts the keyring of Nomad"),
  dataKeyArn: applied.string("ARN of the key of disks, buckets, secrets and logs"),
  publicCaSecretArn: applied.string("ARN of the secret with the cluster's public CA"),
  bootstrapSecretArn: applied.string("ARN of the secret with the bootstrap tokens of Consul and Nomad"),
  recoveryKeysSecretArn: applied.string("ARN of the secret with the recovery keys of Vault"),
  insideZoneId: applied.string("Id of the private zone of the machine addresses"),
  publicZoneId: applied.string("Id of the domain's public zone, or nothing"),
  workerSecurityGroupId: applied.string("Id of the workers' security group, or nothing"),
  clientSecurityGroupIds: applied.map("Id of the security group of each kind of client of the machine address"),
  volumeIds: applied.map("Id of each volume for jobs"),
  alarmTopicArn: applied.string("ARN of the topic that alarms tell, or nothing"),
};

/** The contract of an infrastructure on AWS. */
export const awsInfrastructureSchema = ContractSchema.of<AwsInfrastructureStatic>()({
  name: "infrastructure",
  version: 1,
  applied: awsFields,
});

export type AwsInfrastructureContract = Contract<AwsInfrastructureStatic, typeof awsFields>;

/** The contract of an infrastructure, told apart by `static.cloud`. */
export type InfrastructureContract = AwsInfrastructureContract | ExistingInfrastructureContract;

export interface RemoteInfrastructureProps extends ContractSource {
  /** What that infrastructure is; compared at every plan with what it says of itself. */
  readonly static: AwsInfrastructureStatic;
}

/**
 * The contract of an infrastructure that another app or repository makes.
 *
 * ```ts
 * const infrastructure = remoteInfrastructure({
 *   stackId: "prod-infrastructure",
 *   state: new S3State({ bucket: "acme-caravan-state", region: "eu-central-1" }),
 *   static: { cloud: "aws", environment: "prod", region: "eu-central-1", ... },
 * });
 * ```
 */
export function remoteInfrastructure(props: RemoteInfrastructureProps): AwsInfrastructureContract {
  return awsInfrastructureSchema.remote(props.static, props);
}
