import { type Contract, ContractSchema, type ContractSource } from "../layer/contract";
import { applied } from "../layer/contract-fields";
import type { Product } from "../node/products";
import type { ServerAddress } from "./servers";

/** What a team may call its own, for the layers above. */
export interface TeamStatic {
  /** Its namespace in Nomad. */
  readonly namespace: string;
  /** Names of services that its jobs may register; a final `*` stands for any characters. */
  readonly services: readonly string[];
  /** Host names below the applications' domain. */
  readonly hosts: readonly string[];
  /** The service to which the gateway sends the requests of each host: `{ shop: "host-shop" }`. */
  readonly entrances: Readonly<Record<string, string>>;
  /** Where its jobs' secrets stand, below the mount: `shop/<job>/...`. */
  readonly secretsPath: string;
}

/** What is known of a platform before it is applied. */
export interface PlatformStatic {
  readonly environment: string;
  readonly products: readonly Product[];
  readonly addresses: Partial<Readonly<Record<Product, ServerAddress>>>;
  readonly datacenter: string;
  readonly nomadRegion: string;
  /** What stands below it is for applications; absent where people have no address. */
  readonly appsDomain?: string;
  /** Mount of the key-value store, version 2, of applications. */
  readonly kvMount: string;
  /** How jobs sign in: mount, default role and the claim that tells them apart in Vault; method in Consul. */
  readonly workloads: {
    readonly vaultMount: string;
    readonly vaultRole: string;
    readonly vaultClaim: "unique-id" | "job-id";
    readonly consulMethod: string;
  };
  /** Every namespace in which jobs are somebody. */
  readonly namespaces: readonly string[];
  readonly nodePools: readonly string[];
  readonly teams: Readonly<Record<string, TeamStatic>>;
  /** What services speak where they do not say it; absent without Consul. */
  readonly meshProtocol?: string;
}

const fields = {
  workloadsAccessor: applied.string("Accessor of the workloads' auth method in Vault, or nothing"),
};

/** The contract of a platform. */
export const platformSchema = ContractSchema.of<PlatformStatic>()({ name: "platform", version: 1, applied: fields });

export type PlatformContract = Contract<PlatformStatic, typeof fields>;

export interface RemotePlatformProps extends ContractSource {
  /** What that platform is; compared at every plan with what it says of itself. */
  readonly static: PlatformStatic;
}

/** The contract of a platform that another app or repository makes. */
export function remotePlatform(props: RemotePlatformProps): PlatformContract {
  return platformSchema.remote(props.static, props);
}
