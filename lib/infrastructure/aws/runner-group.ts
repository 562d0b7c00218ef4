import { AutoscalingGroup, type AutoscalingGroupConfig } from "@cdktf/provider-aws/lib/autoscaling-group";
import type { DataAwsAmiConfig } from "@cdktf/provider-aws/lib/data-aws-ami";
import type { LaunchTemplateConfig } from "@cdktf/provider-aws/lib/launch-template";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { PropsCheck, rule } from "../../core/errors";
import { hcl } from "../../core/hcl";
import { listOf, text } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";
import { userDataLimits } from "../../node/cloud-init";
import { checkWorkerRange, diskSize, type MachineSettings, workerRange } from "../props";
import {
  type AwsGitHubRunners,
  checkGitHubRunners,
  gitHubRunnerLabels,
  gitHubRunnerScript,
  signStatement,
} from "./github-runners";
import { AwsImage, type AwsImages } from "./image";
import { architectureOf, checkInstanceTypes, defaultInstanceType } from "./instance-type";
import { AwsLaunchTemplate, checkSecurityGroups } from "./launch-template";
import { ENVIRONMENT_TAG, nodeGroupName } from "./names";
import { checkImageOf } from "./node-group";
import { registrationStatements } from "./node-policy";
import { type AwsGivenNodeRole, AwsNodeRole } from "./node-role";
import type { AwsPlace } from "./place";
import { checkPlace } from "./place-check";
import { kmsKeyArn, roleArn, secretArn, subnetId } from "./rules";

/** CI's own runners inside the network, from where an internal environment is planned and applied. */
export interface AwsRunners extends Pick<MachineSettings, "imageId" | "diskSize"> {
  /**
   * Runners of GitHub, each for one job.
   *
   * @default - `userData` says what they are
   */
  readonly gitHub?: AwsGitHubRunners;
  /**
   * What makes a machine a runner of another forge: a script or a cloud-init document. It holds no secret; a token to sign in
   * with is read from one of `secretArns`. A runner that takes one job and then powers off is replaced by a fresh one.
   *
   * @default - what `gitHub` needs
   */
  readonly userData?: string;
  /**
   * The fewest runners.
   *
   * @default 1, or `max` if that is less
   */
  readonly min?: number;
  /**
   * The most runners. Between the two whoever scales the group decides.
   *
   * @default - as many as `min`
   */
  readonly max?: number;
  /**
   * The instance type.
   *
   * @default "m7i.large"
   */
  readonly instanceType?: string;
  /**
   * ARNs of the secrets that runners may read, such as the one with the forge's registration token.
   *
   * @default - none
   */
  readonly secretArns?: readonly string[];
  /**
   * A role that exists, for the runners.
   *
   * @default - one is made, which may do nothing but read `secretArns`: jobs get planner and deployer from the forge's identity
   */
  readonly role?: AwsGivenNodeRole;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly image?: Transform<DataAwsAmiConfig>;
    readonly launchTemplate?: Transform<LaunchTemplateConfig>;
    readonly autoScalingGroup?: Transform<AutoscalingGroupConfig>;
  };
}

export interface AwsRunnerGroupProps extends AwsPlace, AwsRunners {
  /** The environment's machine images, without an `imageId`. */
  readonly images?: AwsImages;
  /** Where runners stand: private subnets, one a zone. */
  readonly subnetIds: readonly string[];
  /** Their security groups: the firewall's of the client `privateRunner`. */
  readonly securityGroupIds: readonly string[];
  /** ARN of the key that encrypts their disks, and the secrets they read. */
  readonly kmsKeyArn: string;
  /** ARN of the role by which Auto Scaling acts. */
  readonly autoScalingRoleArn: string;
  /** @default - none */
  readonly permissionsBoundaryArn?: string;
  /** @default - those of this library */
  readonly tags?: Readonly<Record<string, string>>;
}

const userData = rule<string>({
  allowed: `a text of at most ${userDataLimits.aws} bytes, which AWS takes as user data`,
  fix: "let it fetch the rest from where the runner's software is",
  accepts: (value) => text.accepts(value) && Buffer.byteLength(String(value)) <= userDataLimits.aws,
});

/** Checks what a user says of runners. */
export function checkRunners(check: PropsCheck, runners: AwsRunners, images: AwsImages | undefined): void {
  if (runners.gitHub === undefined) check.required("userData", runners.userData, userData);
  else {
    checkGitHubRunners(check.under("gitHub"), runners.gitHub);
    if (runners.userData !== undefined) {
      check.add({
        property: "userData",
        given: runners.userData,
        allowed: "nothing beside gitHub, which says what a machine does",
        fix: "leave one of the two away",
      });
    }
  }
  checkWorkerRange(check, runners);
  check.optional("diskSize", runners.diskSize, diskSize);
  if (runners.secretArns !== undefined && check.required("secretArns", runners.secretArns, listOf(1, 10, "secrets"))) {
    check.each("secretArns", runners.secretArns, secretArn);
  }
  const types = checkInstanceTypes(check, "instanceType", [runners.instanceType ?? defaultInstanceType]);
  checkImageOf(check, "", runners, images, types);
}

/**
 * An Auto Scaling group of CI's own runners in private subnets: no public address, no key pair, people by Session Manager. They
 * reach the machine address, and the forge by the network's way out; nothing reaches them.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsRunnerGroup extends Construct {
  readonly autoScalingGroupName: string;
  readonly roleArn: string;
  /** The labels by which jobs of GitHub ask for them. */
  readonly labels?: readonly string[];

  constructor(scope: Construct, id: string, props: AwsRunnerGroupProps) {
    const { environment, accountId, region, transform, secretArns = [] } = props;
    const { instanceType = defaultInstanceType } = props;
    const check = new PropsCheck("AwsRunnerGroup", scope, id);
    checkPlace(check, props);
    checkRunners(check, props, props.images);
    if (check.required("subnetIds", props.subnetIds, listOf(1, 10, "subnets"))) {
      check.each("subnetIds", props.subnetIds, subnetId);
    }
    checkSecurityGroups(check, props.securityGroupIds, 1, 5);
    check.required("kmsKeyArn", props.kmsKeyArn, kmsKeyArn);
    check.required("autoScalingRoleArn", props.autoScalingRoleArn, roleArn);
    check.done();
    super(scope, id);

    const place = { environment, accountId, region };
    const role = new AwsNodeRole(this, "role", {
      ...place,
      plane: "runner",
      group: "ci",
      given: props.role,
      permissionsBoundaryArn: props.role === undefined ? props.permissionsBoundaryArn : undefined,
    });
    if (secretArns.length > 0) {
      role.allow("registration", registrationStatements(place, secretArns, props.kmsKeyArn));
    }
    if (props.gitHub !== undefined) role.allow("app", [signStatement(props.gitHub)]);
    this.labels = props.gitHub && gitHubRunnerLabels(environment, props.gitHub);
    const userData = props.gitHub ? gitHubRunnerScript(environment, region, props.gitHub) : (props.userData ?? "");
    this.roleArn = role.roleArn;
    const name = nodeGroupName(environment, "runner", "ci");
    const tags = { ...props.tags, [ENVIRONMENT_TAG]: environment, "caravan-group": "runner-ci" };
    const architecture = architectureOf(instanceType);
    const template = new AwsLaunchTemplate(this, "launch-template", {
      name,
      image: new AwsImage(this, "image", {
        imageId: props.imageId ?? (architecture && props.images?.[architecture]) ?? "",
        architecture,
        transform: { image: transform?.image },
      }),
      instanceType,
      instanceProfileArn: role.instanceProfileArn,
      securityGroupIds: props.securityGroupIds,
      userDataBase64: Token.isUnresolved(userData)
        ? hcl.callString("base64encode", userData)
        : Buffer.from(userData).toString("base64"),
      diskSize: props.diskSize ?? "50GiB",
      kmsKeyArn: props.kmsKeyArn,
      tags,
      transform: { launchTemplate: transform?.launchTemplate },
    });
    const { min, max } = workerRange({ min: props.min ?? Math.min(1, props.max ?? 1), max: props.max });
    this.autoScalingGroupName = new AutoscalingGroup(
      this,
      "Default",
      transformed(transform?.autoScalingGroup, {
        name,
        minSize: min,
        maxSize: max,
        vpcZoneIdentifier: [...props.subnetIds],
        launchTemplate: { id: template.launchTemplateId, version: template.version },
        serviceLinkedRoleArn: props.autoScalingRoleArn,
        healthCheckType: "EC2",
        healthCheckGracePeriod: 300,
        terminationPolicies: ["OldestLaunchTemplate", "OldestInstance"],
        waitForCapacityTimeout: "0",
        tag: Object.entries({ ...tags, Name: name }).map(([key, value]) => ({ key, value, propagateAtLaunch: false })),
      }),
    ).name;
  }
}
