import { DataAzurermUserAssignedIdentity } from "@cdktf/provider-azurerm/lib/data-azurerm-user-assigned-identity";
import type { Construct } from "constructs";
import type { PropsCheck } from "../../core/errors";
import { LayerStack } from "../../layer/layer-stack";
import type { AzureEnvironmentValues } from "../../node/environment-file";
import { nodeRoleName } from "../../node/node-props";
import { joined, mapped } from "../by-name";
import type { CiRole } from "../ci-trust";
import { accessOf, clusterOf } from "../cluster-settings";
import { type CloudInfrastructureContract, infrastructureSchema } from "../contract";
import { printDelegation } from "../delegation";
import { serverCount, workerRange } from "../props";
import { ciIdentityId } from "./ci-identity";
import { AzureClusterBucket, clusterBucketAccount, clusterBucketAddress } from "./cluster-bucket";
import { AzureEdge, edgeFirewall } from "./edge";
import { AzureFirewall } from "./firewall";
import { AzureIdentity } from "./identity";
import { checkInfrastructure, groupsOf } from "./infrastructure-check";
import type { AzureInfrastructureStackProps, AzureServerSettings, AzureWorkerSettings } from "./infrastructure-props";
import { AzureLogWorkspace } from "./log-workspace";
import { identityName, resourceGroupName, statePlace } from "./names";
import { AzureNetwork } from "./network";
import { AzureFlowLog } from "./network-flow-log";
import type { IAzureNetwork } from "./network-props";
import type { AzureGivenIdentity } from "./node-identity";
import { AzureNodeLog } from "./node-log";
import type { AzurePlace } from "./place";
import { AzurePrivateLink } from "./private-link";
import { azureProvider } from "./provider";
import { AzureSecretStore } from "./secret-store";
import { AzureServerGroup } from "./server-group";
import { AzureVolumes } from "./volumes";
import { AzureWorkerGroup, allowSystem } from "./worker-group";

/**
 * The infrastructure layer on Azure: network, identities, keys, container, secrets, firewalls, servers, workers, addresses, names,
 * alarms and volumes of one environment in one resource group of one subscription.
 *
 * `AzureStateStack` comes before it: it makes the resource groups, CI's identities and the custom roles that are assigned here.
 *
 * ```ts
 * new AzureInfrastructureStack(app, "prod-infrastructure", {
 *   environment: { name: "prod", state },
 *   subscriptionId: "11111111-2222-3333-4444-555555555555",
 *   tenantId: "66666666-7777-8888-9999-000000000000",
 *   region: "westeurope",
 *   images: { x86_64: "Canonical:ubuntu-24_04-lts:server:24.04.202510010" },
 *   workers: { general: { min: 2, max: 10 } },
 * });
 * ```
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureInfrastructureStack extends LayerStack {
  readonly network: IAzureNetwork;
  readonly identity: AzureIdentity;
  /** The container of the cluster itself. */
  readonly bucket: AzureClusterBucket;
  readonly secrets: AzureSecretStore;
  /** What nodes say of first boot, snapshots and leaving. */
  readonly log: AzureNodeLog;
  readonly firewall: AzureFirewall;
  /** How it is reached and watched. */
  readonly edge: AzureEdge;
  /** The server groups by name. */
  readonly servers: Readonly<Record<string, AzureServerGroup>>;
  /** The worker groups by name. */
  readonly workers: Readonly<Record<string, AzureWorkerGroup>>;
  /** The volumes of its jobs. */
  readonly volumes: AzureVolumes;
  /** What the layers above may read. */
  readonly contract: CloudInfrastructureContract;

  constructor(scope: Construct, id: string, props: AzureInfrastructureStackProps) {
    super(scope, id, props);
    const { servers, workers } = groupsOf(props);
    const environment = props.environment.name;
    const { subscriptionId, tenantId, region } = props;
    const resourceGroup = props.resourceGroup ?? resourceGroupName(environment);
    const place: AzurePlace = { environment, subscriptionId, tenantId, region, resourceGroup };
    azureProvider(this, place, props.transform?.provider);
    const planner = this.ciIdentity("planner", place, props.plannerIdentity);
    const deployer = this.ciIdentity("deployer", place, props.deployerIdentity);

    const workspace = new AzureLogWorkspace(this, "log-workspace", {
      ...place,
      transform: props.transform?.logWorkspace,
    });
    const { workspaceId } = workspace;
    this.network = AzureNetwork.fromChoice(this, "network", props.network ?? {}, place);
    const link = new AzurePrivateLink(this, "private-link", {
      ...place,
      virtualNetworkId: this.network.virtualNetworkId,
      subnetId: this.network.endpoints.id,
      zoneIds: props.privateZoneIds,
      transform: props.transform?.privateLink,
    });
    this.identity = new AzureIdentity(this, "identity", {
      ...place,
      ...{ link, workspaceId, servers },
      workers: Object.keys(workers),
      serverIdentities: givenIdentities(servers),
      workerIdentities: givenIdentities(workers),
      sealKeyId: props.sealKeyId,
      keyringKeyId: props.keyringKeyId,
      dataKey: props.dataKey,
      transform: props.transform,
    });
    const { keys } = this.identity;
    const key = { address: keys.dataKeyAddress, identityId: keys.dataIdentityId };
    AzureFlowLog.ofChoice(this, "flow-log", props.network ?? {}, {
      ...place,
      ...{ key, logWorkspaceId: workspaceId, virtualNetworkId: this.network.virtualNetworkId },
    });
    const identities = {
      servers: Object.values(this.identity.servers),
      workers: Object.values(this.identity.workers),
    };
    this.bucket = new AzureClusterBucket(this, "cluster-bucket", {
      ...place,
      ...{ key, link, workspaceId, servers: identities.servers },
      transform: props.transform?.clusterBucket,
    });
    this.secrets = new AzureSecretStore(this, "secrets", {
      ...place,
      ...identities,
      ...{ link, workspaceId, clientRanges: props.clientRanges },
      plannerPrincipalId: planner.principalId,
      deployerPrincipalId: deployer.principalId,
      transform: props.transform?.secrets,
    });
    this.log = new AzureNodeLog(this, "log", {
      ...place,
      workspaceId,
      identities: [...identities.servers, ...identities.workers],
      transform: props.transform?.log,
    });
    this.firewall = new AzureFirewall(this, "firewall", {
      ...place,
      ...edgeFirewall(props, this.network),
      network: this.network,
      servers,
      workers: identities.workers.length > 0,
      outside: props.outside,
      transform: props.transform?.firewall,
    });

    const cloud = { name: "azure", region, tenantId, subscriptionId, resourceGroup } as const;
    const cluster = clusterOf(props, { cloud, servers });
    this.edge = new AzureEdge(this, "edge", {
      ...place,
      domain: props.domain,
      dns: props.dns,
      people: props.people,
      insideZoneId: props.insideZoneId,
      alarms: props.alarms,
      link,
      network: this.network,
      insideDomain: cluster.insideDomain,
      servers: mapped(servers, ({ runs }) => ({ runs })),
      logWorkspaceId: workspaceId,
      transform: props.transform?.edge,
    });

    const common = {
      cluster,
      values: this.environmentValues({ planner, deployer }),
      images: props.images,
      subnetId: this.network.nodes.id,
      zones: this.network.zones,
      securityGroupId: this.firewall.nodesSecurityGroupId,
      diskEncryptionSetId: keys.diskEncryptionSetId,
      tags: { ...props.environment.tags, "caravan-stack": id },
    };
    // What hand-overs of servers need to know of workers.
    const known = mapped(workers, ({ nodePool, runs }) => ({ nodePool, runs }));
    this.servers = joined(
      servers,
      this.identity.servers,
      ({ runs: _, count: __, identity: ___, ...settings }, group, identity) =>
        new AzureServerGroup(this, nodeRoleName("server", group), {
          ...common,
          ...settings,
          ...{ group, identity, workers: known },
          applicationSecurityGroupIds: groupIds(this.firewall.serverSecurityGroupIds[group], settings),
          ...this.edge.serverPools[group],
        }),
    );
    this.workers = joined(
      workers,
      this.identity.workers,
      ({ identity: _, ...settings }, group, identity) =>
        new AzureWorkerGroup(this, nodeRoleName("worker", group), {
          ...common,
          ...settings,
          ...{ group, identity },
          applicationSecurityGroupIds: groupIds(this.firewall.workerSecurityGroupId, settings),
          ...this.edge.workerPools,
        }),
    );
    const storage = Object.values(workers).some(({ csi }) => csi === true);
    for (const [group, identity] of Object.entries(this.identity.workers)) {
      if (workers[group]?.system !== true) continue;
      allowSystem(identity, this.workers, { cluster, storage, diskEncryptionSetId: keys.diskEncryptionSetId });
    }
    const alarms = this.edge.watch(
      mapped(this.servers, ({ scaleSetId }, group) => ({
        scaleSetId,
        size: serverCount(servers[group] ?? { runs: [] }),
      })),
      { bucketAccount: clusterBucketAccount(place) },
    );
    this.volumes = new AzureVolumes(this, "volumes", {
      ...place,
      diskEncryptionSetId: keys.diskEncryptionSetId,
      volumes: props.volumes ?? {},
      transform: props.transform?.volumes,
    });
    const { people, dns } = this.edge;
    if (dns?.nameServers !== undefined) printDelegation(this, dns.domain, dns.nameServers, "");

    this.contract = infrastructureSchema.publish(
      this,
      {
        cloud: "azure",
        environment,
        region,
        account: subscriptionId,
        plannerIdentity: planner.identityId,
        deployerIdentity: deployer.identityId,
        serverGroups: mapped(servers, ({ runs }) => runs),
        workerGroups: mapped(workers, ({ system = false, csi = false, ...range }, group) => ({
          nodePool: this.workers[group]?.nodePool ?? group,
          system,
          csi,
          ...workerRange(range),
        })),
        datacenter: cluster.datacenter,
        nomadRegion: cluster.region,
        machine: this.edge.machine.hosts,
        ...(people === undefined ? {} : { people: { ...people.hosts, apps: people.appsDomain } }),
        clusterBucket: clusterBucketAddress(place),
        access: accessOf(cluster, workers),
      },
      {
        networkId: this.network.virtualNetworkId,
        privateSubnetIds: [this.network.nodes.id],
        publicSubnetIds: this.network.gateway === undefined ? [] : [this.network.gateway.id],
        serverIdentities: mapped(this.identity.servers, ({ principalId }) => principalId),
        workerIdentities: mapped(this.identity.workers, ({ principalId }) => principalId),
        ciIdentities: { planner: planner.principalId, deployer: deployer.principalId },
        serverMachineGroups: mapped(this.servers, ({ scaleSetName }) => scaleSetName),
        workerMachineGroups: mapped(this.workers, ({ scaleSetName }) => scaleSetName),
        sealKeyId: keys.keyIds.seal,
        keyringKeyId: keys.keyIds.keyring,
        dataKeyId: keys.keyIds.data,
        publicCaSecretId: this.secrets.addresses["public-ca"],
        bootstrapSecretId: this.secrets.addresses.bootstrap,
        recoveryKeysSecretId: this.secrets.addresses["recovery-keys"],
        insideZoneId: this.edge.machine.zoneId,
        publicZoneId: dns?.zoneId ?? "",
        workerFirewallIds: [this.firewall.workerSecurityGroupId].filter((one) => one !== undefined),
        clientFirewallIds: this.firewall.clientSecurityGroupIds as Record<string, string>,
        volumeIds: this.volumes.volumeIds,
        alarmTargetIds: alarms === undefined ? [] : [alarms.actionGroupId],
      },
    );
  }

  protected static override checkProps(check: PropsCheck, props: AzureInfrastructureStackProps): void {
    LayerStack.checkProps(check, props);
    checkInfrastructure(check, props);
  }

  /** An identity of CI; its object id, by which Azure and Vault know it, is looked up. */
  private ciIdentity(role: CiRole, place: AzurePlace, given: AzureGivenIdentity | undefined): AzureGivenIdentity {
    if (given !== undefined) return given;
    const { principalId } = new DataAzurermUserAssignedIdentity(this, `${role}-identity`, {
      name: identityName(place.environment, role),
      resourceGroupName: statePlace(place).resourceGroup,
    });
    return { identityId: ciIdentityId(place, role), principalId };
  }

  /** What nodes learn only after apply. */
  private environmentValues(ci: Readonly<Record<CiRole, AzureGivenIdentity>>): AzureEnvironmentValues {
    const { keys, servers, workers } = this.identity;
    const principals = (plane: "server" | "worker", byName: AzureIdentity["servers"]) =>
      Object.entries(byName).map(([group, { principalId }]) => [nodeRoleName(plane, group), principalId]);
    return {
      bucket: this.bucket.address,
      sealKeyVault: keys.sealKey.vault,
      sealKeyName: keys.sealKey.name,
      keyringKeyVault: keys.keyringKey.vault,
      keyringKeyName: keys.keyringKey.name,
      publicCaSecret: this.secrets.addresses["public-ca"],
      bootstrapTokensSecret: this.secrets.addresses.bootstrap,
      recoveryKeysSecret: this.secrets.addresses["recovery-keys"],
      deployerRoles: [ci.deployer.principalId],
      plannerRoles: [ci.planner.principalId],
      nodeRoles: Object.fromEntries([...principals("server", servers), ...principals("worker", workers)]),
      logGroup: this.log.streamAddress,
    };
  }
}

/** The firewall's application security group, then those that the user adds. */
function groupIds(
  own: string | undefined,
  { applicationSecurityGroupIds = [] }: Pick<AzureServerSettings | AzureWorkerSettings, "applicationSecurityGroupIds">,
): string[] {
  return [...(own === undefined ? [] : [own]), ...applicationSecurityGroupIds];
}

function givenIdentities(
  groups: Readonly<Record<string, { readonly identity?: AzureGivenIdentity }>>,
): Record<string, AzureGivenIdentity> {
  return Object.fromEntries(
    Object.entries(groups).flatMap(([name, { identity }]) => (identity ? [[name, identity]] : [])),
  );
}
