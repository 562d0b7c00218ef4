import type { App } from "cdktf";
import { AwsInfrastructureStack, type AwsInfrastructureStackProps, AwsStateStack } from "cdktf-caravan/aws";
import { bootstrapped, environmentOf, github, images, place } from "./account";

export interface ProductionProps {
  /** The account's identity provider for CI, where another environment has made it. */
  readonly oidcProviderArn?: string;
  /**
   * Groups of workers beside those of this example.
   *
   * @default - none
   */
  readonly workers?: AwsInfrastructureStackProps["workers"];
}

/**
 * To run a company on: three zones, Vault on servers of its own, workers for services, for batches on spot machines and
 * for the platform's own jobs, an internal address for people who come by VPN, alarms, and a volume for a job.
 */
export function production(
  app: App,
  { oidcProviderArn, workers }: ProductionProps = {},
): { readonly state: AwsStateStack; readonly infrastructure: AwsInfrastructureStack } {
  const environment = environmentOf("prod");
  const state = new AwsStateStack(app, "prod-state", {
    environment: bootstrapped(environment),
    ...place,
    github,
    oidcProviderArn,
  });
  const infrastructure = new AwsInfrastructureStack(app, "prod-infrastructure", {
    environment,
    ...place,
    images,
    network: { cidr: "10.80.0.0/16", zones: 3, otherNetworks: ["10.64.0.0/20"] },
    servers: {
      vault: { runs: ["vault"], instanceType: "m7i.large" },
      main: { runs: ["consul", "nomad"], instanceType: "m7i.xlarge" },
    },
    workers: {
      general: { min: 3, max: 12, instanceType: ["m7i.xlarge", "m6i.xlarge"] },
      batch: {
        min: 0,
        max: 20,
        instanceType: ["c7g.2xlarge", "c6g.2xlarge", "m7g.2xlarge"],
        spotPercent: 80,
        labels: { purpose: "batch" },
        diskSize: "200GiB",
      },
      system: { min: 2, system: true },
      ...workers,
    },
    domain: "caravan.example.com",
    dns: { parentZoneId: "Z0123456789ABCDEFGHIJ" },
    // From the network itself and from the company's VPN. For an address that faces the internet add `public: true`, and
    // the `webAclArn` of your WAF: the policy then shows what you chose.
    people: { allowedRanges: ["10.80.0.0/16", "172.16.0.0/16"] },
    clients: ["privateRunner"],
    alarms: { snapshotAge: "3h" },
    volumes: { "jenkins-home": { size: "50GiB", zone: "a" } },
    transform: { edge: { people: { loadBalancer: (props) => ({ ...props, enableHttp2: true }) } } },
  });
  return { state, infrastructure };
}
