import type { Construct } from "constructs";
import type { Product } from "../node/products";

/** A product that somebody already runs. */
export interface ExistingServers {
  /**
   * Where it answers, with scheme and port: `"https://vault.example.com:8200"`. Terraform, the other products and CI reach
   * it there. Plain HTTP is for loopback only.
   */
  readonly address: string;
  /**
   * Where browsers reach it.
   *
   * @default - at `address`
   */
  readonly people?: string;
}

/** What is known of servers that no layer of this library made. */
export interface ExistingInfrastructureStatic {
  readonly cloud: "existing";
  /** Name of the environment. */
  readonly environment: string;
  /** Consul's and Nomad's datacenter. @default "dc1" */
  readonly datacenter?: string;
  /** @default "global" */
  readonly nomadRegion?: string;
  readonly vault: ExistingServers;
  /** @default - there is no Consul */
  readonly consul?: ExistingServers;
  /** @default - there is no Nomad */
  readonly nomad?: ExistingServers;
  /**
   * Certificates of the authority that signed the servers' own, in PEM. Products ask each other for keys with it.
   *
   * @default - one that the operating system trusts
   */
  readonly ca?: string;
  /**
   * Below which domain applications get their host names.
   *
   * @default - they get none
   */
  readonly appsDomain?: string;
  /**
   * Worker groups that there are, with the node pool of each.
   *
   * @default - none is known
   */
  readonly workerGroups?: Readonly<
    Record<string, { readonly nodePool: string; readonly system?: boolean; readonly csi?: boolean }>
  >;
}

/** The contract of servers that exist: all of it is known at synth. */
export interface ExistingInfrastructureContract {
  readonly static: ExistingInfrastructureStatic;
  /** Nothing of it is known only after an apply. */
  applied(scope: Construct): Readonly<Record<string, never>>;
}

/**
 * Servers that somebody already runs, for the layers above: three of development mode on a laptop, or a company's own.
 *
 * ```ts
 * const infrastructure = existingInfrastructure({
 *   environment: "dev",
 *   vault: { address: "http://127.0.0.1:8200" },
 *   consul: { address: "http://127.0.0.1:8500" },
 *   nomad: { address: "http://127.0.0.1:4646" },
 * });
 * ```
 */
export function existingInfrastructure(
  props: Omit<ExistingInfrastructureStatic, "cloud">,
): ExistingInfrastructureContract {
  return { static: { cloud: "existing", ...props }, applied: () => ({}) };
}

/** The products that there are. */
export function existingProducts({ consul, nomad }: ExistingInfrastructureStatic): readonly Product[] {
  return ["vault", ...(consul ? (["consul"] as const) : []), ...(nomad ? (["nomad"] as const) : [])];
}
