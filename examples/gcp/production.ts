import type { App } from "cdktf";
import { GcpInfrastructureStack, type GcpInfrastructureStackProps, GcpStateStack } from "cdktf-caravan/gcp";
import { bootstrapped, environmentOf, github, images, place } from "./account";

export interface ProductionProps {
  /**
   * Groups of workers beside those of this example.
   *
   * @default - none
   */
  readonly workers?: GcpInfrastructureStackProps["workers"];
}

/**
 * To run a company on: three zones, Vault on servers of its own, workers for services, for batches on spot machines and
 * for the platform's own jobs, an internal address for people who come by VPN, alarms, and a volume for a job.
 */
export function production(
  app: App,
  { workers }: ProductionProps = {},
): { readonly state: GcpStateStack; readonly infrastructure: GcpInfrastructureStack } {
  const environment = environmentOf("prod");
  const state = new GcpStateStack(app, "prod-state", { environment: bootstrapped(environment), ...place, github });
  const infrastructure = new GcpInfrastructureStack(app, "prod-infrastructure", {
    environment,
    ...place,
    images,
    network: { cidr: "10.80.0.0/16", zones: 3, otherNetworks: ["10.64.0.0/20"] },
    servers: {
      vault: { runs: ["vault"], instanceType: "n2-standard-2" },
      main: { runs: ["consul", "nomad"], instanceType: "n2-standard-4" },
    },
    workers: {
      general: { min: 3, max: 12, instanceType: ["n2-standard-4", "n2d-standard-4"] },
      batch: {
        min: 0,
        max: 20,
        instanceType: ["t2a-standard-8"],
        spotPercent: 100,
        nodePool: "batch",
        labels: { purpose: "batch" },
        diskSize: "200GiB",
      },
      system: { min: 2, system: true },
      ...workers,
    },
    domain: "caravan.example.com",
    dns: { parentZoneId: "example-com" },
    // From the network itself and from what is joined to it, such as the company's VPN. For an address that faces the internet
    // write `people: { public: true, allowedRanges: [...] }`: the policy then shows what you chose.
    alarms: { emails: ["platform@example.com"], snapshotAge: "3h" },
    volumes: { "jenkins-home": { size: "50GiB", zone: ["b", "c"] } },
    transform: { edge: { machine: { address: (props) => ({ ...props, description: "Machine address" }) } } },
  });
  return { state, infrastructure };
}
