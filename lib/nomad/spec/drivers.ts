import type { BuiltinDriverConfig } from "./driver-configs";
import type { Free } from "./values";

/** Name of a driver that has no typed options here. */
export type OtherDriver = string & { readonly isOtherDriver: true };

/**
 * Any driver that this library has no types for (`"containerd-driver"`, `"nomad-driver-virt"`), or a typed one whose
 * newest options it does not know yet. Its `config` is passed on as it stands, so write the driver's own words and
 * blocks as lists of objects, as Nomad's own JSON has them.
 */
export function otherDriver(name: string): OtherDriver {
  return name as OtherDriver;
}

/** Options of an `otherDriver`. */
export interface OtherDriverConfig {
  readonly driver: OtherDriver;
  readonly config?: Free;
}

/** The driver of a task and its options. */
export type DriverConfig = BuiltinDriverConfig | OtherDriverConfig;
