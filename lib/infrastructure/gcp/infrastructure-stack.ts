import type { Construct } from "constructs";
import type { PropsCheck } from "../../core/errors";
import { LayerStack } from "../../layer/layer-stack";
import type { GcpEnvironmentValues } from "../../node/environment-file";
import { nodeRoleName } from "../../node/node-props";
import { joined, mapped } from "../by-name";
import { accessOf, clusterOf } from "../cluster-settings";
import { type CloudInfrastructureContract, infrastructureSchema } from "../contract";
import { printDelegation, THEN_DELEGATED } from "../delegation";
import { serverCount, workerRange } from "../props";
import { ciAccountEmail } from "./ci-account";
import { GcpClusterBucket } from "./cluster-bucket";
import { GcpEdge, peopleKind } from "./edge";
import { GcpFirewall } from "./firewall";
import { GcpIdentity } from "./identity";
import { checkInfrastructure, groupsOf } from "./infrastructure-check";
import type { GcpInfrastructureStackProps } from "./infrastructure-props";
import { GcpLogBucket } from "./log-bucket";
import { clusterBucketName } from "./names";
import { GcpNetwork } from "./network";
import type { IGcpNetwork } from "./network-props";
import { GcpNodeLog } from "./node-log";
import { gcpProvider } from "./provider";
import { GcpSecretStore } from "./secret-store";
import { GcpServerGroup } from "./server-group";
import { GcpVolumes } from "./volumes";
import { GcpWorkerGroup } from "./worker-group";

/**
 * The infrastructure layer on Google Cloud: network, service accounts, keys, bucket, secrets, firewall, servers, workers,
 * addresses, names, alarms and volumes of one environment in one region of one project.
 *
 * `GcpStateStack` comes before it: it enables the APIs and makes the custom roles that are granted here.
 *
 * ```ts
 * new GcpInfrastructureStack(app, "prod-infrastructure", {
 *   environment: { name: "prod", state },
 *   project: "acme-caravan-prod",
 *   region: "europe-west1",
 *   images: { x86_64: "projects/debian-cloud/global/images/debian-12-bookworm-v20251111" },
 *   workers: { general: { min: 2, max: 10 } },
 *   domain: "caravan.example.com",
 * });
 * ```
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpInfrastructureStack extends LayerStack {
  readonly network: IGcpNetwork;
  readonly identity: GcpIdentity;
  /** The cluster's own bucket. */
  readonly bucket: GcpClusterBucket;
  readonly secrets: GcpSecretStore;
  /** What nodes say of first boot, snapshots and leaving. */
  readonly log: GcpNodeLog;
  readonly firewall: GcpFirewall;
  /** How it is reached and watched. */
  readonly edge: GcpEdge;
  /** The server groups by name. */
  readonly servers: Readonly<Record<string, GcpServerGroup>>;
  /** The worker groups by name. */
  readonly workers: Readonly<Record<string, GcpWorkerGroup>>;
  /** The volumes of its jobs. */
  readonly volumes: GcpVolumes;
  /** What the layers above may read. */
  readonly contract: CloudInfrastructureContract;

  constructor(scope: Construct, id: string, props: GcpInfrastructureStackProps) {
    super(scope, id, props);
    const { servers, workers } = groupsOf(props);
    const place = { environment: props.environment.name, project: props.project, region: props.region };
    const ci = {
      plannerEmail: props.plannerEmail ?? ciAccountEmail(place, "planner"),
      deployerEmail: props.deployerEmail ?? ciAccountEmail(place, "deployer"),
    };
    const tags = { ...props.environment.tags, "caravan-environment": place.environment, "caravan-stack": id };
    gcpProvider(this, place, tags, props.transform?.provider);
    this.identity = new GcpIdentity(this, "identity", {
      ...place,
      servers,
      workers: Object.keys(workers),
      serverAccounts: givenAccounts(servers),
      workerAccounts: givenAccounts(workers),
      sealKeyName: props.sealKeyName,
      keyringKeyName: props.keyringKeyName,
      dataKeyName: props.dataKeyName,
      keyRingName: props.keyRingName,
      transform: props.transform,
    });
    const { keys } = this.identity;
    const kmsKeyName = keys.dataKeyName;
    this.network = GcpNetwork.fromChoice(this, "network", props.network ?? {}, { ...place, kmsKeyName });

    const logs = new GcpLogBucket(this, "logs", { ...place, kmsKeyName, transform: props.transform?.logBucket });
    this.bucket = new GcpClusterBucket(this, "cluster-bucket", {
      ...place,
      servers: this.identity.servers,
      kmsKeyName,
      accessLog: logs.clusterLog,
      transform: props.transform?.clusterBucket,
    });
    this.secrets = new GcpSecretStore(this, "secrets", {
      ...place,
      ...ci,
      servers: this.identity.servers,
      workers: this.identity.workers,
      kmsKeyName,
      transform: props.transform?.secrets,
    });
    this.log = new GcpNodeLog(this, "log", { ...place, kmsKeyName, transform: props.transform?.log });
    this.firewall = new GcpFirewall(this, "firewall", {
      ...place,
      network: this.network,
      servers,
      serverAccounts: mapped(this.identity.servers, ({ email }) => email),
      workerAccounts: mapped(this.identity.workers, ({ email }) => email),
      people: peopleKind(props),
      clients: props.clients,
      tunnels: props.tunnels,
      outside: props.outside,
      transform: props.transform?.firewall,
    });

    const cluster = clusterOf(props, { cloud: { name: "gcp", region: place.region, project: place.project }, servers });
    const common = {
      cluster,
      values: this.environmentValues(ci),
      images: props.images,
      subnetId: this.network.subnetId,
      zones: this.network.zones,
      kmsKeyName,
      tags,
    };
    // What hand-overs of servers need to know of workers.
    const known = mapped(workers, ({ nodePool, runs }) => ({ nodePool, runs }));
    this.servers = joined(
      servers,
      this.identity.servers,
      ({ runs: _, count: __, account: ___, ...settings }, group, account) =>
        new GcpServerGroup(this, nodeRoleName("server", group), {
          ...common,
          ...settings,
          ...{ group, account, workers: known },
        }),
    );
    const storageAccounts = Object.fromEntries(
      Object.entries(this.identity.workers).filter(([group]) => workers[group]?.csi === true),
    );
    this.workers = joined(
      workers,
      this.identity.workers,
      ({ account: _, ...settings }, group, account) =>
        new GcpWorkerGroup(this, nodeRoleName("worker", group), {
          ...common,
          ...settings,
          ...{ group, account, storageAccounts },
        }),
    );

    const reached = <T extends { readonly instanceGroupName: string; readonly instanceGroupUrl: string }>({
      instanceGroupName,
      instanceGroupUrl,
    }: T) => ({ instanceGroupName, instanceGroupUrl });
    this.edge = new GcpEdge(this, "edge", {
      ...place,
      domain: props.domain,
      dns: props.dns,
      people: props.people,
      insideZoneId: props.insideZoneId,
      alarms: props.alarms,
      network: this.network,
      insideDomain: cluster.insideDomain,
      logName: this.log.logName,
      servers: mapped(this.servers, (group, name) => ({
        ...reached(group),
        size: serverCount(servers[name] ?? { runs: [] }),
        runs: servers[name]?.runs ?? [],
      })),
      workers: mapped(this.workers, reached),
      transform: props.transform?.edge,
    });
    this.volumes = new GcpVolumes(this, "volumes", {
      ...place,
      kmsKeyName,
      volumes: props.volumes ?? {},
      transform: props.transform?.volumes,
    });
    const { people, dns, alarms } = this.edge;
    if (dns?.nameServers !== undefined) {
      printDelegation(this, dns.domain, dns.nameServers, THEN_DELEGATED, dns.dsRecord);
    }

    this.contract = infrastructureSchema.publish(
      this,
      {
        cloud: "gcp",
        environment: place.environment,
        region: place.region,
        account: place.project,
        plannerIdentity: ci.plannerEmail,
        deployerIdentity: ci.deployerEmail,
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
        clusterBucket: clusterBucketName(place),
        access: accessOf(cluster, workers),
      },
      {
        networkId: this.network.networkId,
        privateSubnetIds: [this.network.subnetId],
        publicSubnetIds: [],
        serverIdentities: mapped(this.identity.servers, ({ email }) => email),
        workerIdentities: mapped(this.identity.workers, ({ email }) => email),
        ciIdentities: { planner: ci.plannerEmail, deployer: ci.deployerEmail },
        serverMachineGroups: mapped(this.servers, ({ instanceGroupName }) => instanceGroupName),
        workerMachineGroups: mapped(this.workers, ({ instanceGroupName }) => instanceGroupName),
        sealKeyId: keys.sealKeyName,
        keyringKeyId: keys.keyringKeyName,
        dataKeyId: keys.dataKeyName,
        publicCaSecretId: this.secrets.publicCaSecret,
        bootstrapSecretId: this.secrets.bootstrapSecret,
        recoveryKeysSecretId: this.secrets.recoveryKeysSecret,
        insideZoneId: this.edge.machine.zoneId,
        publicZoneId: dns?.zoneId ?? "",
        workerFirewallIds: Object.values(this.identity.workers).map(({ email }) => email),
        clientFirewallIds: mapped(props.clients ?? {}, (emails) => emails.join(",")),
        volumeIds: this.volumes.volumeIds,
        alarmTargetIds: [...(alarms?.channelNames ?? [])],
      },
    );
  }

  protected static override checkProps(check: PropsCheck, props: GcpInfrastructureStackProps): void {
    LayerStack.checkProps(check, props);
    checkInfrastructure(check, props);
  }

  /** What nodes learn only after apply. */
  private environmentValues(ci: {
    readonly plannerEmail: string;
    readonly deployerEmail: string;
  }): GcpEnvironmentValues {
    const { keys, servers, workers } = this.identity;
    const emails = (plane: "server" | "worker", accounts: GcpIdentity["servers"]) =>
      Object.entries(accounts).map(([group, { email }]) => [nodeRoleName(plane, group), email]);
    return {
      bucket: this.bucket.bucketName,
      sealKeyRing: keys.seal.keyRing,
      sealCryptoKey: keys.seal.cryptoKey,
      keyringKeyRing: keys.keyring.keyRing,
      keyringCryptoKey: keys.keyring.cryptoKey,
      publicCaSecret: this.secrets.publicCaSecret,
      bootstrapTokensSecret: this.secrets.bootstrapSecret,
      recoveryKeysSecret: this.secrets.recoveryKeysSecret,
      deployerRoles: [ci.deployerEmail],
      plannerRoles: [ci.plannerEmail],
      nodeRoles: Object.fromEntries([...emails("server", servers), ...emails("worker", workers)]),
      logGroup: this.log.logName,
    };
  }
}

function givenAccounts(groups: Readonly<Record<string, { readonly account?: string }>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(groups).flatMap(([name, { account }]) => (account ? [[name, account]] : [])),
  );
}
