import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App } from "cdktf";
import { AwsNetwork } from "../../../lib/infrastructure/aws/network";
import type { AwsNetworkProps } from "../../../lib/infrastructure/aws/network-props";
import { LayerStack, LocalState } from "../../../lib/layer";
import { Template } from "../../../lib/testing";

/** Where the networks of these tests are, and what encrypts their logs. */
export const place = {
  environment: "prod",
  accountId: "123456789012",
  region: "eu-central-1",
  kmsKeyArn: "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
};

/** A stack for a network, judged by the whole policy when it is synthesized. */
export function networkStack(): LayerStack {
  const stack = new LayerStack(new App(), "prod-network", { environment: { name: "prod", state: new LocalState() } });
  new AwsProvider(stack, "aws", { region: place.region });
  return stack;
}

/** A network with its synthesized stack. */
export function networkOf(props: Partial<AwsNetworkProps> = {}): {
  readonly network: AwsNetwork;
  readonly stack: LayerStack;
  readonly template: Template;
} {
  const stack = networkStack();
  const network = new AwsNetwork(stack, "network", { ...place, ...props });
  return { network, stack, template: Template.of(stack) };
}
