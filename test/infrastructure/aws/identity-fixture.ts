import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App } from "cdktf";
import { LayerStack, LocalState } from "../../../lib";
import { AwsIdentity, type AwsIdentityProps } from "../../../lib/infrastructure/aws/identity";

export const ARN = "arn:aws:iam::123456789012";

export const props: AwsIdentityProps = {
  environment: "prod",
  accountId: "123456789012",
  region: "eu-central-1",
  servers: { vault: { runs: ["vault"] }, main: { runs: ["consul", "nomad"] } },
  workers: ["general"],
  deployerRoleArn: `${ARN}:role/caravan-ci/prod/caravan-prod-deployer`,
  plannerRoleArn: `${ARN}:role/caravan-ci/prod/caravan-prod-planner`,
};

/** A stack with the identities of two server groups and a worker group, but for a change. */
export function identityStack(change: Partial<AwsIdentityProps> = {}, deletionProtection = true): LayerStack {
  const environment = { name: "prod", state: new LocalState() };
  const stack = new LayerStack(new App(), "prod-ground", { environment, deletionProtection });
  new AwsProvider(stack, "aws", { region: "eu-central-1" });
  new AwsIdentity(stack, "identity", { ...props, ...change });
  return stack;
}
