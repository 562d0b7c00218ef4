import type { Forward, Forwarding } from "../cloud";
import { OperateError } from "../errors";
import { programOutput } from "../program";
import type { RestApi } from "../rest";
import { MANAGEMENT } from "./scale-set";

interface BastionHost {
  readonly name: string;
  readonly sku?: { readonly name?: string };
  readonly properties: { readonly enableTunneling?: boolean };
}

/**
 * A tunnel of Azure Bastion to a port of a machine itself, by the Azure CLI and as whoever is signed in to it:
 * https://learn.microsoft.com/en-us/azure/bastion/connect-vm-native-client-linux
 */
export async function bastionForwarding(
  api: RestApi,
  place: { readonly resourceGroupId: string; readonly machineResourceId: string },
  { port, localPort }: Forward,
  signal: AbortSignal,
): Promise<Forwarding> {
  const [, subscription = "", resourceGroup = ""] =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)/i.exec(place.resourceGroupId) ?? [];
  const name = await bastionOf(api, place.resourceGroupId, signal);
  await demandCli();
  return {
    program: "az",
    args: [
      ...["network", "bastion", "tunnel", "--only-show-errors", "--subscription", subscription],
      ...["--resource-group", resourceGroup, "--name", name, "--target-resource-id", place.machineResourceId],
      ...["--resource-port", String(port), "--port", String(localPort)],
    ],
    env: { AZURE_CORE_NO_COLOR: "true" },
    openedText: "Tunnel is ready",
    // The tunnel goes with the program.
    end: async () => undefined,
  };
}

async function bastionOf(api: RestApi, resourceGroupId: string, signal: AbortSignal): Promise<string> {
  const url = `${MANAGEMENT}${resourceGroupId.replace(/^\//, "")}/providers/Microsoft.Network/bastionHosts?api-version=2024-05-01`;
  const { value } = await api.json<{ readonly value: readonly BastionHost[] }>(
    { call: "list Bastion hosts", url, audience: MANAGEMENT },
    signal,
  );
  const host = value.find(({ properties }) => properties.enableTunneling === true);
  if (host !== undefined) return host.name;
  throw new OperateError(
    "failed",
    value.length === 0
      ? `there is no Azure Bastion in ${resourceGroupId}`
      : `the Azure Bastion ${value[0]?.name} lets no native client through`,
    "give the network of the infrastructure bastion: true, or reach the machine addresses by a network of your own",
  );
}

/** Version of the Azure CLI. @throws OperateError where it is missing or does not run */
export async function demandCli(): Promise<string> {
  const { error, stdout } = await programOutput("az", ["version", "--output", "json"], 30_000);
  if (error === undefined) return (JSON.parse(stdout) as { readonly "azure-cli": string })["azure-cli"];
  throw new OperateError(
    "failed",
    error.code === "ENOENT" ? "there is no program az on the PATH" : "the Azure CLI does not run",
    "install the Azure CLI with its extension bastion: https://learn.microsoft.com/en-us/cli/azure/install-azure-cli",
  );
}
