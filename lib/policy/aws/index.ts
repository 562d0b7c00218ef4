import type { PolicyRule } from "../rule";
import { alarmRules } from "./alarms";
import { autoScalingRules } from "./auto-scaling";
import { certificateRules } from "./certificates";
import { computeRules } from "./compute";
import { customerKeyRules } from "./customer-keys";
import { iamPolicyRules } from "./iam-policies";
import { iamTrustRules } from "./iam-trust";
import { imageRules } from "./images";
import { kmsRules } from "./kms";
import { loadBalancerRules } from "./load-balancers";
import { logRules } from "./logs";
import { networkRules } from "./network";
import { networkAclRules } from "./network-acls";
import { resourcePolicyRules } from "./resource-policies";
import { s3AccessRules } from "./s3-access";
import { s3DataRules } from "./s3-data";
import { secretRules } from "./secrets";
import { securityGroupRules } from "./security-groups";

/** The rules for Amazon Web Services. */
export const awsRules: readonly PolicyRule[] = [
  ...s3AccessRules,
  ...s3DataRules,
  ...resourcePolicyRules,
  ...kmsRules,
  ...iamPolicyRules,
  ...iamTrustRules,
  ...networkRules,
  ...securityGroupRules,
  ...networkAclRules,
  ...logRules,
  ...customerKeyRules,
  ...secretRules,
  ...computeRules,
  ...loadBalancerRules,
  ...certificateRules,
  ...alarmRules,
  ...imageRules,
  ...autoScalingRules,
];
