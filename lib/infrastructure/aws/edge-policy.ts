import { clusterBucketName, ENVIRONMENT_TAG } from "./names";
import { type AwsPlace, globalArn, iamArn, regionalArn, s3Arn } from "./place";
import type { PolicyStatement } from "./policy-document";
import { ownTag } from "./read-policy";

/** What the names of alarms and topics of an environment begin with. */
function named(place: AwsPlace, service: string, kind: string): string {
  return regionalArn(place, service, `${kind}caravan-${place.environment}-*`);
}

/** What a plan reads of balancers, names, certificates, alarms and volumes: configuration only. */
export function readEdgeStatements(place: AwsPlace): PolicyStatement[] {
  return [
    {
      // Describing knows no resources.
      sid: "ReadEdge",
      actions: [
        "cloudwatch:DescribeAlarms",
        "ec2:DescribeSnapshots",
        "ec2:DescribeVolumes",
        "ec2:DescribeVolumesModifications",
        "elasticloadbalancing:DescribeCapacityReservation",
        "elasticloadbalancing:DescribeListenerAttributes",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTargetGroups",
        "wafv2:GetWebACLForResource",
      ],
      resources: ["*"],
      conditions: { StringEquals: { "aws:RequestedRegion": place.region } },
    },
    {
      sid: "ReadZones",
      actions: [
        "route53:GetChange",
        "route53:GetDNSSEC",
        "route53:GetHostedZone",
        "route53:ListResourceRecordSets",
        "route53:ListTagsForResource",
      ],
      resources: [globalArn(place, "route53", "hostedzone/*"), globalArn(place, "route53", "change/*")],
    },
    {
      sid: "ReadCertificates",
      actions: ["acm:DescribeCertificate", "acm:ListTagsForCertificate"],
      resources: [regionalArn(place, "acm", "certificate/*")],
    },
    {
      sid: "ReadAlarms",
      actions: ["cloudwatch:ListTagsForResource", "sns:GetTopicAttributes", "sns:ListTagsForResource"],
      resources: [named(place, "cloudwatch", "alarm:"), named(place, "sns", "")],
    },
    {
      sid: "ReadMetricsOfBucket",
      actions: ["s3:GetMetricsConfiguration"],
      resources: [s3Arn(place, clusterBucketName(place))],
    },
  ];
}

export interface EdgePolicyProps extends AwsPlace {
  /** Domains at and below which the deployer changes records; all if nothing is given. */
  readonly domains?: readonly string[];
}

/**
 * What the deployer does with balancers, names, certificates, alarms and volumes. What it makes bears the environment's tag
 * from the first moment, and it changes only what bears it; zones know no such condition, but records do, by their names.
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
 */
export function edgeStatements({ domains, ...place }: EdgePolicyProps): PolicyStatement[] {
  const requestTag = { StringEquals: { [`aws:RequestTag/${ENVIRONMENT_TAG}`]: place.environment } };
  const own = { StringEquals: ownTag(place) };
  const balancing = ["loadbalancer/*", "targetgroup/*", "listener/*", "listener-rule/*"].map((kind) =>
    regionalArn(place, "elasticloadbalancing", kind),
  );
  const certificates = [regionalArn(place, "acm", "certificate/*")];
  const volumes = [regionalArn(place, "ec2", "volume/*")];
  const service = "elasticloadbalancing.amazonaws.com";
  return [
    {
      sid: "MakeBalancers",
      actions: [
        "elasticloadbalancing:AddTags",
        "elasticloadbalancing:CreateListener",
        "elasticloadbalancing:CreateLoadBalancer",
        "elasticloadbalancing:CreateRule",
        "elasticloadbalancing:CreateTargetGroup",
      ],
      resources: balancing,
      conditions: requestTag,
    },
    {
      sid: "ChangeBalancers",
      actions: [
        "elasticloadbalancing:AddTags",
        "elasticloadbalancing:DeleteListener",
        "elasticloadbalancing:DeleteLoadBalancer",
        "elasticloadbalancing:DeleteRule",
        "elasticloadbalancing:DeleteTargetGroup",
        "elasticloadbalancing:ModifyListener",
        "elasticloadbalancing:ModifyListenerAttributes",
        "elasticloadbalancing:ModifyLoadBalancerAttributes",
        "elasticloadbalancing:ModifyRule",
        "elasticloadbalancing:ModifyTargetGroup",
        "elasticloadbalancing:ModifyTargetGroupAttributes",
        "elasticloadbalancing:RemoveTags",
        "elasticloadbalancing:SetSecurityGroups",
        "elasticloadbalancing:SetSubnets",
        "elasticloadbalancing:SetWebAcl",
      ],
      resources: balancing,
      conditions: own,
    },
    {
      // The first balancer of an account needs it.
      sid: "MakeBalancersRole",
      actions: ["iam:CreateServiceLinkedRole"],
      resources: [iamArn(place, `role/aws-service-role/${service}/AWSServiceRoleForElasticLoadBalancing`)],
      conditions: { StringEquals: { "iam:AWSServiceName": service } },
    },
    {
      sid: "GuardBalancers",
      actions: ["wafv2:AssociateWebACL", "wafv2:DisassociateWebACL"],
      resources: [
        regionalArn(place, "wafv2", "regional/webacl/*"),
        regionalArn(place, "elasticloadbalancing", "loadbalancer/app/*"),
      ],
    },
    {
      sid: "JoinGroups",
      actions: [
        "autoscaling:AttachLoadBalancerTargetGroups",
        "autoscaling:AttachTrafficSources",
        "autoscaling:DetachLoadBalancerTargetGroups",
        "autoscaling:DetachTrafficSources",
      ],
      resources: [regionalArn(place, "autoscaling", "autoScalingGroup:*")],
      conditions: own,
    },
    {
      sid: "MakeCertificates",
      actions: ["acm:AddTagsToCertificate", "acm:RequestCertificate"],
      resources: certificates,
      conditions: requestTag,
    },
    {
      sid: "ChangeCertificates",
      actions: [
        "acm:AddTagsToCertificate",
        "acm:DeleteCertificate",
        "acm:RemoveTagsFromCertificate",
        "acm:UpdateCertificateOptions",
      ],
      resources: certificates,
      conditions: own,
    },
    {
      // Knows no resource.
      sid: "MakeZones",
      actions: ["route53:CreateHostedZone"],
      resources: ["*"],
      conditions: { StringEquals: { "aws:PrincipalAccount": place.accountId } },
    },
    {
      sid: "ChangeRecords",
      actions: ["route53:ChangeResourceRecordSets"],
      resources: [globalArn(place, "route53", "hostedzone/*")],
      conditions:
        domains === undefined
          ? undefined
          : {
              "ForAllValues:StringLike": {
                "route53:ChangeResourceRecordSetsNormalizedRecordNames": domains.flatMap((domain) => [
                  domain,
                  `*.${domain}`,
                ]),
              },
            },
    },
    {
      // A zone goes only once its records are gone.
      sid: "ChangeZones",
      actions: [
        "route53:AssociateVPCWithHostedZone",
        "route53:ChangeTagsForResource",
        "route53:DeleteHostedZone",
        "route53:DisassociateVPCFromHostedZone",
        "route53:UpdateHostedZoneComment",
      ],
      resources: [globalArn(place, "route53", "hostedzone/*"), regionalArn(place, "ec2", "vpc/*")],
    },
    {
      sid: "MakeAlarms",
      actions: [
        "cloudwatch:DeleteAlarms",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource",
        "cloudwatch:UntagResource",
        "sns:CreateTopic",
        "sns:DeleteTopic",
        "sns:SetTopicAttributes",
        "sns:TagResource",
        "sns:UntagResource",
      ],
      resources: [named(place, "cloudwatch", "alarm:"), named(place, "sns", "")],
    },
    {
      sid: "CountSnapshots",
      actions: ["s3:PutMetricsConfiguration"],
      resources: [s3Arn(place, clusterBucketName(place))],
    },
    { sid: "MakeVolumes", actions: ["ec2:CreateVolume"], resources: volumes, conditions: requestTag },
    {
      sid: "ChangeVolumes",
      actions: ["ec2:CreateSnapshot", "ec2:DeleteVolume", "ec2:ModifyVolume"],
      resources: volumes,
      conditions: own,
    },
    {
      // The last of a volume that a group no longer has.
      sid: "MakeSnapshots",
      actions: ["ec2:CreateSnapshot", "ec2:CreateTags"],
      resources: [regionalArn({ ...place, accountId: "" }, "ec2", "snapshot/*")],
      conditions: requestTag,
    },
  ];
}
