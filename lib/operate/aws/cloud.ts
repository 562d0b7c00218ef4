import { setTimeout as pause } from "node:timers/promises";
import { parseDuration } from "../../core/values";
import type { Cloud, Forward, Forwarding, Machine, MachineGroup, MachineOutput, ReadableSecret } from "../cloud";
import { OperateError } from "../errors";
import { AwsApi, AwsError, stsUrl } from "./api";
import { AwsCredentialChain } from "./credentials";
import { AwsMachineGroup } from "./server-group";
import { startForwarding } from "./session";
import type { AwsCredentials } from "./signature";

export interface AwsCloudProps {
  readonly region: string;
  /** Name of the cluster's bucket. */
  readonly bucket: string;
  /** ARN or name of each secret. */
  readonly secrets: Readonly<Record<ReadableSecret, string>>;
  /** Name of each server group's Auto Scaling group. */
  readonly autoScalingGroups: Readonly<Record<string, string>>;
  /** Name of each worker group's Auto Scaling group. @default - there are no workers */
  readonly workerAutoScalingGroups?: Readonly<Record<string, string>>;
  readonly deployerRoleArn: string;
  readonly plannerRoleArn: string;
  /**
   * Who acts.
   *
   * @default - as AWS's SDKs find it: variables, web identity, profile, container, instance
   */
  readonly credentials?: () => Promise<AwsCredentials>;
  /** @default - AWS's own names, or `AWS_ENDPOINT_URL` */
  readonly endpoint?: string;
}

/** Operations on AWS: Auto Scaling, EC2, Secrets Manager, S3, Systems Manager, STS. */
export class AwsCloud implements Cloud {
  private readonly api: AwsApi;

  constructor(private readonly props: AwsCloudProps) {
    const chain = new AwsCredentialChain(props.region);
    this.api = new AwsApi({
      region: props.region,
      credentials: props.credentials ?? (() => chain.get()),
      endpoint: props.endpoint ?? (process.env["AWS_ENDPOINT_URL"] || undefined),
    });
  }

  async identity(signal: AbortSignal): Promise<string> {
    const answer = await this.api.query("sts", "GetCallerIdentity", {}, signal);
    return answer.value("GetCallerIdentityResult.Arn") ?? "";
  }

  async ciRole(signal: AbortSignal): Promise<"deployer" | "planner" | undefined> {
    const acts = roleOf(await this.identity(signal));
    if (acts === roleOf(this.props.deployerRoleArn)) return "deployer";
    return acts === roleOf(this.props.plannerRoleArn) ? "planner" : undefined;
  }

  /** https://developer.hashicorp.com/vault/api-docs/auth/aws#login */
  async proof(serverId: string): Promise<Readonly<Record<string, string>>> {
    const url = stsUrl(this.props.region);
    const body = "Action=GetCallerIdentity&Version=2011-06-15";
    const headers = await this.api.presented({
      url,
      body,
      headers: {
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "x-vault-aws-iam-server-id": serverId,
      },
    });
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    return {
      iam_http_request_method: "POST",
      iam_request_url: base64(url),
      iam_request_body: base64(body),
      iam_request_headers: base64(JSON.stringify(headers)),
    };
  }

  async readSecret(secret: ReadableSecret, signal: AbortSignal): Promise<string | undefined> {
    try {
      const SecretId = this.props.secrets[secret];
      return (
        await this.api.json<{ SecretString?: string }>(
          "secretsmanager",
          "secretsmanager.GetSecretValue",
          { SecretId },
          signal,
        )
      ).SecretString;
    } catch (error) {
      if (error instanceof AwsError && error.code.startsWith("ResourceNotFound")) return undefined;
      throw error;
    }
  }

  listObjects(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    return this.api.listObjects(this.props.bucket, prefix, signal);
  }

  readObject(key: string, signal: AbortSignal): Promise<Buffer | undefined> {
    return this.api.getObject(this.props.bucket, key, signal);
  }

  async group(name: string, signal: AbortSignal): Promise<MachineGroup> {
    return this.groupOf(name).describe(signal);
  }

  async workers(signal: AbortSignal): Promise<readonly Machine[]> {
    const names = Object.values(this.props.workerAutoScalingGroups ?? {});
    const groups = names.map((name) => new AwsMachineGroup(this.api, name).describe(signal));
    return (await Promise.all(groups)).flatMap(({ machines }) => machines);
  }

  async grow(name: string, signal: AbortSignal): Promise<void> {
    return this.groupOf(name).resize(1, signal);
  }

  async settle(name: string, signal: AbortSignal): Promise<void> {
    return this.groupOf(name).resize(0, signal);
  }

  async retire(name: string, id: string, signal: AbortSignal): Promise<void> {
    return this.groupOf(name).terminate(id, signal);
  }

  /** By the agent of Systems Manager: https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command.html */
  async run(
    id: string,
    script: string,
    { timeout, signal }: { readonly timeout: string; readonly signal: AbortSignal },
  ): Promise<MachineOutput> {
    const seconds = parseDuration(timeout, "s");
    const { Command } = await this.api.json<{ Command: { CommandId: string } }>(
      "ssm",
      "AmazonSSM.SendCommand",
      {
        DocumentName: "AWS-RunShellScript",
        InstanceIds: [id],
        TimeoutSeconds: 120,
        Parameters: { commands: script.split("\n"), executionTimeout: [String(seconds)] },
      },
      signal,
    );
    const end = Date.now() + (seconds + 150) * 1_000;
    for (;;) {
      const found = await this.invocation(Command.CommandId, id, signal);
      if (found !== undefined) return found;
      if (Date.now() > end || signal.aborted) {
        throw new OperateError(
          "timeout",
          `${id} has not finished what it was told within ${timeout}`,
          `look at it: aws ssm get-command-invocation --command-id ${Command.CommandId} --instance-id ${id}`,
        );
      }
      await pause(1_000);
    }
  }

  private async invocation(command: string, id: string, signal: AbortSignal): Promise<MachineOutput | undefined> {
    try {
      const told = await this.api.json<{
        readonly Status: string;
        readonly StatusDetails?: string;
        readonly ResponseCode: number;
        readonly StandardOutputContent?: string;
        readonly StandardErrorContent?: string;
      }>("ssm", "AmazonSSM.GetCommandInvocation", { CommandId: command, InstanceId: id }, signal);
      if (["Pending", "InProgress", "Delayed", "Cancelling"].includes(told.Status)) return undefined;
      if (told.Status !== "Success" && told.ResponseCode < 0) {
        throw new OperateError(
          "failed",
          `${id} was not told: ${told.StatusDetails ?? told.Status}`,
          "see that the instance runs and that its Systems Manager agent reaches the network, then run this again",
        );
      }
      const output = `${told.StandardOutputContent ?? ""}${told.StandardErrorContent ?? ""}`;
      return { exitCode: told.ResponseCode, output };
    } catch (error) {
      // It takes a moment until a command that was sent is known.
      if (error instanceof AwsError && error.code.startsWith("InvocationDoesNotExist")) return undefined;
      throw error;
    }
  }

  async forward(id: string, to: Forward, signal: AbortSignal): Promise<Forwarding> {
    return startForwarding(this.api, id, to, signal);
  }

  private groupOf(name: string): AwsMachineGroup {
    const group = this.props.autoScalingGroups[name];
    if (group !== undefined) return new AwsMachineGroup(this.api, group);
    throw new OperateError(
      "failed",
      `the infrastructure has no server group "${name}"`,
      `name one of these: ${Object.keys(this.props.autoScalingGroups).join(", ")}`,
    );
  }
}

/** Account and name of a role, of itself or of its session; a session's ARN does not tell the role's path. */
function roleOf(arn: string): string | undefined {
  const [, account, role] =
    /^arn:[^:]+:iam::(\d+):role\/(?:.*\/)?([^/]+)$/.exec(arn) ??
    /^arn:[^:]+:sts::(\d+):assumed-role\/([^/]+)\//.exec(arn) ??
    [];
  return role === undefined ? undefined : `${account} ${role}`;
}
