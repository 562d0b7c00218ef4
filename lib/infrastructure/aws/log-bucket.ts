import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { integer } from "../../core/rules";
import { balancerLogStatement, bucketLogStatement } from "./bucket-policy";
import { clusterBucketName, logBucketName } from "./names";
import type { AwsPlace } from "./place";
import { checkPlace } from "./place-check";
import { AwsPrivateBucket, type AwsPrivateBucketTransform } from "./private-bucket";

export interface AwsLogBucketProps extends AwsPlace {
  /**
   * How many days a log is kept, 1 to 3650.
   *
   * @default 365
   */
  readonly keepLogsDays?: number;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: AwsPrivateBucketTransform;
}

const CLUSTER_PREFIX = "cluster/";
const PEOPLE_PREFIX = "people";

/**
 * The bucket that keeps who called what: access logs of the cluster's bucket and of the people's load balancer. Both
 * services write with S3's own key only.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsLogBucket extends Construct {
  /** For the cluster's bucket. */
  readonly clusterLog: { readonly bucketName: string; readonly prefix: string };
  /** For the people's load balancer. */
  readonly peopleLog: { readonly bucketName: string; readonly prefix: string };

  constructor(scope: Construct, id: string, props: AwsLogBucketProps) {
    const check = new PropsCheck("AwsLogBucket", scope, id);
    checkPlace(check, props);
    check.optional("keepLogsDays", props.keepLogsDays, integer(1, 3650, "days"));
    check.done();
    super(scope, id);
    const { bucketName } = new AwsPrivateBucket(this, "Default", {
      bucketName: logBucketName(props),
      lifecycleRules: [
        {
          id: "old-logs",
          status: "Enabled",
          filter: [{ prefix: "" }],
          expiration: [{ days: props.keepLogsDays ?? 365 }],
          noncurrentVersionExpiration: [{ noncurrentDays: 1 }],
        },
      ],
      statements: (logBucketArn) => [
        bucketLogStatement(props, clusterBucketName(props), { logBucketArn, prefix: CLUSTER_PREFIX }),
        balancerLogStatement(props, { logBucketArn, prefix: PEOPLE_PREFIX }),
      ],
      transform: props.transform,
    });
    this.clusterLog = { bucketName, prefix: CLUSTER_PREFIX };
    this.peopleLog = { bucketName, prefix: PEOPLE_PREFIX };
  }
}
