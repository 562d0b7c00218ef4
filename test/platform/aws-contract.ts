import type { AccessProps } from "../../lib/node";

export const arn = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
export const inPath = (name: string) => `arn:aws:iam::123456789012:role/caravan/prod/${name}`;

/** Who is what on the cluster of these tests. */
export const who = {
  environment: "prod",
  cloud: { name: "aws", region: "eu-central-1" },
  datacenter: "eu-central-1",
  region: "global",
  insideDomain: "caravan.internal",
  // Vault asks IAM for nothing then: there is none here.
  discovery: "addresses",
  servers: { main: { count: 1, runs: ["vault", "consul", "nomad"] } },
  workers: { general: {}, batch: { nodePool: "jobs" } },
} satisfies AccessProps;

/** What is known at synth of an AWS infrastructure. */
export const knownOfAws = {
  cloud: "aws",
  environment: "prod",
  region: "eu-central-1",
  account: "123456789012",
  serverGroups: { main: ["vault", "consul", "nomad"] },
  workerGroups: { general: { nodePool: "general", system: false }, batch: { nodePool: "jobs", system: false } },
  datacenter: "eu-central-1",
  nomadRegion: "global",
  machine: {
    vault: "vault.prod.caravan.internal",
    consul: "consul.prod.caravan.internal",
    nomad: "nomad.prod.caravan.internal",
  },
  clusterBucket: "bucket",
  plannerIdentity: inPath("planner"),
  deployerIdentity: inPath("deployer"),
  access: who,
} as const;

/** What is known of it after its apply. */
export const appliedOfAws = {
  networkId: "vpc-1",
  privateSubnetIds: [],
  publicSubnetIds: [],
  serverIdentities: { main: arn("server-main") },
  workerIdentities: { general: arn("worker-general"), batch: arn("worker-batch") },
  ciIdentities: { planner: inPath("planner"), deployer: inPath("deployer") },
  serverMachineGroups: {},
  workerMachineGroups: {},
  sealKeyId: "",
  keyringKeyId: "",
  dataKeyId: "",
  publicCaSecretId: "",
  bootstrapSecretId: "",
  recoveryKeysSecretId: "",
  insideZoneId: "",
  publicZoneId: "",
  workerFirewallIds: [],
  clientFirewallIds: {},
  volumeIds: {},
  alarmTargetIds: [],
};
