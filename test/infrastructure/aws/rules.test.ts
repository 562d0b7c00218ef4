import { describe, expect, it } from "vitest";
import * as rules from "../../../lib/infrastructure/aws/rules";

const cases = {
  accountId: {
    rule: rules.accountId,
    right: ["012345678901", "123456789012"],
    wrong: [123456789012, "1234-5678-9012", "12345678901", "arn:aws:iam::123456789012:root"],
  },
  region: {
    rule: rules.region,
    right: [
      "eu-central-1",
      "us-east-1",
      "ap-southeast-5",
      "ap-northeast-3",
      "mx-central-1",
      "cn-northwest-1",
      "us-gov-west-1",
      "us-iso-east-1",
      "us-isob-east-1",
      "us-isof-south-1",
      "eu-isoe-west-1",
      "eusc-de-east-1",
    ],
    wrong: [
      "eu-central-1a",
      "EU-CENTRAL-1",
      "eu-central",
      "frankfurt",
      "europe-west1",
      "eu-centrall-1",
      " eu-central-1",
      "",
    ],
  },
  zoneOf: {
    rule: rules.zoneOf("eu-central-1"),
    right: ["a", "c", "eu-central-1b"],
    wrong: ["eu-west-1b", "euc1-az2", "eu-central-1", "B", "eu-central-1-ham-1a", 1, ""],
  },
  roleArn: {
    rule: rules.roleArn,
    right: [
      "arn:aws:iam::123456789012:role/deployer",
      "arn:aws-us-gov:iam::123456789012:role/ci/teams/deployer",
      "arn:aws-cn:iam::123456789012:role/a+b=c,d.e@f-g_h",
    ],
    wrong: [
      "deployer",
      "arn:aws:sts::123456789012:assumed-role/deployer/session",
      "arn:aws:iam::123456789012:user/deployer",
      "arn:aws:iam::123456789012:role/",
      "arn:aws:iam:eu-central-1:123456789012:role/deployer",
      "arn:aws:iam::123456789012:role/*",
    ],
  },
  secretArn: {
    rule: rules.secretArn,
    right: ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:ci/runners-AbCdEf"],
    wrong: ["ci/runners", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:*", "arn:aws:ssm:::parameter/a"],
  },
  policyArn: {
    rule: rules.policyArn,
    right: ["arn:aws:iam::123456789012:policy/boundary", "arn:aws:iam::aws:policy/PowerUserAccess"],
    wrong: ["PowerUserAccess", "arn:aws:iam::123456789012:role/boundary", "arn:aws:iam:::policy/boundary"],
  },
  kmsKeyArn: {
    rule: rules.kmsKeyArn,
    right: [
      "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
      "arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab",
    ],
    wrong: [
      "1234abcd-12ab-34cd-56ef-1234567890ab",
      "alias/seal",
      "arn:aws:kms:eu-central-1:123456789012:alias/seal",
      "arn:aws:kms::123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    ],
  },
  oidcProviderArn: {
    rule: rules.oidcProviderArn,
    right: [
      "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
      "arn:aws:iam::123456789012:oidc-provider/gitlab.example.com:8443/group",
    ],
    wrong: [
      "https://token.actions.githubusercontent.com",
      "arn:aws:iam::123456789012:oidc-provider/https://gitlab.com",
    ],
  },
  vpcId: {
    rule: rules.vpcId,
    right: ["vpc-0a1b2c3d", "vpc-0a1b2c3d4e5f60718"],
    wrong: [
      "prod",
      "subnet-0a1b2c3d",
      "vpc-0A1B2C3D",
      "vpc-0a1b2c3d4",
      "arn:aws:ec2:eu-central-1:123456789012:vpc/vpc-0a1b2c3d",
    ],
  },
  subnetId: {
    rule: rules.subnetId,
    right: ["subnet-0a1b2c3d", "subnet-0a1b2c3d4e5f60718"],
    wrong: ["vpc-0a1b2c3d", "subnet-xyz"],
  },
  securityGroupId: {
    rule: rules.securityGroupId,
    right: ["sg-0a1b2c3d4e5f60718"],
    wrong: ["default", "sgr-0a1b2c3d4e5f60718"],
  },
  prefixListId: {
    rule: rules.prefixListId,
    right: ["pl-6ea54007", "pl-0a1b2c3d4e5f60718"],
    wrong: ["com.amazonaws.eu-central-1.s3"],
  },
};

describe.each(Object.entries(cases))("%s", (_name, { rule, right, wrong }) => {
  it.each(right)("accepts %j", (value) => {
    expect(rule.accepts(value)).toBe(true);
  });

  it.each(wrong)("refuses %j", (value) => {
    expect(rule.accepts(value)).toBe(false);
  });
});
