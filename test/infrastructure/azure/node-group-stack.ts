import { gunzipSync } from "node:zlib";
import type { TerraformStack } from "cdktf";
import type { AzureNodeGroupProps } from "../../../lib/infrastructure/azure/node-group";
import { AzureNodeIdentity } from "../../../lib/infrastructure/azure/node-identity";
import { AzureServerGroup, type AzureServerGroupProps } from "../../../lib/infrastructure/azure/server-group";
import { AzureWorkerGroup, type AzureWorkerGroupProps } from "../../../lib/infrastructure/azure/worker-group";
import type { AzureEnvironmentValues } from "../../../lib/node/environment-file";
import { Template } from "../../../lib/testing";
import { server } from "../../node/examples";
import { azureStack, idOf, place } from "./place";

const { role: _, group: __, ...rest } = server;
const { environment: ___, ...where } = place;

export const cluster = { ...rest, cloud: { name: "azure", ...where } as const, datacenter: place.region };

export const environmentValues: AzureEnvironmentValues = {
  bucket: "https://caravanprod0a1b2c3d4e.blob.core.windows.net/cluster",
  sealKeyVault: "prod-keys-0a1b2c3d4e",
  sealKeyName: "seal",
  keyringKeyVault: "prod-keys-0a1b2c3d4e",
  keyringKeyName: "keyring",
  publicCaSecret: "https://prod-ca-0a1b2c3d4e.vault.azure.net/secrets/public-ca",
  bootstrapTokensSecret: "https://prod-bootst-0a1b2c3d4e.vault.azure.net/secrets/bootstrap",
  recoveryKeysSecret: "https://prod-recove-0a1b2c3d4e.vault.azure.net/secrets/recovery-keys",
  deployerRoles: ["11111111-1111-4111-8111-111111111111"],
  plannerRoles: ["22222222-2222-4222-8222-222222222222"],
  nodeRoles: { "server-main": "33333333-3333-4333-8333-333333333333" },
  logGroup:
    "https://nodes.westeurope-1.ingest.monitor.azure.com/dataCollectionRules/dcr-0a/streams/Custom-CaravanNodes_CL",
};

export const DISKS = idOf("Microsoft.Compute/diskEncryptionSets/disks");

export const common: Omit<AzureNodeGroupProps, "group" | "identity"> = {
  cluster,
  values: environmentValues,
  images: {
    x86_64: "Canonical:ubuntu-24_04-lts:server:24.04.202510010",
    arm64: "Canonical:ubuntu-24_04-lts:server-arm64:24.04.202510010",
  },
  subnetId: idOf("Microsoft.Network/virtualNetworks/given/subnets/nodes"),
  zones: ["1", "2", "3"],
  securityGroupId: idOf("Microsoft.Network/networkSecurityGroups/nodes"),
  applicationSecurityGroupIds: [idOf("Microsoft.Network/applicationSecurityGroups/main")],
  diskEncryptionSetId: DISKS,
  tags: { "cost-center": "platform" },
};

/** A group of servers with an identity of its own. */
export function serversIn(stack: TerraformStack, props: Partial<AzureServerGroupProps> = {}): AzureServerGroup {
  const { group = "main" } = props;
  const identity =
    props.identity ??
    new AzureNodeIdentity(stack, `identity-server-${group}`, { ...place, plane: "server", group: "main" });
  return new AzureServerGroup(stack, `server-${group}`, { ...common, group, ...props, identity });
}

/** A group of workers with an identity of its own. */
export function workersIn(stack: TerraformStack, props: Partial<AzureWorkerGroupProps> = {}): AzureWorkerGroup {
  const { group = "general" } = props;
  const identity =
    props.identity ??
    new AzureNodeIdentity(stack, `identity-worker-${group}`, { ...place, plane: "worker", group: "general" });
  return new AzureWorkerGroup(stack, `worker-${group}`, { ...common, group, ...props, identity });
}

export function serverTemplate(props: Partial<AzureServerGroupProps> = {}, deletionProtection = true): Template {
  const stack = azureStack("prod-nodes", deletionProtection);
  serversIn(stack, props);
  return Template.of(stack);
}

export function workerTemplate(props: Partial<AzureWorkerGroupProps> = {}): Template {
  const stack = azureStack("prod-nodes");
  workersIn(stack, props);
  return Template.of(stack);
}

export const SET = "azurerm_linux_virtual_machine_scale_set";

/** The arguments of the only resource of a type. */
export function only(template: Template, type: string): Readonly<Record<string, unknown>> {
  const [found, ...more] = template.resources(type);
  if (found === undefined || more.length > 0) throw new Error(`not one ${type}: ${template.addresses.join(" ")}`);
  return found.arguments;
}

/** What of the machines' cloud-init document is known at synth. */
export function documentOf(template: Template): string {
  const given = String(only(template, SET)["custom_data"]);
  const end = given.indexOf("$");
  return gunzipSync(Buffer.from(end < 0 ? given : given.slice(0, end), "base64")).toString();
}
