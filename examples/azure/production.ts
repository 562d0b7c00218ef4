import type { App } from "cdktf";
import { AzureInfrastructureStack, type AzureInfrastructureStackProps, AzureStateStack } from "cdktf-caravan/azure";
import { bootstrapped, environmentOf, github, images, place } from "./account";

export interface ProductionProps {
  /**
   * Groups of workers beside those of this example.
   *
   * @default - none
   */
  readonly workers?: AzureInfrastructureStackProps["workers"];
}

/**
 * To run a company on: three zones, Vault on servers of its own, workers for services, for batches on spot machines and
 * for the platform's own jobs, an internal address for people who come by VPN, alarms, and a volume for a job.
 */
export function production(
  app: App,
  { workers }: ProductionProps = {},
): { readonly state: AzureStateStack; readonly infrastructure: AzureInfrastructureStack } {
  const environment = environmentOf("prod");
  const state = new AzureStateStack(app, "prod-state", {
    environment: bootstrapped(environment),
    ...place,
    github,
    // From where people and CI's own runners come.
    clientRanges: ["203.0.113.0/24"],
  });
  const zones = `/subscriptions/${place.subscriptionId}/resourceGroups/acme-dns/providers/Microsoft.Network/dnsZones`;
  const infrastructure = new AzureInfrastructureStack(app, "prod-infrastructure", {
    environment,
    ...place,
    images,
    network: { cidr: "10.80.0.0/16", otherNetworks: ["10.64.0.0/20"] },
    servers: {
      vault: { runs: ["vault"], instanceType: "Standard_D2s_v5" },
      main: { runs: ["consul", "nomad"], instanceType: "Standard_D4s_v5" },
    },
    workers: {
      general: { min: 3, max: 12, instanceType: "Standard_D4s_v5" },
      batch: {
        min: 0,
        max: 20,
        instanceType: "Standard_D8ps_v5",
        spotPercent: 100,
        labels: { purpose: "batch" },
        diskSize: "200GiB",
      },
      system: { min: 2, system: true },
      ...workers,
    },
    domain: "caravan.example.com",
    dns: { parentZoneId: `${zones}/example.com` },
    // From the network itself and from the company's VPN. For an address that faces the internet add `public: true`: the
    // policy then shows what you chose.
    people: {
      allowedRanges: ["10.80.0.0/16", "172.16.0.0/16"],
      certificate: {
        secretId: "https://acme-certificates.vault.azure.net/secrets/caravan",
        keyVaultId: `/subscriptions/${place.subscriptionId}/resourceGroups/acme/providers/Microsoft.KeyVault/vaults/acme-certificates`,
      },
    },
    clients: ["privateRunner"],
    alarms: { emails: ["platform@example.com"], snapshotAge: "3h" },
    volumes: { "jenkins-home": { size: "50GiB", zone: "1" } },
    transform: { edge: { people: { gateway: (props) => ({ ...props, enableHttp2: true }) } } },
  });
  return { state, infrastructure };
}
