import { AutoscalingGroup } from "@cdktf/provider-aws/lib/autoscaling-group";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { Route53Zone } from "@cdktf/provider-aws/lib/route53-zone";
import type { LayerStack } from "../../../lib";
import { AwsAlarms } from "../../../lib/infrastructure/aws/alarms";
import { AwsClusterBucket } from "../../../lib/infrastructure/aws/cluster-bucket";
import { AwsDns } from "../../../lib/infrastructure/aws/dns";
import { AwsFirewall } from "../../../lib/infrastructure/aws/firewall";
import { AwsLogBucket } from "../../../lib/infrastructure/aws/log-bucket";
import { AwsMachineAddress } from "../../../lib/infrastructure/aws/machine-address";
import { AwsNetwork } from "../../../lib/infrastructure/aws/network";
import { AwsPeopleAddress } from "../../../lib/infrastructure/aws/people-address";
import { AwsSecretStore } from "../../../lib/infrastructure/aws/secret-store";
import { AwsVolumes } from "../../../lib/infrastructure/aws/volumes";
import { deployerRoleArn, edgeStack, place, plannerRoleArn, servers } from "./edge-stack";

/** A user's own stack with every part of the edge, used alone: groups that are nobody's, a zone above that is theirs. */
export function edgeOf(): LayerStack {
  const { stack, identity } = edgeStack(false);
  const kmsKeyArn = identity.keys.dataKeyArn;
  const network = new AwsNetwork(stack, "network", {
    ...place,
    kmsKeyArn,
    zones: 2,
    natGateways: "one",
    // moto 5.2.1 forgets the types of ICMP entries, so that every plan would set them again.
    transform: { privateNetworkAcl: { ingress: [], egress: [] }, publicNetworkAcl: { ingress: [], egress: [] } },
  });
  const log = new AwsLogBucket(stack, "log-bucket", place);
  const nodes = { servers: Object.values(identity.servers), workers: Object.values(identity.workers) };
  const bucket = new AwsClusterBucket(stack, "cluster-bucket", {
    ...place,
    kmsKeyArn,
    ...nodes,
    accessLog: log.clusterLog,
  });
  new AwsSecretStore(stack, "secrets", { ...place, kmsKeyArn, ...nodes, deployerRoleArn, plannerRoleArn });
  const firewall = new AwsFirewall(stack, "firewall", { ...place, network, servers, peopleRanges: [network.cidr] });

  const template = new LaunchTemplate(stack, "template", {
    name: "nobody",
    imageId: "ami-12c6146b",
    instanceType: "t3.micro",
    blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { encrypted: "true", kmsKeyId: kmsKeyArn } }],
    iamInstanceProfile: { arn: nodes.workers[0]?.instanceProfileArn },
    ebsOptimized: "true",
    monitoring: { enabled: true },
    metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
  });
  const group = (name: string) =>
    new AutoscalingGroup(stack, name, {
      name,
      minSize: 0,
      maxSize: 0,
      launchTemplate: { id: template.id, version: "1" },
      tag: [{ key: "Name", value: name, propagateAtLaunch: false }],
      vpcZoneIdentifier: [...network.privateSubnetIds],
    }).name;
  const [vault, main] = [group("vault"), group("main")];
  const autoScalingGroups = { vault, consul: main, nomad: main };
  const machine = new AwsMachineAddress(stack, "machine", {
    ...place,
    network,
    securityGroupId: firewall.machineSecurityGroupId,
    insideDomain: "caravan.internal",
    autoScalingGroups,
  });
  const above = new Route53Zone(stack, "above", { name: "example.com" });
  const dns = new AwsDns(stack, "dns", { domain: "caravan.example.com", parentZoneId: above.zoneId });
  new AwsPeopleAddress(stack, "people", {
    ...place,
    domain: dns.domain,
    zoneId: dns.zoneId,
    network,
    securityGroupId: firewall.peopleSecurityGroupId ?? "",
    autoScalingGroups,
    workerAutoScalingGroups: { general: group("general") },
    accessLog: log.peopleLog,
  });
  new AwsVolumes(stack, "volumes", { ...place, kmsKeyArn, volumes: { jenkins: { size: "20GiB", zone: "a" } } });
  new AwsAlarms(stack, "alarms", {
    ...place,
    kmsKeyArn,
    machine,
    bucketName: bucket.bucketName,
    groups: { main: { autoScalingGroupName: main, size: 3 } },
  });
  return stack;
}
