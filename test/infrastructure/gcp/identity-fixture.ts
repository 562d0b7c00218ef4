import { App } from "cdktf";
import { LayerStack, LocalState } from "../../../lib";
import { GcpIdentity, type GcpIdentityProps } from "../../../lib/infrastructure/gcp/identity";
import { gcpProvider } from "../../../lib/infrastructure/gcp/provider";

export const place = { environment: "prod", project: "acme-caravan-prod", region: "europe-west1" };

const EMAIL = "acme-caravan-prod.iam.gserviceaccount.com";
export const deployerEmail = `caravan-prod-deployer@${EMAIL}`;
export const plannerEmail = `caravan-prod-planner@${EMAIL}`;
export const KEY = "projects/acme-caravan-prod/locations/europe-west1/keyRings/own/cryptoKeys/mine";

/** A stack of the environment, judged by the whole policy when it is synthesized. */
export function emptyStack(deletionProtection = true): LayerStack {
  const environment = { name: "prod", state: new LocalState() };
  const stack = new LayerStack(new App(), "prod-ground", { environment, deletionProtection });
  gcpProvider(stack, place);
  return stack;
}

/** A stack with the identities of two server groups and a worker group, but for a change. */
export function identityStack(change: Partial<GcpIdentityProps> = {}, deletionProtection = true) {
  const stack = emptyStack(deletionProtection);
  const identity = new GcpIdentity(stack, "identity", {
    ...place,
    servers: { vault: { runs: ["vault"] }, main: { runs: ["consul", "nomad"] } },
    workers: ["general"],
    ...change,
  });
  return { stack, identity };
}

/** The message with which making something is refused. */
export function refusal(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}
