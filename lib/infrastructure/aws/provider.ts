import { AwsProvider, type AwsProviderConfig } from "@cdktf/provider-aws/lib/provider";
import type { Construct } from "constructs";
import { type Transform, transformed } from "../../layer/transform";
import type { AwsPlace } from "./place";

/** What the Nomad Autoscaler writes on the groups that it scales; Terraform would take it away again. */
const AUTOSCALER_TAGS = "nomad_autoscaler_";

/**
 * The AWS provider of a stack: bound to a region, and refusing to work in another account. Who acts it takes from the
 * environment that Terraform runs in, never from here.
 */
export function awsProvider(
  scope: Construct,
  { region, accountId }: Pick<AwsPlace, "region" | "accountId">,
  transform?: Transform<AwsProviderConfig>,
): AwsProvider {
  return new AwsProvider(
    scope,
    "aws",
    transformed(transform, {
      region,
      allowedAccountIds: [accountId],
      ignoreTags: [{ keyPrefixes: [AUTOSCALER_TAGS] }],
    }),
  );
}
