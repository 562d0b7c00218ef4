import { type AwsPlace, regionalArn } from "./place";
import type { PolicyStatement } from "./policy-document";

/**
 * What every node may do.
 *
 * AWS's own policy AmazonSSMManagedInstanceCore would let a node read every SSM parameter of the account, so Session
 * Manager gets its own short list instead:
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
 */
export function nodeStatements(place: AwsPlace): PolicyStatement[] {
  const inRegion = { StringEquals: { "aws:RequestedRegion": place.region } };
  return [
    {
      sid: "RegisterWithSessionManager",
      actions: ["ssm:UpdateInstanceInformation"],
      resources: [regionalArn(place, "ec2", "instance/*")],
    },
    {
      sid: "CarrySessions",
      actions: [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
      ],
      // These know no resources.
      resources: ["*"],
      conditions: inRegion,
    },
    {
      // Vault, Consul and Nomad find their peers by tag; describing knows no resources.
      sid: "FindPeers",
      actions: ["ec2:DescribeInstances"],
      resources: ["*"],
      conditions: inRegion,
    },
  ];
}

/** What Vault's AWS sign-in asks IAM: the unique ids of the roles that may sign in. */
export function resolveRolesStatement(roleArns: readonly string[]): PolicyStatement {
  return { sid: "ResolveRolesThatSignIn", actions: ["iam:GetRole"], resources: roleArns };
}

/** What Vault and Nomad do with the key that seals them: https://developer.hashicorp.com/vault/docs/configuration/seal/awskms */
export const SEALING_ACTIONS = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt"] as const;

/** Who may assume a node's role. A role is passed within its own account only, so the service needs no condition on it. */
export const nodeTrust: readonly PolicyStatement[] = [
  { sid: "Instances", actions: ["sts:AssumeRole"], principals: { service: ["ec2.amazonaws.com"] } },
];
