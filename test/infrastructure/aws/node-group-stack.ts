import { App } from "cdktf";
import { LayerStack, LocalState } from "../../../lib";
import type { AwsNodeGroupProps } from "../../../lib/infrastructure/aws/node-group";
import { AwsNodeRole } from "../../../lib/infrastructure/aws/node-role";
import { awsProvider } from "../../../lib/infrastructure/aws/provider";
import { AwsServerGroup, type AwsServerGroupProps } from "../../../lib/infrastructure/aws/server-group";
import { AwsWorkerGroup, type AwsWorkerGroupProps } from "../../../lib/infrastructure/aws/worker-group";
import { Template } from "../../../lib/testing";
import { environmentValues, server } from "../../node/examples";

const { role: _, group: __, ...cluster } = server;

export { cluster };

const place = { environment: "prod", accountId: "123456789012", region: "eu-central-1" };

export const common: Omit<AwsNodeGroupProps, "group" | "role"> = {
  cluster,
  values: environmentValues,
  images: { x86_64: "ami-0123456789abcdef0", arm64: "ami-0123456789abcdef1" },
  subnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1", "subnet-0123456789abcdef2"],
  securityGroupIds: ["sg-0123456789abcdef0"],
  kmsKeyArn: environmentValues.bucketKey,
  autoScalingRoleArn: "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AutoScaling",
  tags: { "cost-center": "platform" },
};

export function groupStack(deletionProtection = true): LayerStack {
  const environment = { name: "prod", state: new LocalState() };
  const stack = new LayerStack(new App(), "prod-nodes", { environment, deletionProtection });
  awsProvider(stack, place);
  return stack;
}

/** A group of servers with a role of its own, judged by the whole policy. */
export function serversIn(stack: LayerStack, props: Partial<AwsServerGroupProps> = {}): AwsServerGroup {
  const { group = "main" } = props;
  const role = new AwsNodeRole(stack, `role-server-${group}`, { ...place, plane: "server", group });
  return new AwsServerGroup(stack, `server-${group}`, { ...common, group, role, ...props });
}

/** A group of workers with a role of its own, judged by the whole policy. */
export function workersIn(stack: LayerStack, props: Partial<AwsWorkerGroupProps> = {}): AwsWorkerGroup {
  const { group = "general" } = props;
  const role = new AwsNodeRole(stack, `role-worker-${group}`, { ...place, plane: "worker", group });
  return new AwsWorkerGroup(stack, `worker-${group}`, { ...common, group, role, ...props });
}

export function serverTemplate(props: Partial<AwsServerGroupProps> = {}, deletionProtection = true): Template {
  const stack = groupStack(deletionProtection);
  serversIn(stack, props);
  return Template.of(stack);
}

export function workerTemplate(props: Partial<AwsWorkerGroupProps> = {}): Template {
  const stack = groupStack();
  workersIn(stack, props);
  return Template.of(stack);
}

/** The arguments of the only resource of a type. */
export function only(template: Template, type: string): Readonly<Record<string, unknown>> {
  const [found, ...rest] = template.resources(type);
  if (found === undefined || rest.length > 0) throw new Error(`not one ${type}: ${template.addresses.join(" ")}`);
  return found.arguments;
}
