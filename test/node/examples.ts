import type { EnvironmentValues, ServerNodeProps, WorkerNodeProps } from "../../lib/node";

/** The smallest props of a server that runs everything. */
export const server: ServerNodeProps = {
  role: "server",
  group: "main",
  environment: "prod",
  cloud: { name: "aws", region: "eu-central-1" },
  datacenter: "eu-central-1",
  region: "global",
  servers: { main: { count: 3, runs: ["vault", "consul", "nomad"] } },
  insideDomain: "caravan.internal",
};

/** The smallest props of a worker of the same cluster. */
export const worker: WorkerNodeProps = { ...server, role: "worker", group: "general" };

export const environmentValues: EnvironmentValues = {
  account: "123456789012",
  bucket: "caravan-prod-cluster-b4e710b114",
  bucketKey: "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  sealKey: "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  keyringKey: "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  publicCaSecret: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:caravan/prod/public-ca-AbCdEf",
  bootstrapTokensSecret: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:caravan/prod/bootstrap-AbCdEf",
  recoveryKeysSecret: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:caravan/prod/recovery-AbCdEf",
  deployerRoles: ["arn:aws:iam::123456789012:role/deployer"],
  plannerRoles: ["arn:aws:iam::123456789012:role/planner"],
  nodeRoles: {
    "worker-general": "arn:aws:iam::123456789012:role/caravan-prod-worker-general",
    "server-main": "arn:aws:iam::123456789012:role/caravan-prod-server-main",
  },
  logGroup: "/caravan/prod/first-boot",
};
