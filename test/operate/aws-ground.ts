import { AwsApi } from "../../lib/operate/aws/api";
import type { AwsCloudProps } from "../../lib/operate/aws/cloud";
import { signedHeaders } from "../../lib/operate/aws/signature";
import { MOTO_ACCOUNT, type Moto } from "../support/moto";

export const REGION = "eu-central-1";
const BUCKET = "caravan-prod-cluster";
const signal = AbortSignal.timeout(600_000);
const credentials = { accessKeyId: "test", secretAccessKey: "test" };

/** What Terraform makes of an environment, as far as operations see it: one server group, a bucket, secrets. */
export class AwsGround {
  private constructor(
    readonly api: AwsApi,
    readonly props: AwsCloudProps,
    private readonly endpoint: string,
    private readonly template: string,
  ) {}

  static async make({ endpoint }: Moto, count = 3): Promise<AwsGround> {
    const api = new AwsApi({ region: REGION, credentials: async () => credentials, endpoint });
    const ec2 = (action: string, parameters: Record<string, string>) => api.query("ec2", action, parameters, signal);
    const vpc = await ec2("CreateVpc", { CidrBlock: "10.0.0.0/16" });
    const subnets = await Promise.all(
      ["a", "b", "c"].map(async (zone, index) => {
        const where = { CidrBlock: `10.0.${index}.0/24`, AvailabilityZone: `${REGION}${zone}` };
        const made = await ec2("CreateSubnet", { VpcId: vpc.value("vpc.vpcId") ?? "", ...where });
        return made.value("subnet.subnetId") ?? "";
      }),
    );
    const recipe = { "LaunchTemplateData.ImageId": "ami-12c6146b", "LaunchTemplateData.InstanceType": "m7i.large" };
    const made = await ec2("CreateLaunchTemplate", { LaunchTemplateName: "caravan-prod-server-main", ...recipe });
    const template = made.value("launchTemplate.launchTemplateId") ?? "";
    await api.query(
      "autoscaling",
      "CreateAutoScalingGroup",
      {
        AutoScalingGroupName: "caravan-prod-server-main",
        MinSize: String(count),
        MaxSize: String(count),
        DesiredCapacity: String(count),
        VPCZoneIdentifier: subnets.join(","),
        NewInstancesProtectedFromScaleIn: "true",
        "LaunchTemplate.LaunchTemplateId": template,
        "LaunchTemplate.Version": "1",
      },
      signal,
    );
    const secret = async (Name: string) =>
      (await api.json<{ ARN: string }>("secretsmanager", "secretsmanager.CreateSecret", { Name }, signal)).ARN;
    const props: AwsCloudProps = {
      region: REGION,
      endpoint,
      credentials: async () => credentials,
      bucket: BUCKET,
      secrets: {
        "public-ca": await secret("caravan/prod/public-ca/x"),
        bootstrap: await secret("caravan/prod/bootstrap/x"),
      },
      autoScalingGroups: { main: "caravan-prod-server-main" },
      deployerRoleArn: `arn:aws:iam::${MOTO_ACCOUNT}:role/caravan-ci/prod/caravan-prod-deployer`,
      plannerRoleArn: `arn:aws:iam::${MOTO_ACCOUNT}:role/caravan-ci/prod/caravan-prod-planner`,
    };
    const ground = new AwsGround(api, props, endpoint, template);
    await ground.put(
      "",
      `<CreateBucketConfiguration><LocationConstraint>${REGION}</LocationConstraint></CreateBucketConfiguration>`,
    );
    return ground;
  }

  /** An object of the cluster's bucket; the bucket itself for an empty key. */
  async put(key: string, body: string | Uint8Array): Promise<void> {
    const url = `${this.endpoint}/${BUCKET}${key === "" ? "" : `/${key}`}`;
    const headers = signedHeaders({ method: "PUT", url, body }, { credentials, region: REGION, service: "s3" });
    const { host: _, ...rest } = headers;
    const answer = await fetch(url, { method: "PUT", headers: rest, body });
    if (!answer.ok) throw new Error(`PUT ${url}: ${answer.status} ${await answer.text()}`);
  }

  async fillSecret(secret: "public-ca" | "bootstrap", SecretString: string): Promise<void> {
    const SecretId = this.props.secrets[secret];
    await this.api.json("secretsmanager", "secretsmanager.PutSecretValue", { SecretId, SecretString }, signal);
  }

  /** What Terraform does when the recipe changes: a new version of the launch template, and the group points at it. */
  async changeRecipe(): Promise<void> {
    const answer = await this.api.query(
      "ec2",
      "CreateLaunchTemplateVersion",
      {
        LaunchTemplateId: this.template,
        "LaunchTemplateData.ImageId": "ami-12c6146b",
        "LaunchTemplateData.InstanceType": "m7i.xlarge",
      },
      signal,
    );
    const version = answer.value("launchTemplateVersion.versionNumber") ?? "";
    await this.api.query(
      "autoscaling",
      "UpdateAutoScalingGroup",
      {
        AutoScalingGroupName: "caravan-prod-server-main",
        "LaunchTemplate.LaunchTemplateId": this.template,
        "LaunchTemplate.Version": version,
      },
      signal,
    );
  }
}
