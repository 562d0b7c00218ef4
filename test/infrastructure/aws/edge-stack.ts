import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App } from "cdktf";
import { LayerStack, LocalState } from "../../../lib";
import { AwsIdentity } from "../../../lib/infrastructure/aws/identity";

export const place = { environment: "prod", accountId: "123456789012", region: "eu-central-1" };
export const ARN = "arn:aws:iam::123456789012";
export const KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
export const deployerRoleArn = `${ARN}:role/caravan-ci/prod/caravan-prod-deployer`;
export const plannerRoleArn = `${ARN}:role/caravan-ci/prod/caravan-prod-planner`;

export const servers = { vault: { runs: ["vault"] }, main: { runs: ["consul", "nomad"] } } as const;

/** A stack with roles for two server groups and a worker group, judged by the whole policy when it is synthesized. */
export function edgeStack(deletionProtection = true): { readonly stack: LayerStack; readonly identity: AwsIdentity } {
  const environment = { name: "prod", state: new LocalState() };
  const stack = new LayerStack(new App(), "prod-edge", { environment, deletionProtection });
  new AwsProvider(stack, "aws", { region: place.region });
  const identity = new AwsIdentity(stack, "identity", {
    ...place,
    servers,
    workers: ["general"],
    deployerRoleArn,
    plannerRoleArn,
  });
  return { stack, identity };
}

/** The message with which making something is refused. */
export function refusal(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}
