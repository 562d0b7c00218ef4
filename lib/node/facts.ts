import { awsPartition } from "./cloud/aws-partition";
import { scaleSetName } from "./cloud/azure";
import { byCloud } from "./cloud/clouds";
import { clusterRuns, groupOf, machineHost, type NodeProps, nodePoolOf, nodeRoleName, runsOf } from "./node-props";
import { products } from "./products";

/**
 * What a node is, for first boot's scripts: `NAME="value"` lines as in the environment file, all known at synth. Lists are
 * separated by blanks.
 */
export function nodeFacts(props: NodeProps): Readonly<Record<string, string>> {
  const inCluster = products.filter((product) => clusterRuns(props, product));
  const scaleSet = (group: string) => scaleSetName(props.environment, "server", group);
  return {
    CARAVAN_CLOUD: props.cloud.name,
    CARAVAN_CLOUD_REGION: props.cloud.region,
    ...byCloud<Readonly<Record<string, string>>>(props.cloud, {
      aws: ({ region }) => ({ CARAVAN_CLOUD_DNS_SUFFIX: awsPartition(region).dnsSuffix, AWS_REGION: region }),
      azure: ({ subscriptionId, resourceGroup }) => ({
        CARAVAN_SUBSCRIPTION: subscriptionId,
        CARAVAN_RESOURCE_GROUP: resourceGroup,
        CARAVAN_SCALE_SETS: Object.keys(props.servers).map(scaleSet).join(" "),
        ...Object.fromEntries(
          inCluster.map((product) => [
            `CARAVAN_${product.toUpperCase()}_SCALE_SET`,
            scaleSet(groupOf(props, product)?.name ?? ""),
          ]),
        ),
      }),
      gcp: ({ project }) => ({ CARAVAN_PROJECT: project }),
    }),
    CARAVAN_ENVIRONMENT: props.environment,
    CARAVAN_ROLE: props.role,
    CARAVAN_GROUP: props.group,
    CARAVAN_NODE_ROLE: nodeRoleName(props.role, props.group),
    CARAVAN_RUNS: runsOf(props).join(" "),
    /** Products that the cluster has servers of. */
    CARAVAN_CLUSTER: inCluster.join(" "),
    CARAVAN_DATACENTER: props.datacenter,
    CARAVAN_REGION: props.region,
    CARAVAN_DISCOVERY: props.discovery ?? "cloud",
    CARAVAN_SOFTWARE: props.software?.from ?? "install",
    ...(props.role === "worker"
      ? { CARAVAN_NODE_POOL: nodePoolOf(props) }
      : { CARAVAN_SNAPSHOTS_KEPT: String(props.snapshotsKept ?? 336) }),
    ...(props.role === "server" && props.dataDevice !== undefined ? { CARAVAN_DATA_DEVICE: props.dataDevice } : {}),
    ...Object.fromEntries(
      inCluster.flatMap((product) => {
        const name = product.toUpperCase();
        const group = groupOf(props, product);
        return [
          [`CARAVAN_${name}_HOST`, machineHost(props, product)],
          [`CARAVAN_${name}_GROUP`, String(group?.name)],
          [`CARAVAN_${name}_SERVERS`, String(group?.count)],
        ];
      }),
    ),
  };
}

/** The facts as a file. Values are checked props: names, host names, numbers. */
export function factsFile(props: NodeProps): string {
  return Object.entries(nodeFacts(props))
    .map(([name, value]) => `${name}="${value}"\n`)
    .join("");
}
