import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import type { PropsCheck } from "../../core/errors";
import { LayerStack } from "../../layer/layer-stack";
import type { AwsEnvironmentValues } from "../../node/environment-file";
import { nodeRoleName } from "../../node/node-props";
import { joined, mapped } from "../by-name";
import { accessOf, clusterOf } from "../cluster-settings";
import { type CloudInfrastructureContract, infrastructureSchema } from "../contract";
import { printDelegation, THEN_DELEGATED } from "../delegation";
import { serverCount, workerRange } from "../props";
import { ciRoleArn } from "./ci-role";
import { AwsClusterBucket } from "./cluster-bucket";
import { AwsEdge, peopleRanges } from "./edge";
import { AwsFirewall } from "./firewall";
import { AwsIdentity } from "./identity";
import { checkInfrastructure, groupsOf } from "./infrastructure-check";
import type { AwsInfrastructureStackProps, AwsServerSettings, AwsWorkerSettings } from "./infrastructure-props";
import { AwsLogBucket } from "./log-bucket";
import { clusterBucketName } from "./names";
import { AwsNetwork } from "./network";
import type { IAwsNetwork } from "./network-props";
import { AwsNodeLog } from "./node-log";
import type { AwsGivenNodeRole } from "./node-role";
import { awsProvider } from "./provider";
import { AwsRunnerGroup } from "./runner-group";
import { AwsSecretStore } from "./secret-store";
import { AwsServerGroup } from "./server-group";
import { AwsWorkerGroup } from "./worker-group";

/**
 * The infrastructure layer on AWS: network, identities, keys, bucket, secrets, firewalls, servers, workers, addresses,
 * names, alarms and volumes of one environment in one region of one account.
 *
 * ```ts
 * new AwsInfrastructureStack(app, "prod-infrastructure", {
 *   environment: { name: "prod", state },
 *   region: "eu-central-1",
 *   accountId: "123456789012",
 *   images: { x86_64: "ami-0123456789abcdef0" },
 *   workers: { general: { min: 2, max: 10 } },
 *   domain: "caravan.example.com",
 *   dns: { parentZoneId: "Z0123456789ABCDEFGHIJ" },
 * });
 * ```
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsInfrastructureStack extends LayerStack {
  readonly network: IAwsNetwork;
  readonly identity: AwsIdentity;
  /** The cluster's own bucket. */
  readonly bucket: AwsClusterBucket;
  readonly secrets: AwsSecretStore;
  /** What nodes say of first boot, snapshots and leaving. */
  readonly log: AwsNodeLog;
  readonly firewall: AwsFirewall;
  /** How it is reached and watched, and the volumes of its jobs. */
  readonly edge: AwsEdge;
  /** The server groups by name. */
  readonly servers: Readonly<Record<string, AwsServerGroup>>;
  /** The worker groups by name. */
  readonly workers: Readonly<Record<string, AwsWorkerGroup>>;
  /** CI's own runners, if there are any. */
  readonly runners?: AwsRunnerGroup;
  /** What the layers above may read. */
  readonly contract: CloudInfrastructureContract;

  constructor(scope: Construct, id: string, props: AwsInfrastructureStackProps) {
    super(scope, id, props);
    const { permissionsBoundaryArn } = props;
    const { servers, workers } = groupsOf(props);
    const place = { environment: props.environment.name, region: props.region, accountId: props.accountId };
    const ci = {
      plannerRoleArn: props.plannerRoleArn ?? ciRoleArn(place, "planner"),
      deployerRoleArn: props.deployerRoleArn ?? ciRoleArn(place, "deployer"),
    };
    awsProvider(this, place, props.transform?.provider);
    this.identity = new AwsIdentity(this, "identity", {
      ...place,
      ...ci,
      servers,
      workers: Object.keys(workers),
      serverRoles: givenRoles(servers),
      workerRoles: givenRoles(workers),
      permissionsBoundaryArn,
      autoScalingRoleArn: props.autoScalingRoleArn,
      sealKeyArn: props.sealKeyArn,
      keyringKeyArn: props.keyringKeyArn,
      dataKeyArn: props.dataKeyArn,
      transform: props.transform,
    });
    const { keys } = this.identity;
    this.network = AwsNetwork.fromChoice(this, "network", props.network ?? {}, {
      ...place,
      kmsKeyArn: keys.dataKeyArn,
      permissionsBoundaryArn,
    });

    const roles = {
      servers: Object.values(this.identity.servers),
      workers: Object.values(this.identity.workers),
    };
    const logs = new AwsLogBucket(this, "logs", { ...place, transform: props.transform?.logBucket });
    this.bucket = new AwsClusterBucket(this, "cluster-bucket", {
      ...place,
      servers: roles.servers,
      kmsKeyArn: keys.dataKeyArn,
      accessLog: logs.clusterLog,
      transform: props.transform?.clusterBucket,
    });
    this.secrets = new AwsSecretStore(this, "secrets", {
      ...place,
      ...ci,
      ...roles,
      kmsKeyArn: keys.dataKeyArn,
      transform: props.transform?.secrets,
    });
    this.log = new AwsNodeLog(this, "log", {
      ...place,
      roles: [...roles.servers, ...roles.workers],
      kmsKeyArn: keys.dataKeyArn,
      transform: props.transform?.log,
    });
    this.firewall = new AwsFirewall(this, "firewall", {
      ...place,
      network: this.network,
      servers,
      workers: roles.workers.length > 0,
      clients: [...(props.clients ?? []), ...(props.runners === undefined ? [] : (["privateRunner"] as const))],
      outside: props.outside,
      peopleRanges: peopleRanges(props, this.network),
      peopleSecurityGroupId: props.people?.loadBalancer?.securityGroupId,
      transform: props.transform?.firewall,
    });

    const cluster = clusterOf(props, {
      cloud: { name: "aws", region: props.region },
      servers,
      // The dual-stack name that Consul and Nomad ask for their servers has no endpoint.
      discovery: this.network.egress === "private" ? "addresses" : "cloud",
    });
    const common = {
      cluster,
      values: this.environmentValues(props.accountId, ci),
      images: props.images,
      subnetIds: this.network.privateSubnetIds,
      kmsKeyArn: keys.dataKeyArn,
      autoScalingRoleArn: this.identity.autoScalingRoleArn,
      tags: { ...props.environment.tags, "caravan-stack": id },
    };
    // What hand-overs of servers need to know of workers.
    const known = mapped(workers, ({ nodePool, runs }) => ({ nodePool, runs }));
    this.servers = joined(
      servers,
      this.identity.servers,
      ({ runs: _, count: __, role: ___, ...settings }, group, role) => {
        return new AwsServerGroup(this, nodeRoleName("server", group), {
          ...common,
          ...settings,
          ...{ group, role, workers: known },
          securityGroupIds: groupIds(this.firewall.serverSecurityGroupIds[group], settings),
        });
      },
    );
    this.workers = joined(workers, this.identity.workers, ({ role: _, ...settings }, group, role) => {
      return new AwsWorkerGroup(this, nodeRoleName("worker", group), {
        ...common,
        ...settings,
        ...{ group, role },
        storage: Object.values(workers).some(({ csi }) => csi === true),
        securityGroupIds: groupIds(this.firewall.workerSecurityGroupId, settings),
      });
    });

    if (props.runners !== undefined) {
      this.runners = new AwsRunnerGroup(this, "runners", {
        ...place,
        ...props.runners,
        images: props.images,
        subnetIds: this.network.privateSubnetIds,
        securityGroupIds: [this.firewall.clientSecurityGroupIds.privateRunner ?? ""],
        kmsKeyArn: keys.dataKeyArn,
        autoScalingRoleArn: this.identity.autoScalingRoleArn,
        permissionsBoundaryArn,
        tags: common.tags,
      });
      if (this.runners.labels !== undefined) this.nameRunners(this.runners.labels);
    }

    this.edge = new AwsEdge(this, "edge", {
      ...place,
      domain: props.domain,
      dns: props.dns,
      people: props.people,
      insideZoneId: props.insideZoneId,
      alarms: props.alarms,
      volumes: props.volumes,
      network: this.network,
      firewall: this.firewall,
      insideDomain: cluster.insideDomain,
      kmsKeyArn: keys.dataKeyArn,
      bucketName: this.bucket.bucketName,
      accessLog: logs.peopleLog,
      servers: mapped(this.servers, ({ autoScalingGroupName }, group) => ({
        autoScalingGroupName,
        size: serverCount(servers[group] ?? { runs: [] }),
        runs: servers[group]?.runs ?? [],
      })),
      workers: mapped(this.workers, ({ autoScalingGroupName }) => autoScalingGroupName),
      transform: props.transform?.edge,
    });
    const { people, dns, alarms } = this.edge;
    if (dns?.nameServers !== undefined) printDelegation(this, dns.domain, dns.nameServers, THEN_DELEGATED);

    this.contract = infrastructureSchema.publish(
      this,
      {
        cloud: "aws",
        environment: place.environment,
        region: place.region,
        account: place.accountId,
        plannerIdentity: ci.plannerRoleArn,
        deployerIdentity: ci.deployerRoleArn,
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
        networkId: this.network.vpcId,
        privateSubnetIds: this.network.privateSubnetIds,
        publicSubnetIds: this.network.publicSubnetIds,
        serverIdentities: mapped(this.identity.servers, ({ roleArn }) => roleArn),
        workerIdentities: mapped(this.identity.workers, ({ roleArn }) => roleArn),
        ciIdentities: { planner: ci.plannerRoleArn, deployer: ci.deployerRoleArn },
        serverMachineGroups: mapped(this.servers, ({ autoScalingGroupName }) => autoScalingGroupName),
        workerMachineGroups: mapped(this.workers, ({ autoScalingGroupName }) => autoScalingGroupName),
        sealKeyId: keys.sealKeyArn,
        keyringKeyId: keys.keyringKeyArn,
        dataKeyId: keys.dataKeyArn,
        publicCaSecretId: this.secrets.publicCaSecretArn,
        bootstrapSecretId: this.secrets.bootstrapSecretArn,
        recoveryKeysSecretId: this.secrets.recoveryKeysSecretArn,
        insideZoneId: this.edge.machine.zoneId,
        publicZoneId: dns?.zoneId ?? "",
        workerFirewallIds: [this.firewall.workerSecurityGroupId].filter((one) => one !== undefined),
        clientFirewallIds: this.firewall.clientSecurityGroupIds as Record<string, string>,
        volumeIds: this.edge.volumes.volumeIds,
        alarmTargetIds: alarms === undefined ? [] : [alarms.topicArn],
      },
    );
  }

  /** From here pipelines learn what to ask for. */
  private nameRunners(labels: readonly string[]): void {
    const description = "Labels by which the forge's jobs get a runner inside of this network";
    new TerraformOutput(this, "runner_labels", { staticId: true, description, value: labels });
  }

  protected static override checkProps(check: PropsCheck, props: AwsInfrastructureStackProps): void {
    LayerStack.checkProps(check, props);
    checkInfrastructure(check, props);
  }

  /** What nodes learn only after apply. */
  private environmentValues(
    accountId: string,
    ci: { readonly plannerRoleArn: string; readonly deployerRoleArn: string },
  ): AwsEnvironmentValues {
    const { keys, servers, workers } = this.identity;
    const roles = (plane: "server" | "worker", byName: AwsIdentity["servers"]) =>
      Object.entries(byName).map(([group, { roleArn }]) => [nodeRoleName(plane, group), roleArn]);
    return {
      account: accountId,
      bucket: this.bucket.bucketName,
      bucketKey: keys.dataKeyArn,
      sealKey: keys.sealKeyArn,
      keyringKey: keys.keyringKeyArn,
      publicCaSecret: this.secrets.publicCaSecretArn,
      bootstrapTokensSecret: this.secrets.bootstrapSecretArn,
      recoveryKeysSecret: this.secrets.recoveryKeysSecretArn,
      deployerRoles: [ci.deployerRoleArn],
      plannerRoles: [ci.plannerRoleArn],
      nodeRoles: Object.fromEntries([...roles("server", servers), ...roles("worker", workers)]),
      logGroup: this.log.logGroupName,
    };
  }
}

/** The firewall's security group, then those that the user adds. */
function groupIds(own: string | undefined, { securityGroupIds = [] }: AwsServerSettings | AwsWorkerSettings): string[] {
  return [...(own === undefined ? [] : [own]), ...securityGroupIds];
}

function givenRoles(
  groups: Readonly<Record<string, { readonly role?: AwsGivenNodeRole }>>,
): Record<string, AwsGivenNodeRole> {
  return Object.fromEntries(Object.entries(groups).flatMap(([name, { role }]) => (role ? [[name, role]] : [])));
}
