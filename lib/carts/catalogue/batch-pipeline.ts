import { type BatchJob, type Resources, schedule, type Task } from "../../nomad";
import { Cart } from "../cart";
import type { CartSecret, ConsumedService } from "../declarations";
import { type CatalogueProps, passed, placed } from "./common";

/** One program of a pipeline. */
export interface PipelineStep {
  readonly image: string;
  readonly command?: string;
  readonly args?: readonly string[];
  /** @default - none */
  readonly env?: Readonly<Record<string, string>>;
  /** @default - 500 MHz and 512 MiB */
  readonly resources?: Resources;
}

export interface BatchPipelineProps extends Omit<CatalogueProps, "image" | "resources" | "allows"> {
  /**
   * What is done first, by name, all at once: each must end well. What they write to `${NOMAD_ALLOC_DIR}/data` the work finds
   * there.
   *
   * @default - nothing
   */
  readonly prepare?: Readonly<Record<string, PipelineStep>>;
  /** The work itself. */
  readonly work: PipelineStep;
  /** What is done after it, also after it failed: `${NOMAD_ALLOC_DIR}/data` is still there. @default - nothing */
  readonly finish?: PipelineStep;
  /** When it starts: `"0 3 * * *"`. @default - when somebody dispatches it */
  readonly schedule?: string;
  /** Zone of the tz database. @default "UTC" */
  readonly timeZone?: string;
  /** Facts that a dispatch must give: `NOMAD_META_<key>`. Not with a schedule. @default - none */
  readonly facts?: readonly string[];
  /** How often it is tried anew, each time with twice the wait. @default 3 */
  readonly attempts?: number;
  /** Space that the steps share. @default "1GiB" */
  readonly disk?: string;
  /** Services that the steps call. Then the sidecar runs as long as the work does. @default - none */
  readonly consumes?: readonly ConsumedService[];
  /** Secrets; the task is `work` where none is named. @default - none */
  readonly secrets?: readonly CartSecret[];
}

/** A batch pipeline: preparations, the work, and what is done after it, on one node with a space that they share. */
export class BatchPipeline extends Cart {
  constructor(name: string, props: BatchPipelineProps) {
    const { prepare = {}, work, finish, attempts = 3, disk = "1GiB", consumes = [], secrets = [] } = props;
    const before = Object.entries(prepare).map(([step, one]): [string, Task] => [
      step,
      { ...taskOf(one), lifecycle: { hook: "prestart" } },
    ]);
    const job: BatchJob = {
      id: name,
      type: "batch",
      ...placed(props),
      ...(props.schedule === undefined
        ? { parameterized: props.facts === undefined ? {} : { metaRequired: [...props.facts] } }
        : schedule(props.schedule, props.timeZone === undefined ? {} : { timeZone: props.timeZone })),
      reschedule: {
        attempts,
        interval: "24h",
        delay: "1m",
        delayFunction: "exponential",
        maxDelay: "1h",
        unlimited: false,
      },
      group: {
        pipeline: {
          ephemeralDisk: { size: disk },
          restart: { attempts: 0, mode: "fail" },
          task: {
            ...Object.fromEntries(before),
            work: { ...taskOf(work), leader: true },
            ...(finish === undefined ? {} : { finish: { ...taskOf(finish), lifecycle: { hook: "poststop" } } }),
          },
        },
      },
    };
    super(name, {
      jobs: job,
      ...(consumes.length === 0 ? {} : { provides: { name }, consumes }),
      secrets: secrets.map((secret) => ({ task: "work", ...secret })),
      ...passed(props),
    });
  }
}

function taskOf({ image, command, args, env, resources }: PipelineStep): Task {
  return {
    driver: "docker",
    config: {
      image,
      ...(command === undefined ? {} : { command }),
      ...(args === undefined ? {} : { args }),
    },
    ...(env === undefined ? {} : { env }),
    resources: resources ?? { cpu: 500, memory: "512MiB" },
  };
}
