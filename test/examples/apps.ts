import type { App } from "cdktf";
import { MinimalServices } from "cdktf-caravan/carts";
import { production } from "../../examples/aws/production";
import { small } from "../../examples/aws/small";
import { servers } from "../../examples/aws-parts/servers";
import { privateEnvironment } from "../../examples/aws-private/environment";
import { images as azureImages, place as azurePlace } from "../../examples/azure/account";
import { production as productionOnAzure } from "../../examples/azure/production";
import { small as smallOnAzure } from "../../examples/azure/small";
import { laptop } from "../../examples/existing/laptop";
import { images as gcpImages, place as gcpPlace } from "../../examples/gcp/account";
import { production as productionOnGcp } from "../../examples/gcp/production";
import { small as smallOnGcp } from "../../examples/gcp/small";
import { awsEnvironment } from "../../stacks/aws";
import { azureEnvironment } from "../../stacks/azure";
import { gcpEnvironment } from "../../stacks/gcp";

const layers = {
  teams: [{ name: "shop", hosts: ["shop"] }],
  carts: [new MinimalServices("hello", { expose: "hello", nodePool: "general" })],
};

/** What fills the app of each example, and of the stacks. */
export const apps: Readonly<Record<string, (app: App) => void>> = {
  aws(app) {
    const { oidcProviderArn } = small(app).state;
    production(app, { oidcProviderArn });
  },
  "aws-parts": servers,
  "aws-private": privateEnvironment,
  azure(app) {
    smallOnAzure(app);
    productionOnAzure(app);
  },
  existing: laptop,
  gcp(app) {
    smallOnGcp(app);
    productionOnGcp(app);
  },
  stacks: (app) =>
    awsEnvironment(app, {
      name: "prod",
      accountId: "123456789012",
      region: "eu-central-1",
      images: { x86_64: "ami-0123456789abcdef0" },
      repository: "acme/platform",
      domain: "caravan.example.com",
      delegated: true,
      platform: layers,
    }),
  "stacks-azure": (app) =>
    azureEnvironment(app, {
      name: "prod",
      ...azurePlace,
      images: azureImages,
      repository: "acme/platform",
      clientRanges: ["203.0.113.0/24"],
      people: {
        domain: "caravan.example.com",
        certificate: {
          secretId: "https://acme-certificates.vault.azure.net/secrets/caravan",
          keyVaultId: `/subscriptions/${azurePlace.subscriptionId}/resourceGroups/acme/providers/Microsoft.KeyVault/vaults/acme`,
        },
      },
      platform: layers,
    }),
  "stacks-gcp": (app) =>
    gcpEnvironment(app, {
      name: "prod",
      ...gcpPlace,
      images: gcpImages,
      repository: "acme/platform",
      domain: "caravan.example.com",
      delegated: true,
      platform: layers,
    }),
};
