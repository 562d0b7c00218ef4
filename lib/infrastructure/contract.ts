import { type Contract, ContractSchema, type ContractSource } from "../layer/contract";
import { applied } from "../layer/contract-fields";
import type { AccessProps } from "../node/access-props";
import type { CloudName } from "../node/cloud/clouds";
import type { Product } from "../node/products";
import type { ExistingInfrastructureContract } from "./existing";

/** What is known of an infrastructure that this library made, on whichever cloud, before it is applied. */
export interface CloudInfrastructureStatic {
  readonly cloud: CloudName;
  /** Name of the environment. */
  readonly environment: string;
  /** The region as its cloud writes it: `"eu-central-1"`, `"westeurope"`, `"europe-west1"`. */
  readonly region: string;
  /** Where in the cloud: the account's id on AWS, the subscription's on Azure, the project's on Google Cloud. */
  readonly account: string;
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
  /** The cluster's bucket: its name; on Azure the container's address. */
  readonly clusterBucket: string;
  /** Who plans: ARN of a role on AWS, id of a managed identity on Azure, e-mail address of a service account on Google Cloud. */
  readonly plannerIdentity: string;
  /** Who applies. Written like `plannerIdentity`. */
  readonly deployerIdentity: string;
  /** Who there is, as first boot was told: what it handed over is made of this, and adopted by the platform from it. */
  readonly access: InfrastructureAccess;
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
export type InfrastructureAccess = Pick<
  AccessProps,
  "environment" | "cloud" | "datacenter" | "region" | "insideDomain" | "discovery" | "servers" | "workers"
>;

const fields = {
  networkId: applied.string("Id of the network"),
  privateSubnetIds: applied.strings("Ids of the subnets of nodes"),
  publicSubnetIds: applied.strings("Ids of the subnets of what faces the internet"),
  serverIdentities: applied.map("Identity of each server group, as Vault knows it"),
  workerIdentities: applied.map("Identity of each worker group, as Vault knows it"),
  ciIdentities: applied.map("Identities of planner and deployer, as Vault knows them"),
  serverMachineGroups: applied.map("What the cloud calls the machines of each server group"),
  workerMachineGroups: applied.map("What the cloud calls the machines of each worker group"),
  sealKeyId: applied.string("Id of the key that seals Vault"),
  keyringKeyId: applied.string("Id of the key that encrypts the keyring of Nomad"),
  dataKeyId: applied.string("Id of the key of disks, buckets, secrets and logs"),
  publicCaSecretId: applied.string("Id of the secret with the cluster's public CA"),
  bootstrapSecretId: applied.string("Id of the secret with the bootstrap tokens of Consul and Nomad"),
  recoveryKeysSecretId: applied.string("Id of the secret with the recovery keys of Vault"),
  insideZoneId: applied.string("Id of the private zone of the machine addresses"),
  publicZoneId: applied.string("Id of the domain's public zone, or nothing"),
  workerFirewallIds: applied.strings("What the firewall knows workers by"),
  clientFirewallIds: applied.map(
    "What the firewall knows each kind of client of the machine address by; several with commas between them",
  ),
  volumeIds: applied.map("Id of each volume for jobs"),
  alarmTargetIds: applied.strings("Ids of what alarms tell"),
};

/** The contract of an infrastructure that this library made: the same fields on every cloud. */
export const infrastructureSchema = ContractSchema.of<CloudInfrastructureStatic>()({
  name: "infrastructure",
  version: 1,
  applied: fields,
});

export type CloudInfrastructureContract = Contract<CloudInfrastructureStatic, typeof fields>;

/** The contract of an infrastructure, told apart by `static.cloud`. */
export type InfrastructureContract = CloudInfrastructureContract | ExistingInfrastructureContract;

/** Whether this library made the infrastructure, and not somebody else. */
export function isOnCloud(contract: InfrastructureContract): contract is CloudInfrastructureContract {
  return contract.static.cloud !== "existing";
}

export interface RemoteInfrastructureProps extends ContractSource {
  /** What that infrastructure is; compared at every plan with what it says of itself. */
  readonly static: CloudInfrastructureStatic;
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
export function remoteInfrastructure(props: RemoteInfrastructureProps): CloudInfrastructureContract {
  return infrastructureSchema.remote(props.static, props);
}
