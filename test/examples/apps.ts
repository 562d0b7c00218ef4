import type { App } from "cdktf";
import { MinimalServices } from "cdktf-caravan/carts";
import { production } from "../../examples/aws/production";
import { small } from "../../examples/aws/small";
import { servers } from "../../examples/aws-parts/servers";
import { privateEnvironment } from "../../examples/aws-private/environment";
import { laptop } from "../../examples/existing/laptop";
import { production as productionOnGcp } from "../../examples/gcp/production";
import { small as smallOnGcp } from "../../examples/gcp/small";
import { awsEnvironment } from "../../stacks/aws";

/** What fills the app of each example, and of the stacks. */
export const apps: Readonly<Record<string, (app: App) => void>> = {
  aws(app) {
    const { oidcProviderArn } = small(app).state;
    production(app, { oidcProviderArn });
  },
  "aws-parts": servers,
  "aws-private": privateEnvironment,
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
      platform: {
        teams: [{ name: "shop", hosts: ["shop"] }],
        carts: [new MinimalServices("hello", { expose: "hello", nodePool: "general" })],
      },
    }),
};
