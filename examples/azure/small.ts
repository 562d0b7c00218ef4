import type { App } from "cdktf";
import { AzureInfrastructureStack, AzureStateStack } from "cdktf-caravan/azure";
import { bootstrapped, environmentOf, github, images, place } from "./account";

/**
 * To try out and to develop on: one server that runs all three products, one spot worker, one zone, nothing that faces
 * people.
 */
export function small(app: App): {
  readonly state: AzureStateStack;
  readonly infrastructure: AzureInfrastructureStack;
} {
  const environment = environmentOf("dev");
  const state = new AzureStateStack(app, "dev-state", {
    environment: bootstrapped(environment),
    ...place,
    github,
    clientRanges: "any",
  });
  const infrastructure = new AzureInfrastructureStack(app, "dev-infrastructure", {
    environment,
    ...place,
    images,
    network: { cidr: "10.64.0.0/20", zones: ["1"], gatewaySubnet: false },
    servers: {
      main: {
        count: 1,
        runs: ["vault", "consul", "nomad"],
        instanceType: "Standard_D2ps_v5",
        diskSize: "30GiB",
        dataDiskSize: "10GiB",
      },
    },
    workers: {
      general: { min: 1, max: 3, instanceType: "Standard_D2ps_v5", spotPercent: 100, diskSize: "30GiB" },
    },
    // Alarms would wake nobody.
    alarms: false,
  });
  return { state, infrastructure };
}
