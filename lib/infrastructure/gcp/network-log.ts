import {
  LoggingProjectBucketConfig,
  type LoggingProjectBucketConfigConfig,
} from "@cdktf/provider-google/lib/logging-project-bucket-config";
import { LoggingProjectSink, type LoggingProjectSinkConfig } from "@cdktf/provider-google/lib/logging-project-sink";
import { Construct } from "constructs";
import { hcl } from "../../core/hcl";
import { type Transform, transformed } from "../../layer/transform";
import { resourceName } from "./names";
import type { GcpPlace } from "./place";

export interface GcpTrafficLogTransform {
  readonly logBucket?: Transform<LoggingProjectBucketConfigConfig>;
  readonly logSink?: Transform<LoggingProjectSinkConfig>;
}

export interface GcpTrafficLogProps extends GcpPlace {
  /** Short name of the network. */
  readonly networkName: string;
  /** Short name of the subnet of nodes. */
  readonly subnetName: string;
  /** Short name of Cloud NAT, where there is one. */
  readonly natName?: string;
  /** Full name of the key that encrypts it. */
  readonly kmsKeyName: string;
  readonly retentionDays: number;
  readonly transform?: GcpTrafficLogTransform;
}

/**
 * Who talked to whom in a network, in a log bucket of the environment's region: flows (CIS GCP v5.0 3.10, Trivy GCP-0029), what
 * the firewall denied, what Cloud NAT could not send, names asked for.
 *
 * The project's own `_Default` bucket keeps the lines too, for its 30 days, as it does of everything.
 */
export class GcpTrafficLog extends Construct {
  constructor(scope: Construct, id: string, props: GcpTrafficLogProps) {
    super(scope, id);
    const { environment, project, region, transform } = props;
    const name = resourceName(environment, "network");
    const bucket = new LoggingProjectBucketConfig(
      this,
      "Default",
      transformed(transform?.logBucket, {
        project,
        location: region,
        bucketId: name,
        description: `Who talked to whom in the network of the environment ${environment}`,
        retentionDays: props.retentionDays,
        cmekSettings: { kmsKeyName: props.kmsKeyName },
      }),
    );
    // To a log bucket of its own project a sink needs no account.
    new LoggingProjectSink(
      this,
      "sink",
      transformed(transform?.logSink, {
        project,
        name,
        destination: `logging.googleapis.com/${bucket.id}`,
        filter: filterOf(props),
      }),
    );
  }
}

/** https://cloud.google.com/logging/docs/view/logging-query-language, a clause for each log of the network. */
function filterOf({ region, networkName, subnetName, natName }: GcpTrafficLogProps): string {
  const log = (name: string) => `log_id("compute.googleapis.com/${name}")`;
  // The location of a line is a zone.
  const ofSubnet = `resource.labels.subnetwork_name="${subnetName}" AND resource.labels.location:"${region}"`;
  const clauses = [
    `${log("vpc_flows")} AND ${ofSubnet}`,
    `${log("firewall")} AND ${ofSubnet}`,
    `log_id("dns.googleapis.com/dns_queries") AND jsonPayload.sourceNetwork="${networkName}"`,
  ];
  if (natName !== undefined) clauses.push(`${log("nat_flows")} AND resource.labels.gateway_name="${natName}"`);
  return hcl.text(clauses.map((clause) => `(${clause})`).join(" OR "));
}
