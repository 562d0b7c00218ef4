import { App } from "cdktf";
import { expect, test } from "vitest";
import { LayerStack, LocalState } from "../../../lib";
import { AzureClusterBucket } from "../../../lib/infrastructure/azure/cluster-bucket";
import { AzureIdentity } from "../../../lib/infrastructure/azure/identity";
import { AzureLogWorkspace } from "../../../lib/infrastructure/azure/log-workspace";
import { AzureNodeLog } from "../../../lib/infrastructure/azure/node-log";
import { AzurePrivateLink } from "../../../lib/infrastructure/azure/private-link";
import { azureProvider } from "../../../lib/infrastructure/azure/provider";
import { AzureRoles } from "../../../lib/infrastructure/azure/roles";
import { AzureSecretStore } from "../../../lib/infrastructure/azure/secret-store";
import { AzureVolumes } from "../../../lib/infrastructure/azure/volumes";
import { waiversOf } from "../../../lib/policy/waiver";
import { Template } from "../../../lib/testing";
import { deployerPrincipalId, plannerPrincipalId } from "./identity-fixture";
import { cluster, serversIn, workersIn } from "./node-group-stack";
import { idOf, place } from "./place";

test("identities, keys, secrets, container, log, machines and volumes pass the whole policy; raw_exec alone brings a waiver", () => {
  const environment = { name: "prod", state: new LocalState() };
  const stack = new LayerStack(new App(), "prod-ground", { environment });
  azureProvider(stack, place);
  new AzureRoles(stack, "roles", place);
  const { workspaceId } = new AzureLogWorkspace(stack, "logs", place);
  const virtualNetworkId = idOf("Microsoft.Network/virtualNetworks/given");
  const link = new AzurePrivateLink(stack, "link", {
    ...place,
    virtualNetworkId,
    subnetId: `${virtualNetworkId}/subnets/endpoints`,
  });
  const { keys, servers, workers } = new AzureIdentity(stack, "identity", {
    ...place,
    workers: ["general", "raw"],
    ...{ link, workspaceId },
  });
  const roles = { servers: Object.values(servers), workers: Object.values(workers) };
  new AzureSecretStore(stack, "secrets", {
    ...place,
    ...roles,
    link,
    workspaceId,
    deployerPrincipalId,
    plannerPrincipalId,
  });
  new AzureClusterBucket(stack, "cluster-bucket", {
    ...place,
    ...{ link, workspaceId, servers: roles.servers },
    key: { address: keys.dataKeyAddress, identityId: keys.dataIdentityId },
  });
  new AzureNodeLog(stack, "log", { ...place, workspaceId, identities: [...roles.servers, ...roles.workers] });
  const { diskEncryptionSetId } = keys;
  const lone = { main: { count: 1, runs: ["vault", "consul", "nomad"] } } as const;
  serversIn(stack, { identity: servers["main"], diskEncryptionSetId, cluster: { ...cluster, servers: lone } });
  workersIn(stack, { identity: workers["general"], diskEncryptionSetId, spotPercent: 100 });
  workersIn(stack, { group: "raw", identity: workers["raw"], diskEncryptionSetId, rawExec: true });
  new AzureVolumes(stack, "volumes", { ...place, diskEncryptionSetId, volumes: { home: { size: "20GiB" } } });

  const template = Template.of(stack);
  expect(waiversOf(stack).map(({ rule }) => rule)).toEqual(["azure-user-data-raw-exec"]);
  // No secret value, no key and no password is Terraform's.
  for (const type of ["azurerm_key_vault_secret", "azurerm_key_vault_key", "tls_private_key", "random_password"]) {
    expect(template.resources(type)).toEqual([]);
  }
});
