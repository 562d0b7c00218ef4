import type { TerraformStack } from "cdktf";
import { AzureFirewall } from "../../../lib/infrastructure/azure/firewall";
import type { AzureFirewallProps } from "../../../lib/infrastructure/azure/firewall-props";
import { AzureNetwork } from "../../../lib/infrastructure/azure/network";
import { AzureFlowLog } from "../../../lib/infrastructure/azure/network-flow-log";
import type { AzureOwnNetworkProps } from "../../../lib/infrastructure/azure/network-props";
import { Template } from "../../../lib/testing";
import { azureStack, place } from "./place";

interface Closed {
  readonly stack: TerraformStack;
  readonly network: AzureNetwork;
  readonly firewall: AzureFirewall;
  readonly template: Template;
}

/** A network with its firewall and the log of its flows. */
export function networkOf(props: AzureOwnNetworkProps = {}, change: Partial<AzureFirewallProps> = {}): Closed {
  const stack = azureStack();
  const network = new AzureNetwork(stack, "network", { ...place, ...props });
  const firewall = new AzureFirewall(stack, "firewall", { ...place, network, ...change });
  AzureFlowLog.ofChoice(stack, "flow-log", props, { ...place, virtualNetworkId: network.virtualNetworkId });
  return { stack, network, firewall, template: Template.of(stack) };
}
