import { ENVIRONMENT_TAG } from "./names";
import { type AwsPlace, regionalArn, regionalService } from "./place";
import type { PolicyStatement } from "./policy-document";

/** What the driver's own volumes bear, by its option `--extra-tags`; its value is the environment. */
const CSI_TAG = "caravan-csi";

/**
 * Lets the controllers of the EBS and EFS drivers make, attach and remove volumes for jobs: their own and those of the
 * environment that are for jobs, on workers only. Servers and their data are out of reach. AWS's own policy
 * AmazonEBSCSIDriverPolicy reaches every instance of the account, and every volume as long as it attaches it.
 *
 * https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/example-iam-policy.json
 * https://github.com/kubernetes-sigs/aws-efs-csi-driver/blob/master/docs/iam-policy-example.json
 */
export function storageStatements(place: AwsPlace, kmsKeyArn: string): PolicyStatement[] {
  const { environment } = place;
  const volumes = [regionalArn(place, "ec2", "volume/*")];
  const inRegion = { StringEquals: { "aws:RequestedRegion": place.region } };
  const own = { StringEquals: { [`aws:ResourceTag/${CSI_TAG}`]: environment } };
  const marking = { StringEquals: { [`aws:RequestTag/${CSI_TAG}`]: environment } };
  const throughEc2 = { "kms:ViaService": regionalService("ec2", place) };
  const move = ["ec2:AttachVolume", "ec2:DetachVolume"];
  return [
    {
      // Describing knows no resources.
      sid: "SeeVolumes",
      actions: [
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeInstances",
        "ec2:DescribeTags",
        "ec2:DescribeVolumes",
        "ec2:DescribeVolumesModifications",
        "elasticfilesystem:DescribeAccessPoints",
        "elasticfilesystem:DescribeFileSystems",
        "elasticfilesystem:DescribeMountTargets",
      ],
      resources: ["*"],
      conditions: inRegion,
    },
    { sid: "MakeVolumes", actions: ["ec2:CreateVolume"], resources: volumes, conditions: marking },
    {
      sid: "MarkNewVolumes",
      actions: ["ec2:CreateTags"],
      resources: volumes,
      conditions: { StringEquals: { "ec2:CreateAction": "CreateVolume" } },
    },
    { sid: "ChangeOwnVolumes", actions: ["ec2:DeleteVolume", "ec2:ModifyVolume"], resources: volumes, conditions: own },
    { sid: "MoveOwnVolumes", actions: move, resources: volumes, conditions: own },
    {
      sid: "MoveVolumesForJobs",
      actions: move,
      resources: volumes,
      conditions: {
        StringEquals: { [`aws:ResourceTag/${ENVIRONMENT_TAG}`]: environment },
        Null: { "aws:ResourceTag/caravan-volume": false },
      },
    },
    {
      sid: "MoveToWorkers",
      actions: move,
      resources: [regionalArn(place, "ec2", "instance/*")],
      conditions: {
        StringEquals: { [`aws:ResourceTag/${ENVIRONMENT_TAG}`]: environment },
        StringLike: { "aws:ResourceTag/caravan-group": "worker-*" },
      },
    },
    {
      sid: "OpenVolumes",
      actions: ["kms:CreateGrant"],
      resources: [kmsKeyArn],
      conditions: { StringEquals: throughEc2, Bool: { "kms:GrantIsForAWSResource": true } },
    },
    {
      sid: "EncryptVolumes",
      actions: ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext"],
      resources: [kmsKeyArn],
      conditions: { StringEquals: throughEc2 },
    },
    {
      sid: "MakeAccessPoints",
      actions: ["elasticfilesystem:CreateAccessPoint"],
      resources: [regionalArn(place, "elasticfilesystem", "file-system/*")],
      conditions: marking,
    },
    {
      sid: "MarkAccessPoints",
      actions: ["elasticfilesystem:TagResource"],
      resources: [regionalArn(place, "elasticfilesystem", "access-point/*")],
      conditions: marking,
    },
    {
      sid: "RemoveOwnAccessPoints",
      actions: ["elasticfilesystem:DeleteAccessPoint"],
      resources: [regionalArn(place, "elasticfilesystem", "access-point/*")],
      conditions: own,
    },
  ];
}
