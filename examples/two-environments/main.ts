// Two environments in one account: a small one on arm64, and a production one without any way to the internet, whose
// machine images hold all programs.
import { App } from "cdktf";
import { S3State, summaryTable } from "cdktf-caravan";
import { AwsInfrastructureStack, AwsStateStack, awsStateBucketName } from "cdktf-caravan/aws";

const accountId = "123456789012";
const region = "eu-central-1";
const gitlab = { project: "acme/platform" };

function environment(name: string) {
  const bucket = awsStateBucketName({ environment: name, accountId, region });
  return { name, state: new S3State({ bucket, region }), tags: { "cost-center": "platform" } };
}

const app = new App({ outdir: process.argv[2] });

const dev = { environment: environment("dev"), accountId, region };
const devState = new AwsStateStack(app, "dev-state", { ...dev, gitlab });
new AwsInfrastructureStack(app, "dev-infrastructure", {
  ...dev,
  network: { cidr: "10.64.0.0/20", zones: 1 },
  images: { arm64: "ami-0123456789abcdef1" },
  servers: { main: { count: 1, runs: ["vault", "consul", "nomad"], instanceType: "t4g.medium" } },
  workers: { general: { min: 1, max: 3, instanceType: ["t4g.large", "m7g.large"], spotPercent: 100 } },
});

const prod = { environment: environment("prod"), accountId, region };
// An account has one identity provider for an issuer, and the development environment made it.
new AwsStateStack(app, "prod-state", { ...prod, gitlab, oidcProviderArn: devState.oidcProviderArn });
new AwsInfrastructureStack(app, "prod-infrastructure", {
  ...prod,
  network: { cidr: "10.80.0.0/16", egress: "private", otherNetworks: ["10.64.0.0/20"] },
  images: { x86_64: "ami-0123456789abcdef0" },
  software: { from: "baked", registry: "registry.example.com" },
  servers: { vault: { runs: ["vault"] }, main: { runs: ["consul", "nomad"], instanceType: "m7i.xlarge" } },
  workers: {
    general: { min: 3, max: 12, instanceType: ["m7i.xlarge", "m6i.xlarge"] },
    batch: {
      min: 0,
      max: 20,
      instanceType: ["c7i.2xlarge", "c6i.2xlarge"],
      spotPercent: 80,
      labels: { purpose: "batch" },
    },
    system: { min: 2, instanceType: "m7i.large", system: true },
  },
  // People come by VPN; the zone above is in this account.
  domain: "caravan.example.com",
  dns: { parentZoneId: "Z0123456789ABCDEFGHIJ" },
  people: { allowedRanges: ["10.80.0.0/16", "172.16.0.0/16"] },
  clients: ["privateRunner"],
  volumes: { "jenkins-home": { size: "50GiB", zone: "a" } },
  transform: { nodeRole: { role: { maxSessionDuration: 3600 } } },
});

app.synth();
console.log(summaryTable(app));
