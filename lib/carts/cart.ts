import type { Job, OneOrMore } from "../nomad";
import type { CartException, CartSecret, CartVolume, ConsumedService, Exposure, ProvidedService } from "./declarations";

/** What a Cart is made of. What it says once is said to Nomad, Consul and Vault by the stack that it stands in. */
export interface CartProps {
  /**
   * Typed jobs of Nomad: what runs. Services, upstreams, secrets and volumes that the Cart declares come into them.
   * A service job that does not say how a new version takes over goes back to the last one that worked.
   */
  readonly jobs: OneOrMore<Job>;
  /** Services that the jobs offer, each with how it is seen to work. @default - none */
  readonly provides?: OneOrMore<ProvidedService>;
  /** Services that the jobs call: each gives the upstream, the intention and the order. @default - none */
  readonly consumes?: OneOrMore<ConsumedService>;
  /** Host names below the applications' domain. @default - nobody outside reaches it */
  readonly exposes?: OneOrMore<Exposure>;
  /** Secrets of Vault for its tasks. @default - none */
  readonly secrets?: OneOrMore<CartSecret>;
  /** Data that outlives allocations. @default - none */
  readonly volumes?: OneOrMore<CartVolume>;
  /**
   * Dashboards of Grafana, by name: the JSON model of each. `dashboardsOf(carts)` gives them to the Grafana of the
   * application support, or of the catalogue.
   *
   * @default - none
   */
  readonly dashboards?: Readonly<Record<string, object>>;
  /** Carts of the same stack whose jobs are healthy before these start, beside those that it consumes. @default - none */
  readonly after?: OneOrMore<Cart | string>;
  /** Rules of jobs that a part of it breaks, with the reason. @default - none */
  readonly exceptions?: OneOrMore<CartException>;
  /** How long a new version may take until it is healthy. @default "10m" */
  readonly timeout?: string;
  /** Last changes to its jobs, as they are about to be registered. @default - none */
  readonly transform?: { readonly job?: (job: Job) => Job };
}

/**
 * An application: jobs, with what they provide, consume, expose and keep secret. It is made known to a `CartsStack`, which
 * checks it with its neighbours and makes its resources.
 *
 * One's own is a value, a function that returns one, or a class that extends this.
 *
 * ```ts
 * const web = new Cart("shop-web", {
 *   jobs: {
 *     id: "shop-web",
 *     group: { web: { task: { web: { driver: "docker", config: { image: "registry.example.com/shop-web:1.4.2" } } } } },
 *   },
 *   provides: { name: "shop-web", port: 8080, health: httpCheck("/health") },
 *   exposes: { host: "shop", service: "shop-web" },
 * });
 * ```
 */
export class Cart {
  constructor(
    /** Its name, unique in the stack: lower-case letters, digits and hyphens. */
    readonly name: string,
    readonly props: CartProps,
  ) {}
}

/** The dashboards of all Carts, each by the Cart's name and its own: `{ "shop-web-requests": ... }`. */
export function dashboardsOf(carts: readonly Cart[]): Readonly<Record<string, object>> {
  return Object.fromEntries(
    carts.flatMap(({ name, props }) =>
      Object.entries(props.dashboards ?? {}).map(([dashboard, model]) => [`${name}-${dashboard}`, model]),
    ),
  );
}

/** One, a list, or nothing, as a list. */
export function listOf<T>(value: OneOrMore<T> | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}
