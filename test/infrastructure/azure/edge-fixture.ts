import type { IAzureNetwork } from "../../../lib/infrastructure/azure/network-props";
import { idOf } from "./place";

const vnet = idOf("Microsoft.Network/virtualNetworks/shared");
const subnet = (name: string, cidr: string) => ({ id: `${vnet}/subnets/${name}`, cidr });

/** A network as it is made by default, without its resources. */
export const gatewayNetwork: IAzureNetwork & Required<Pick<IAzureNetwork, "gateway">> = {
  virtualNetworkId: vnet,
  cidr: "10.64.0.0/16",
  egress: "nat",
  zones: ["1", "2", "3"],
  isOwn: true,
  nodes: subnet("nodes", "10.64.0.0/17"),
  gateway: subnet("gateway", "10.64.128.0/20"),
  endpoints: subnet("endpoints", "10.64.144.0/20"),
  machine: subnet("machine", "10.64.160.0/20"),
};

export const bastionSubnet = subnet("AzureBastionSubnet", "10.64.176.0/20");

/** What looks like a certificate. */
export const pem = (letters: string): string => `-----BEGIN CERTIFICATE-----\n${letters}\n-----END CERTIFICATE-----\n`;
