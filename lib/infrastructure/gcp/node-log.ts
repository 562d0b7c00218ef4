import {
  LoggingProjectBucketConfig,
  type LoggingProjectBucketConfigConfig,
} from "@cdktf/provider-google/lib/logging-project-bucket-config";
import { LoggingProjectSink, type LoggingProjectSinkConfig } from "@cdktf/provider-google/lib/logging-project-sink";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { integer } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";
import { resourceName } from "./names";
import type { GcpPlace } from "./place";
import { checkPlace } from "./place-check";
import { cryptoKeyName } from "./rules";

export interface GcpNodeLogProps extends GcpPlace {
  /** Full name of the key that encrypts it: the environment's data key. */
  readonly kmsKeyName: string;
  /**
   * How many days it is kept, 30 to 3650.
   *
   * @default 365
   */
  readonly keepLogsDays?: number;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly logBucket?: Transform<LoggingProjectBucketConfigConfig>;
    readonly sink?: Transform<LoggingProjectSinkConfig>;
  };
}

/**
 * What first boot, snapshots and leaving say on the nodes, also when a boot fails and nothing else of the node can be reached: a
 * log of Cloud Logging, with a label for each machine, in a log bucket of the environment's region. Every node's account may
 * write into it, none reads; Google has no condition by which it could write into this log alone.
 *
 * The project's own `_Default` bucket keeps the lines too, for its 30 days, as it does of everything.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpNodeLog extends Construct {
  /** As nodes are told it: `projects/<project>/logs/<name>`. */
  readonly logName: string;

  constructor(scope: Construct, id: string, props: GcpNodeLogProps) {
    const check = new PropsCheck("GcpNodeLog", scope, id);
    checkPlace(check, props);
    check.required("kmsKeyName", props.kmsKeyName, cryptoKeyName);
    check.optional("keepLogsDays", props.keepLogsDays, integer(30, 3650, "days"));
    check.done();
    super(scope, id);
    const { project, region, environment, transform } = props;
    const name = resourceName(environment, "nodes");
    this.logName = `projects/${project}/logs/${name}`;
    const bucket = new LoggingProjectBucketConfig(
      this,
      "Default",
      transformed(transform?.logBucket, {
        project,
        location: region,
        bucketId: name,
        description: `What nodes of the environment ${environment} say of first boot, snapshots and leaving`,
        retentionDays: props.keepLogsDays ?? 365,
        cmekSettings: { kmsKeyName: props.kmsKeyName },
      }),
    );
    // To a log bucket of its own project a sink needs no account.
    new LoggingProjectSink(
      this,
      "sink",
      transformed(transform?.sink, {
        project,
        name,
        destination: `logging.googleapis.com/${bucket.id}`,
        filter: `logName="${this.logName}"`,
      }),
    );
  }
}
