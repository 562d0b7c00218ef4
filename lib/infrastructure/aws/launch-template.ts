import {
  LaunchTemplate,
  type LaunchTemplateBlockDeviceMappings,
  type LaunchTemplateConfig,
  type LaunchTemplateTagSpecifications,
} from "@cdktf/provider-aws/lib/launch-template";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { boolean, listOf, text } from "../../core/rules";
import { parseSize, size } from "../../core/values";
import { type Transform, transformed } from "../../layer/transform";
import { dataDevices } from "../../node/check/cloud-rules";
import { waiveByChoice } from "../../policy/waiver";
import type { AwsImage } from "./image";
import { instanceType } from "./instance-type";
import { instanceProfileArn, kmsKeyArn, securityGroupId } from "./rules";

export interface AwsLaunchTemplateProps {
  /** Name of the template, and of the machines that start from it. */
  readonly name: string;
  readonly image: Pick<AwsImage, "imageId" | "rootDeviceName">;
  /** `"m7i.large"`; a group may override it with others of the same processor. */
  readonly instanceType: string;
  readonly instanceProfileArn: string;
  /** 1 to 5, all in the network that the machines stand in. */
  readonly securityGroupIds: readonly string[];
  /** User data in base64, as `cloudInit` gives it. */
  readonly userDataBase64: string;
  /** Size of the disk: `"50GiB"`. */
  readonly diskSize: string;
  /** ARN of the key that encrypts the disk. Its policy must let the service that starts the machines use it. */
  readonly kmsKeyArn: string;
  /** Tags of machines, disks and network interfaces, beside `Name`. */
  readonly tags: Readonly<Record<string, string>>;
  /**
   * A second disk for data, which goes with its machine.
   *
   * @default - none
   */
  readonly dataDisk?: {
    /** `"20GiB"` */
    readonly size: string;
    /** The name under which it is attached: `"/dev/sdf"`. */
    readonly device: string;
  };
  /**
   * Whether containers on the machine can ask the metadata service, and with it be the machine to AWS. Breaks the policy's
   * rule `aws-instance-hop-limit` by choice.
   *
   * @default false
   */
  readonly metadataForContainers?: boolean;
  /**
   * Whether the user data lets jobs of Nomad be root on the machine (`raw_exec`). Breaks the policy's rule
   * `aws-user-data-raw-exec` by choice.
   *
   * @default false
   */
  readonly rawExec?: boolean;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: { readonly launchTemplate?: Transform<LaunchTemplateConfig> };
}

/** Checks the property `securityGroupIds`. An interface takes 5: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html */
export function checkSecurityGroups(check: PropsCheck, ids: readonly string[], min: number, max: number): void {
  if (check.required("securityGroupIds", ids, listOf(min, max, "security groups"))) {
    check.each("securityGroupIds", ids, securityGroupId);
  }
}

const diskSize = size({ min: "1GiB", max: "16TiB", unit: "GiB" });

function disk(deviceName: string, diskSize: string, kmsKeyId: string): LaunchTemplateBlockDeviceMappings {
  return {
    deviceName,
    ebs: {
      volumeType: "gp3",
      volumeSize: parseSize(diskSize, "GiB"),
      encrypted: "true",
      kmsKeyId,
      deleteOnTermination: "true",
    },
  };
}

/** What is tagged when a machine starts. */
const TAGGED = ["instance", "network-interface", "volume"] as const;

/**
 * The recipe of a node: no public address and no key pair, metadata by session token only and kept on the machine, encrypted
 * disks (gp3). Each change is a new version; machines that run keep the one they were started from.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsLaunchTemplate extends Construct {
  readonly launchTemplateId: string;
  /** The number of the newest version. */
  readonly version: string;

  constructor(scope: Construct, id: string, props: AwsLaunchTemplateProps) {
    const check = new PropsCheck("AwsLaunchTemplate", scope, id);
    check.required("name", props.name, text);
    check.required("instanceType", props.instanceType, instanceType);
    check.required("instanceProfileArn", props.instanceProfileArn, instanceProfileArn);
    checkSecurityGroups(check, props.securityGroupIds, 1, 5);
    check.required("userDataBase64", props.userDataBase64, text);
    check.required("diskSize", props.diskSize, diskSize);
    check.required("kmsKeyArn", props.kmsKeyArn, kmsKeyArn);
    if (props.dataDisk !== undefined) {
      check.required("dataDisk.size", props.dataDisk.size, diskSize);
      check.required("dataDisk.device", props.dataDisk.device, dataDevices.aws);
    }
    check.optional("metadataForContainers", props.metadataForContainers, boolean);
    check.optional("rawExec", props.rawExec, boolean);
    check.done();
    super(scope, id);

    const { dataDisk, metadataForContainers = false, rawExec = false } = props;
    const tags = { ...props.tags, Name: props.name };
    const template = new LaunchTemplate(
      this,
      "Default",
      transformed(props.transform?.launchTemplate, {
        name: props.name,
        imageId: props.image.imageId,
        instanceType: props.instanceType,
        iamInstanceProfile: { arn: props.instanceProfileArn },
        ebsOptimized: "true",
        monitoring: { enabled: true },
        metadataOptions: {
          httpEndpoint: "enabled",
          httpTokens: "required",
          httpPutResponseHopLimit: metadataForContainers ? 2 : 1,
          instanceMetadataTags: "disabled",
        },
        // With an interface of its own, for only there a public address can be refused whatever the subnet says.
        networkInterfaces: [
          {
            deviceIndex: 0,
            associatePublicIpAddress: "false",
            deleteOnTermination: "true",
            securityGroups: [...props.securityGroupIds],
          },
        ],
        blockDeviceMappings: [
          disk(props.image.rootDeviceName, props.diskSize, props.kmsKeyArn),
          ...(dataDisk === undefined ? [] : [disk(dataDisk.device, dataDisk.size, props.kmsKeyArn)]),
        ],
        userData: props.userDataBase64,
        tagSpecifications: TAGGED.map((resourceType): LaunchTemplateTagSpecifications => ({ resourceType, tags })),
      }),
    );
    if (metadataForContainers) {
      waiveByChoice(template, {
        rule: "aws-instance-hop-limit",
        reason: "containers of a system pool are the platform's own and need the cloud's API",
        prop: "metadataForContainers",
      });
    }
    if (rawExec) {
      waiveByChoice(template, {
        rule: "aws-user-data-raw-exec",
        reason: "whoever may submit jobs to this group's pool may be root on its machines",
        prop: "rawExec",
      });
    }
    this.launchTemplateId = template.id;
    this.version = template.getStringAttribute("latest_version");
  }
}
