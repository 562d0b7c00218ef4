import type { App } from "cdktf";
import { AwsInfrastructureStack, AwsStateStack } from "cdktf-caravan/aws";
import { bootstrapped, environmentOf, github, images, place } from "./account";

/**
 * To try out and to develop on: one server that runs all three products, one spot worker, one zone, nothing that faces
 * people but their tunnels. The README counts what it costs.
 */
export function small(app: App): { readonly state: AwsStateStack; readonly infrastructure: AwsInfrastructureStack } {
  const environment = environmentOf("dev");
  const state = new AwsStateStack(app, "dev-state", { environment: bootstrapped(environment), ...place, github });
  const infrastructure = new AwsInfrastructureStack(app, "dev-infrastructure", {
    environment,
    ...place,
    images,
    network: { cidr: "10.64.0.0/20", zones: 1 },
    servers: {
      main: {
        count: 1,
        runs: ["vault", "consul", "nomad"],
        instanceType: "t4g.medium",
        diskSize: "20GiB",
        dataDiskSize: "10GiB",
      },
    },
    workers: {
      general: { min: 1, max: 3, instanceType: ["t4g.medium", "t4g.large"], spotPercent: 100, diskSize: "30GiB" },
    },
    // Alarms would wake nobody, and what S3 counts for them costs more than the bucket.
    alarms: false,
  });
  return { state, infrastructure };
}
