import { App } from "cdktf";
import { LocalState } from "../../../lib";
import type { AwsStateStackProps } from "../../../lib/infrastructure/aws/state-props";
import { AwsStateStack } from "../../../lib/infrastructure/aws/state-stack";

export const ACCOUNT = "123456789012";
export const REGION = "eu-central-1";
export const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
export const place = { environment: "prod", accountId: ACCOUNT, region: REGION };

/** ARN of something in IAM. */
export const iam = (resource: string) => `arn:aws:iam::${ACCOUNT}:${resource}`;

/** The context of a call to KMS that a service makes. */
export const via = (service: string) => ({ "kms:ViaService": `${service}.${REGION}.amazonaws.com` });

export function stateStack(change: Partial<AwsStateStackProps> = {}, id = "prod-state"): AwsStateStack {
  return new AwsStateStack(new App(), id, {
    environment: { name: "prod", state: new LocalState() },
    accountId: ACCOUNT,
    region: REGION,
    github: { repository: "acme/platform" },
    ...change,
  });
}
