import type { App } from "cdktf";
import { GcpInfrastructureStack, GcpStateStack } from "cdktf-caravan/gcp";
import { bootstrapped, environmentOf, github, images, place } from "./account";

/**
 * To try out and to develop on: one server that runs all three products, one spot worker, one zone, nothing that faces
 * people but their tunnels.
 */
export function small(app: App): { readonly state: GcpStateStack; readonly infrastructure: GcpInfrastructureStack } {
  const environment = environmentOf("dev");
  const state = new GcpStateStack(app, "dev-state", { environment: bootstrapped(environment), ...place, github });
  const infrastructure = new GcpInfrastructureStack(app, "dev-infrastructure", {
    environment,
    ...place,
    images,
    network: { cidr: "10.64.0.0/20", zones: 1, natAddresses: 1 },
    servers: {
      main: {
        count: 1,
        runs: ["vault", "consul", "nomad"],
        instanceType: "e2-medium",
        diskSize: "20GiB",
        dataDiskSize: "10GiB",
      },
    },
    workers: {
      general: { min: 1, max: 3, instanceType: "e2-medium", spotPercent: 100, diskSize: "30GiB" },
    },
    // Alarms would wake nobody.
    alarms: false,
  });
  return { state, infrastructure };
}
