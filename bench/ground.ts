// The ground of an environment: `ground.js <outdir>`.
import { App } from "cdktf";
import { S3State } from "cdktf-caravan";
import { AwsInfrastructureStack, AwsStateStack, awsStateBucketName } from "cdktf-caravan/aws";

const [, , outdir] = process.argv;
const app = new App({ outdir });
const accountId = "123456789012";
const region = "eu-central-1";
const bucket = awsStateBucketName({ environment: "prod", accountId, region });
const environment = { name: "prod", state: new S3State({ bucket, region }) };
new AwsStateStack(app, "prod-state", { environment, accountId, region, github: { repository: "acme/platform" } });
new AwsInfrastructureStack(app, "prod-infrastructure", {
  environment,
  accountId,
  region,
  images: { x86_64: "ami-0123456789abcdef0" },
  workers: { general: {}, batch: {} },
});
app.synth();
