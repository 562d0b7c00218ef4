import type { App } from "cdktf";
import { existingInfrastructure, LayerStack, LocalState } from "../../lib";
import { ApplicationSupportStack, type ApplicationSupportStackProps } from "../../lib/application-support";
import { PlatformStack, type PlatformStackProps } from "../../lib/platform";
import { testApp } from "../support/synth";

export const environment = { name: "dev", state: new LocalState() };

export const infrastructure = existingInfrastructure({
  environment: "dev",
  vault: { address: "https://vault.example.com:8200" },
  consul: { address: "https://consul.example.com:8501" },
  nomad: { address: "https://nomad.example.com:4646" },
  appsDomain: "apps.example.com",
  workerGroups: { general: { nodePool: "general" } },
});

/** A platform of two teams, and the support above it. */
export function support(
  props: Partial<ApplicationSupportStackProps> = {},
  platformProps: Partial<PlatformStackProps> = {},
  app: App = testApp(),
): ApplicationSupportStack {
  const given = { environment, infrastructure: props.infrastructure ?? infrastructure };
  const teams = [{ name: "shop", hosts: ["shop", "www"] }, { name: "pay" }];
  const { contract: platform } = new PlatformStack(app, "dev-platform", { ...given, teams, ...platformProps });
  return new ApplicationSupportStack(app, "dev-support", { ...given, platform, ...props });
}

/** A stack as one of Carts is to the support: another stack of the app. */
export function carts(above: ApplicationSupportStack, id = "dev-carts"): LayerStack {
  return new LayerStack(above.node.scope as App, id, { environment });
}

/** What that platform is, for stacks of another app. */
export const platformStatic = () =>
  new PlatformStack(testApp(), "dev-platform", { environment, infrastructure }).contract.static;
