import type { App } from "cdktf";
import { S3State } from "cdktf-caravan";
import { AwsInfrastructureStack, AwsStateStack, awsStateBucketName } from "cdktf-caravan/aws";

const place = { accountId: "123456789012", region: "eu-central-1" };

/** Without any way to the internet: images hold all programs, a registry inside mirrors those of jobs, CI runs on GitLab. */
export function privateEnvironment(app: App): AwsInfrastructureStack {
  const bucket = awsStateBucketName({ environment: "secluded", ...place });
  const environment = { name: "secluded", state: new S3State({ bucket, region: place.region }) };
  new AwsStateStack(app, "secluded-state", { environment, ...place, gitlab: { project: "acme/platform" } });
  return new AwsInfrastructureStack(app, "secluded-infrastructure", {
    environment,
    ...place,
    network: { cidr: "10.96.0.0/16", egress: "private", interfaceEndpoints: ["ecr.api", "ecr.dkr"] },
    images: { arm64: "ami-0123456789abcdef1" },
    software: { from: "baked", registry: "registry.example.com" },
    servers: {
      vault: { runs: ["vault"], instanceType: "m7g.large" },
      main: { runs: ["consul", "nomad"], instanceType: "m7g.large" },
    },
    workers: { general: { min: 3, instanceType: "m7g.xlarge" } },
  });
}
