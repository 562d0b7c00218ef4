import { join } from "node:path";
import { App } from "cdktf";
import { LayerStack, type LocalState } from "../../lib";
import { ApplicationSupportStack, type ApplicationSupportStackProps } from "../../lib/application-support";
import { type Cart, CartsStack } from "../../lib/carts";
import { infrastructureSchema } from "../../lib/infrastructure/contract";
import { type PlatformConsul, PlatformStack, type Team } from "../../lib/platform";
import { appliedOfAws, knownOfAws } from "../platform/aws-contract";
import type { Scope } from "../support/temporary";
import type { Cluster } from "./cluster";

export const appsDomain = "apps.example.com";

/** Drivers and networks are those that there are on the cluster's workers. */
export const teams: readonly Team[] = [
  {
    name: "shop",
    services: ["web", "shop-*"],
    pools: ["general"],
    ci: { github: { repository: "acme/shop" } },
    drivers: ["raw_exec", "mock_driver"],
    networks: ["host"],
  },
  { name: "pay" },
];

/** What a commit may change. */
export interface Commit {
  readonly consul?: PlatformConsul;
  readonly support?: Partial<ApplicationSupportStackProps>;
  readonly shop?: readonly Cart[];
}

/** All layers above the infrastructure, on a contract that is what the cluster is made of; the app's stacks. */
export function synthesized(
  scope: Scope,
  cluster: Cluster,
  { state, issuer }: { readonly state: LocalState; readonly issuer: string },
  { consul = {}, support, shop = [] }: Commit = {},
): string {
  const app = new App({ outdir: scope.directory("synth") });
  const environment = { name: "prod", state };
  const role = (name: string) => `arn:aws:iam::${cluster.cloud.account}:role/${name}`;
  const { "server-main": server = "", "worker-general": worker = "" } = cluster.nodeRoles;
  const people = (name: string) => `${name}.caravan.example.com`;
  const infrastructure = infrastructureSchema.publish(
    new LayerStack(app, "prod-infrastructure", { environment }),
    {
      ...knownOfAws,
      account: cluster.cloud.account,
      workerGroups: { general: { nodePool: "general", system: false, min: 1, max: 3 } },
      people: { vault: people("vault"), consul: people("consul"), nomad: people("nomad"), apps: appsDomain },
      plannerIdentity: role("planner"),
      deployerIdentity: role("deployer"),
      access: cluster.access,
    },
    {
      ...appliedOfAws,
      serverIdentities: { main: server },
      workerIdentities: { general: worker },
      workerMachineGroups: { general: "prod-general" },
      ciIdentities: { planner: role("planner"), deployer: role("deployer") },
    },
  );
  const { contract: platform } = new PlatformStack(app, "prod-platform", {
    environment,
    infrastructure,
    teams,
    ci: { issuers: { github: issuer } },
    consul,
  });
  const { contract } = new ApplicationSupportStack(app, "prod-support", {
    environment,
    infrastructure,
    platform,
    nodePool: "general",
    ...support,
  });
  new CartsStack(app, "prod-shop", {
    environment,
    platform,
    support: contract,
    carts: shop,
    team: "shop",
    deletionProtection: false,
  });
  app.synth();
  return join(app.outdir, "stacks");
}
