// Two environments in one account: a small one, and a production one without any way to the internet.
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
});

const prod = { environment: environment("prod"), accountId, region };
// An account has one identity provider for an issuer, and the development environment made it.
new AwsStateStack(app, "prod-state", { ...prod, gitlab, oidcProviderArn: devState.oidcProviderArn });
new AwsInfrastructureStack(app, "prod-infrastructure", {
  ...prod,
  network: { cidr: "10.80.0.0/16", egress: "private", otherNetworks: ["10.64.0.0/20"] },
  servers: { vault: { runs: ["vault"] }, main: { runs: ["consul", "nomad"] } },
  workers: { general: {}, batch: {} },
  transform: { nodeRole: { role: { maxSessionDuration: 3600 } } },
});

app.synth();
console.log(summaryTable(app));
