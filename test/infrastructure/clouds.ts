import { AwsInfrastructureStack, type AwsInfrastructureStackProps } from "cdktf-caravan/aws";
import { AzureInfrastructureStack, type AzureInfrastructureStackProps } from "cdktf-caravan/azure";
import { GcpInfrastructureStack, type GcpInfrastructureStackProps } from "cdktf-caravan/gcp";
import { Template } from "cdktf-caravan/testing";
import * as azure from "../../examples/azure/account";
import * as gcp from "../../examples/gcp/account";
import { LocalState } from "../../lib";
import type { CloudInfrastructureContract } from "../../lib/infrastructure/contract";
import type { ClusterSettings, ServerGroup, WorkerGroup } from "../../lib/infrastructure/props";
import type { CloudName } from "../../lib/node/cloud/clouds";
import { testApp } from "../support/synth";

/** What an environment is told alike on every cloud. */
export interface CommonProps extends ClusterSettings {
  readonly servers?: Readonly<Record<string, ServerGroup>>;
  readonly workers?: Readonly<Record<string, WorkerGroup>>;
}

/** An infrastructure of one cloud. */
export interface OnCloud {
  readonly contract: CloudInfrastructureContract;
  readonly template: Template;
}

const environment = { name: "prod", state: new LocalState(), tags: { "cost-center": "platform" } };
const emails = ["platform@example.com"];
const keyVaultId = `/subscriptions/${azure.place.subscriptionId}/resourceGroups/acme/providers/Microsoft.KeyVault/vaults/acme`;

const make = {
  aws: (props: Partial<AwsInfrastructureStackProps>) =>
    new AwsInfrastructureStack(testApp(), "prod-infrastructure", {
      environment,
      accountId: "123456789012",
      region: "eu-central-1",
      images: { x86_64: "ami-0123456789abcdef0" },
      ...props,
    }),
  azure: (props: Partial<AzureInfrastructureStackProps>) =>
    new AzureInfrastructureStack(testApp(), "prod-infrastructure", {
      environment,
      ...azure.place,
      images: azure.images,
      ...props,
    }),
  gcp: (props: Partial<GcpInfrastructureStackProps>) =>
    new GcpInfrastructureStack(testApp(), "prod-infrastructure", {
      environment,
      ...gcp.place,
      images: gcp.images,
      ...props,
    }),
};

/** All that a contract may tell, in each cloud's words. */
const whole = {
  aws: {
    dns: { delegated: true },
    clients: ["privateRunner"],
    volumes: { data: { size: "20GiB", zone: "a" } },
  },
  azure: {
    people: { certificate: { secretId: "https://acme.vault.azure.net/secrets/caravan", keyVaultId } },
    clients: ["privateRunner"],
    alarms: { emails },
    volumes: { data: { size: "20GiB", zone: "1" } },
  },
  gcp: {
    dns: { delegated: true },
    clients: { privateRunner: ["runners@acme-ci.iam.gserviceaccount.com"] },
    alarms: { emails },
    volumes: { data: { size: "20GiB", zone: "b" } },
  },
} as const satisfies { readonly [C in CloudName]: Parameters<(typeof make)[C]>[0] };

export const cloudNames: readonly CloudName[] = ["aws", "azure", "gcp"];

function read(stack: AwsInfrastructureStack | AzureInfrastructureStack | GcpInfrastructureStack): OnCloud {
  return { contract: stack.contract, template: Template.of(stack) };
}

/** An infrastructure of one cloud, from props that all know. */
export function onCloud(cloud: CloudName, props: CommonProps = {}): OnCloud {
  return read(make[cloud](props));
}

/** An infrastructure of one cloud with all that a contract may tell. */
export function wholeOn(cloud: CloudName): OnCloud {
  const common = { domain: "caravan.example.com", workers: { general: { min: 2, max: 6 } } };
  const makers: Readonly<Record<CloudName, () => OnCloud>> = {
    aws: () => read(make.aws({ ...common, ...whole.aws })),
    azure: () => read(make.azure({ ...common, ...whole.azure })),
    gcp: () => read(make.gcp({ ...common, ...whole.gcp })),
  };
  return makers[cloud]();
}
