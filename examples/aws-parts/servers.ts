import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import type { App } from "cdktf";
import { LayerStack, S3State } from "cdktf-caravan";
import {
  AwsClusterBucket,
  AwsFirewall,
  AwsIdentity,
  AwsLogBucket,
  AwsMachineAddress,
  AwsNetwork,
  AwsSecretStore,
  AwsServerGroup,
  awsCiRoleArn,
} from "cdktf-caravan/aws";
import type { ClusterProps } from "cdktf-caravan/node";

const place = { environment: "lab", accountId: "123456789012", region: "eu-central-1" };
/** The company's key for disks, buckets and secrets; its own policy lets these services use it. */
const dataKeyArn = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/**
 * Servers of Vault, Consul and Nomad, and nothing else, in a network that the company has: no workers, no address for
 * people, no zone. Each part is given what it needs from the others, or from elsewhere.
 */
export function servers(app: App): LayerStack {
  const state = new S3State({ bucket: "acme-terraform-state", region: place.region });
  const stack = new LayerStack(app, "lab-servers", { environment: { name: place.environment, state } });
  new AwsProvider(stack, "aws", { region: place.region, allowedAccountIds: [place.accountId] });

  const network = AwsNetwork.fromAttributes(stack, "network", {
    vpcId: "vpc-0123456789abcdef0",
    cidr: "10.20.0.0/16",
    privateSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1", "subnet-0123456789abcdef2"],
  });
  const ci = { deployerRoleArn: awsCiRoleArn(place, "deployer"), plannerRoleArn: awsCiRoleArn(place, "planner") };
  const identity = new AwsIdentity(stack, "identity", {
    ...place,
    ...ci,
    dataKeyArn,
    permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/acme-boundary",
  });
  const { keys, servers: roles } = identity;
  const role = roles["main"];
  if (role === undefined) throw new Error("the default group of servers is called main");

  const logs = new AwsLogBucket(stack, "logs", place);
  const bucket = new AwsClusterBucket(stack, "bucket", {
    ...place,
    servers: [role],
    kmsKeyArn: dataKeyArn,
    accessLog: logs.clusterLog,
  });
  const secrets = new AwsSecretStore(stack, "secrets", {
    ...place,
    ...ci,
    servers: [role],
    workers: [],
    kmsKeyArn: dataKeyArn,
  });
  const firewall = new AwsFirewall(stack, "firewall", {
    ...place,
    network,
    workers: false,
    clients: ["privateRunner"],
  });

  const cluster: ClusterProps = {
    environment: place.environment,
    cloud: { name: "aws", region: place.region },
    datacenter: place.region,
    region: "global",
    insideDomain: "caravan.internal",
    servers: { main: { count: 3, runs: ["vault", "consul", "nomad"] } },
  };
  const group = new AwsServerGroup(stack, "servers", {
    cluster,
    group: "main",
    role,
    images: { x86_64: "ami-0123456789abcdef0" },
    subnetIds: network.privateSubnetIds,
    securityGroupIds: [firewall.serverSecurityGroupIds["main"] ?? "", "sg-0123456789abcdef0"],
    kmsKeyArn: dataKeyArn,
    autoScalingRoleArn: identity.autoScalingRoleArn,
    values: {
      account: place.accountId,
      bucket: bucket.bucketName,
      bucketKey: dataKeyArn,
      sealKey: keys.sealKeyArn,
      keyringKey: keys.keyringKeyArn,
      publicCaSecret: secrets.publicCaSecretArn,
      bootstrapTokensSecret: secrets.bootstrapSecretArn,
      recoveryKeysSecret: secrets.recoveryKeysSecretArn,
      deployerRoles: [ci.deployerRoleArn],
      plannerRoles: [ci.plannerRoleArn],
      nodeRoles: { "server-main": role.roleArn },
      logGroup: "/caravan/lab/nodes",
    },
    // What no prop of ours says.
    transform: {
      launchTemplate: (props) => ({ ...props, placement: { tenancy: "dedicated" } }),
      autoScalingGroup: (props) => ({ ...props, defaultCooldown: 600 }),
    },
  });
  const autoScalingGroups = {
    vault: group.autoScalingGroupName,
    consul: group.autoScalingGroupName,
    nomad: group.autoScalingGroupName,
  };
  new AwsMachineAddress(stack, "machine", {
    ...place,
    network,
    securityGroupId: firewall.machineSecurityGroupId,
    insideDomain: cluster.insideDomain,
    autoScalingGroups,
  });
  return stack;
}
