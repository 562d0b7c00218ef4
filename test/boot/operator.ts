import { type Product, ports, products } from "../../lib/node";
import { AwsCloud, type Living, living } from "../../lib/operate";
import { BUCKET, type Cluster } from "./cluster";
import type { Group } from "./group";

/**
 * The cluster as `lib/operate` has it, for somebody outside who acts as CI, or with tokens of his own.
 *
 * @param env The products' variables, as they stand in the environment of who acts.
 * @param as Which of CI's roles of the cloud he takes.
 */
export async function operator(
  cluster: Cluster,
  group: Group,
  workers?: Group,
  env: NodeJS.ProcessEnv = {},
  as: "deployer" | "planner" = "deployer",
): Promise<Living> {
  const { cloud } = cluster;
  const ca = await cluster.secret("publicCaSecret");
  const endpoint = (product: Product) => ({
    url: `https://${cluster.balancer}:${ports[product]}`,
    serverName: cluster.nameOf(product),
    ca,
  });
  const role = (name: string) => `arn:aws:iam::${cloud.account}:role/${name}`;
  return living({
    environment: "prod",
    groups: { main: products },
    endpoints: { vault: endpoint("vault"), consul: endpoint("consul"), nomad: endpoint("nomad") },
    vaultServerId: cluster.nameOf("vault"),
    cloud: new AwsCloud({
      region: cloud.region,
      bucket: BUCKET,
      secrets: { "public-ca": "caravan/prod/public-ca", bootstrap: "caravan/prod/bootstrap-tokens" },
      autoScalingGroups: { main: group.name },
      workerAutoScalingGroups: workers === undefined ? {} : { general: workers.name },
      deployerRoleArn: role("deployer"),
      plannerRoleArn: role("planner"),
      credentials: async () => {
        const { accessKeyId, secretAccessKey, token } = await cloud.assume(as, "ci");
        return { accessKeyId, secretAccessKey, sessionToken: token };
      },
      endpoint: cloud.endpoint,
    }),
    env,
  });
}
