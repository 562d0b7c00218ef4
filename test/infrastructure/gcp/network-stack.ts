import { App } from "cdktf";
import { GcpNetwork } from "../../../lib/infrastructure/gcp/network";
import type { GcpNetworkProps, IGcpNetwork } from "../../../lib/infrastructure/gcp/network-props";
import { gcpProvider } from "../../../lib/infrastructure/gcp/provider";
import { LayerStack, LocalState } from "../../../lib/layer";
import { Template } from "../../../lib/testing";

export const place = { environment: "prod", project: "acme-caravan-prod", region: "europe-west1" };

/** What encrypts. */
export const KEY = "projects/acme-caravan-prod/locations/europe-west1/keyRings/caravan-prod-keys/cryptoKeys/data";

/** A network that somebody else made. */
export const network: IGcpNetwork = {
  networkId: "projects/acme-caravan-prod/global/networks/caravan-prod-network",
  networkProject: "acme-caravan-prod",
  cidr: "10.64.0.0/16",
  egress: "nat",
  zones: ["europe-west1-b", "europe-west1-c", "europe-west1-d"],
  subnetId: "projects/acme-caravan-prod/regions/europe-west1/subnetworks/caravan-prod-nodes",
  nodeRange: "10.64.0.0/17",
  proxyRange: "10.64.128.0/20",
  isClosed: true,
};

/** A stack judged by the whole policy when it is synthesized. */
export function gcpStack(id = "prod-network", deletionProtection = true): LayerStack {
  const environment = { name: "prod", state: new LocalState() };
  const stack = new LayerStack(new App(), id, { environment, deletionProtection });
  gcpProvider(stack, place);
  return stack;
}

/** A network with its synthesized stack. */
export function networkOf(props: Partial<GcpNetworkProps> = {}) {
  const stack = gcpStack();
  const made = new GcpNetwork(stack, "network", { ...place, kmsKeyName: KEY, ...props });
  return { network: made, stack, template: Template.of(stack) };
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

/** The one resource of a type that has a name, by its arguments. */
export function named(template: Template, type: string, name: string): Readonly<Record<string, unknown>> {
  const found = template.resources(type).filter((each) => each.arguments["name"] === name);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} of ${type} called ${name}`);
  return found[0].arguments;
}
