import type { Job } from "../nomad";
import type { HttpPermission } from "../platform";
import type { AllowedCaller, CartVolume, Exposure, Protocol } from "./declarations";
import type { GroupPlace } from "./parts";

/** What a Cart's declarations are read against. */
export interface CartGround {
  readonly namespace: string;
  /** Mount of the key-value store of applications' secrets. */
  readonly kvMount: string;
  /** What services speak where they do not say it. */
  readonly protocol: Protocol;
  /** Names of services that this stack may register, a final `*` for any characters. @default - any */
  readonly services?: readonly string[];
  /** Names of host volumes that its jobs may mount, in the same form. @default - any */
  readonly volumes?: readonly string[];
}

/** A service of a Cart, wherever it was said. */
export interface CartService extends GroupPlace {
  readonly name: string;
  readonly cart: string;
  readonly mesh: boolean;
  /** Whether it listens, or has a name only in order to call. */
  readonly listens: boolean;
  readonly protocol: Protocol;
  readonly allows: readonly AllowedCaller[];
  /** Whether it stands in `provides`, so that this stack writes its entries. */
  readonly declared: boolean;
  /** Where it was said, in the words of the props. */
  readonly at: string;
}

/** A call from one service to another. */
export interface CartCall {
  readonly cart: string;
  readonly job: string;
  /** Name of the calling service. */
  readonly from: string;
  readonly to: string;
  readonly external: boolean;
  readonly http?: readonly HttpPermission[];
  readonly startsWithout: boolean;
  readonly at: string;
}

export interface CartExposure extends Exposure {
  readonly path: string;
  readonly cart: string;
  readonly at: string;
}

export interface CartVolumeOfJob extends CartVolume {
  readonly job: string;
  /** How many of them there are: one an allocation, or undefined for a single one. */
  readonly count?: number;
}

/** What a Cart's declarations come to. */
export interface DerivedCart {
  readonly name: string;
  readonly jobs: readonly Job[];
  readonly services: readonly CartService[];
  readonly calls: readonly CartCall[];
  readonly exposures: readonly CartExposure[];
  readonly volumes: readonly CartVolumeOfJob[];
  /** Names of Carts that come before. */
  readonly after: readonly { readonly cart: string; readonly at: string }[];
  /** Where the Cart stands in the words of the props. */
  readonly at: string;
}
