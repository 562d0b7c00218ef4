import type { Network } from "./network";
import type { Placement, Spread } from "./placement";
import type { Disconnect, Migrate, Reschedule, Restart, Scaling, Update } from "./policies";
import type { Consul } from "./secrets";
import type { Service } from "./service";
import type { Task } from "./task";
import type { EphemeralDisk } from "./task-parts";
import type { Duration, Flag, Labelled, OneOrMore, TextMap } from "./values";
import type { Volume } from "./volume";

/** Tasks that always run together on one node; `count` of them are one group's allocations. */
export interface Group extends Placement {
  /** The tasks, by name. */
  readonly task: Labelled<Task>;
  /**
   * How many allocations. At most 1 in a system job.
   * @default 1, or the least of `scaling`
   */
  readonly count?: number;
  /**
   * Its network and ports.
   * @default - the node's network, no ports
   */
  readonly network?: Network;
  /**
   * What others find by name.
   * @default - none
   */
  readonly service?: OneOrMore<Service>;
  /**
   * Volumes that its tasks may mount, by label.
   * @default - none
   */
  readonly volume?: Labelled<Volume>;
  /**
   * Even or given shares over an attribute. Not for system jobs.
   * @default - the job's
   */
  readonly spread?: OneOrMore<Spread>;
  /**
   * Restarts on the same node.
   * @default - two restarts in 30 minutes; three in a day for batch work
   */
  readonly restart?: Restart;
  /**
   * Moves to another node.
   * @default - the job's
   */
  readonly reschedule?: Reschedule;
  /**
   * How a new version takes over.
   * @default - the job's
   */
  readonly update?: Update;
  /**
   * How it leaves a drained node.
   * @default - the job's
   */
  readonly migrate?: Migrate;
  /**
   * What a lost connection to its node means.
   * @default - lost at once, and replaced
   */
  readonly disconnect?: Disconnect;
  /**
   * Bounds of the count.
   * @default - not scaled by others
   */
  readonly scaling?: Scaling;
  /**
   * The space that its tasks share.
   * @default - 300 MiB
   */
  readonly ephemeralDisk?: EphemeralDisk;
  /**
   * Facts for all its tasks: `NOMAD_META_<key>`.
   * @default - none
   */
  readonly meta?: TextMap;
  /**
   * Its Consul.
   * @default - the default cluster
   */
  readonly consul?: Consul;
  /**
   * The wait after deregistering its services, before tasks are signalled.
   * @default "0s"
   */
  readonly shutdownDelay?: Duration;
  /** @deprecated Nomad 1.11 does not store it: a later one ends what runs longer. */
  readonly maxRunDuration?: Duration;
  /** @deprecated Nomad dropped it: `disconnect.lostAfter` */
  readonly maxClientDisconnect?: Duration;
  /** @deprecated Nomad dropped it: `disconnect.stopOnClientAfter` */
  readonly stopAfterClientDisconnect?: Duration;
  /** @deprecated Nomad dropped it: `disconnect.replace: false` */
  readonly preventRescheduleOnLost?: Flag;
}
