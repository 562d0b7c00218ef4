import type { DriverConfig } from "./drivers";
import type { Placement } from "./placement";
import type { Restart, Scaling } from "./policies";
import type { Consul, Identity, Secret, Template, Vault } from "./secrets";
import type { Service } from "./service";
import type { Action, Artifact, DispatchPayload, Ending, Lifecycle, Logs, Resources, Schedule } from "./task-parts";
import type { Flag, Labelled, OneOrMore, TextMap } from "./values";
import type { CsiPlugin, VolumeMount } from "./volume";

/** A task without its driver. */
export interface TaskBase extends Placement, Ending {
  /** @default - 100 MHz and 300 MiB */
  readonly resources?: Resources;
  /** Environment; `${...}` of the node is filled in. */
  readonly env?: TextMap;
  /** Files made from Consul, Vault and Nomad. */
  readonly template?: OneOrMore<Template>;
  /** What is downloaded before the start. */
  readonly artifact?: OneOrMore<Artifact>;
  /** Volumes of the group that it sees. */
  readonly volumeMount?: OneOrMore<VolumeMount>;
  /** Services of this task; those of the mesh belong to the group. */
  readonly service?: OneOrMore<Service>;
  /** Its sign-in to Vault. */
  readonly vault?: Vault;
  /** Its Consul. */
  readonly consul?: Consul;
  /** Secrets for `${secret.<label>.<key>}`, by label. */
  readonly secret?: Labelled<Secret>;
  /** JWTs that it gets. */
  readonly identity?: OneOrMore<Identity>;
  /** When it runs against the others of the group. */
  readonly lifecycle?: Lifecycle;
  /**
   * When it ends, the group's other tasks are stopped.
   * @default false
   */
  readonly leader?: Flag;
  /** @default - the group's */
  readonly restart?: Restart;
  /** @default - 10 files of 10 MiB */
  readonly logs?: Logs;
  /** Facts for the task: `NOMAD_META_<key>`. */
  readonly meta?: TextMap;
  /**
   * The user it runs as.
   * @default - by the driver
   */
  readonly user?: string;
  /** Where the payload of a dispatched job goes. */
  readonly dispatchPayload?: DispatchPayload;
  /** Programs that people may run in it, by name. */
  readonly action?: Labelled<Action>;
  /** Makes it a CSI plugin. */
  readonly csiPlugin?: CsiPlugin;
  /** Kind of a mesh task, as Nomad writes it itself: `"connect-native:web"`. */
  readonly kind?: string;
  /** Nomad Enterprise. */
  readonly schedule?: Schedule;
  /** Vertical scaling. Nomad Enterprise. */
  readonly scaling?: OneOrMore<Scaling>;
}

/** The smallest unit of work: one program, run by a driver. */
export type Task = TaskBase & DriverConfig;
