import type { DockerConfig, PodmanConfig } from "./driver-containers";
import type { Exec2Config, ExecConfig, JavaConfig, QemuConfig, RawExecConfig } from "./driver-programs";
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
  /** The driver, by `otherDriver`. */
  readonly driver: OtherDriver;
  /**
   * Its options, in its own words.
   * @default - none
   */
  readonly config?: Free;
}

/** Drivers with typed options; the words are the drivers' own, written as TypeScript writes them. */
export type BuiltinDriverConfig =
  | { readonly driver: "docker"; readonly config: DockerConfig }
  | { readonly driver: "podman"; readonly config: PodmanConfig }
  | { readonly driver: "exec"; readonly config: ExecConfig }
  | { readonly driver: "exec2"; readonly config: Exec2Config }
  | { readonly driver: "raw_exec"; readonly config: RawExecConfig }
  | { readonly driver: "java"; readonly config: JavaConfig }
  | { readonly driver: "qemu"; readonly config: QemuConfig };

/** The driver of a task and its options. */
export type DriverConfig = BuiltinDriverConfig | OtherDriverConfig;
