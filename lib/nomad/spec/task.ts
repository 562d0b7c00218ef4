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
  /**
   * What it may use.
   * @default - 100 MHz and 300 MiB
   */
  readonly resources?: Resources;
  /**
   * Environment; `${...}` of the node is filled in.
   * @default - none
   */
  readonly env?: TextMap;
  /**
   * Files made from Consul, Vault and Nomad.
   * @default - none
   */
  readonly template?: OneOrMore<Template>;
  /**
   * What is downloaded before the start.
   * @default - none
   */
  readonly artifact?: OneOrMore<Artifact>;
  /**
   * Volumes of the group that it sees.
   * @default - none
   */
  readonly volumeMount?: OneOrMore<VolumeMount>;
  /**
   * Services of this task; those of the mesh belong to the group.
   * @default - none
   */
  readonly service?: OneOrMore<Service>;
  /**
   * Its sign-in to Vault.
   * @default - it does not sign in
   */
  readonly vault?: Vault;
  /**
   * Its Consul.
   * @default - the group's
   */
  readonly consul?: Consul;
  /**
   * Secrets for `${secret.<label>.<key>}`, by label.
   * @default - none
   */
  readonly secret?: Labelled<Secret>;
  /**
   * JWTs that it gets.
   * @default - the default one, which it does not see
   */
  readonly identity?: OneOrMore<Identity>;
  /**
   * When it runs against the others of the group.
   * @default - a main task
   */
  readonly lifecycle?: Lifecycle;
  /**
   * When it ends, the group's other tasks are stopped.
   * @default false
   */
  readonly leader?: Flag;
  /**
   * Restarts on the same node.
   * @default - the group's
   */
  readonly restart?: Restart;
  /**
   * The files that hold its output.
   * @default - 10 files of 10 MiB
   */
  readonly logs?: Logs;
  /**
   * Facts for the task: `NOMAD_META_<key>`.
   * @default - none
   */
  readonly meta?: TextMap;
  /**
   * The user it runs as.
   * @default - by the driver
   */
  readonly user?: string;
  /**
   * Where the payload of a dispatched job goes.
   * @default - nowhere
   */
  readonly dispatchPayload?: DispatchPayload;
  /**
   * Programs that people may run in it, by name.
   * @default - none
   */
  readonly action?: Labelled<Action>;
  /**
   * Makes it a CSI plugin.
   * @default - none
   */
  readonly csiPlugin?: CsiPlugin;
  /**
   * Kind of a mesh task, as Nomad writes it itself: `"connect-native:web"`.
   * @default - none
   */
  readonly kind?: string;
  /**
   * Nomad Enterprise.
   * @default - it runs always
   */
  readonly schedule?: Schedule;
  /**
   * Vertical scaling. Nomad Enterprise.
   * @default - none
   */
  readonly scaling?: OneOrMore<Scaling>;
}

/** The smallest unit of work: one program, run by a driver. */
export type Task = TaskBase & DriverConfig;
