import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Host, Lan } from "./lan";
import { sha256, signatureOf, type TracedRequest } from "./signature";

/** One call of CompleteLifecycleAction. */
export interface LifecycleCall {
  readonly parameters: Readonly<Record<string, string>>;
  /** What AWS would have refused it for. */
  readonly refused: string | undefined;
  readonly request: TracedRequest;
  readonly body: string;
}

/**
 * Auto scaling groups of moto with the hook by which a node is waited for. moto neither has CompleteLifecycleAction nor ever holds
 * an instance back: nodes reach a stand-in for that one call, which knows AWS's form of it, and the test says by the metadata
 * service that an instance is to end.
 */
export class AutoScaling {
  private constructor(
    private readonly lan: Lan,
    private readonly address: string,
    private readonly file: string,
  ) {}

  static async start(lan: Lan): Promise<AutoScaling> {
    const { address, file } = await lan.standIn(join(__dirname, "lifecycle-endpoint.mjs"));
    return new AutoScaling(lan, address, file);
  }

  /** Puts a host's instance into a group with the hook that Terraform makes; the group is made with its first. */
  add(host: Host, group: string): void {
    const call = (Action: string, parameters: Readonly<Record<string, string>>) =>
      this.lan.awsForm("autoscaling", { Action, Version: "2011-01-01", ...parameters });
    if (!call("DescribeAutoScalingGroups", {}).includes(`<AutoScalingGroupName>${group}<`)) {
      call("CreateLaunchConfiguration", {
        LaunchConfigurationName: group,
        ImageId: "ami-12c6146b",
        InstanceType: "m7i.large",
      });
      call("CreateAutoScalingGroup", {
        AutoScalingGroupName: group,
        LaunchConfigurationName: group,
        MinSize: "0",
        MaxSize: "9",
        DesiredCapacity: "0",
        VPCZoneIdentifier: this.lan.subnet,
      });
      call("PutLifecycleHook", {
        AutoScalingGroupName: group,
        LifecycleHookName: "caravan-leave",
        LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout: "600",
        DefaultResult: "CONTINUE",
      });
    }
    call("AttachInstances", { AutoScalingGroupName: group, "InstanceIds.member.1": host.instance });
    host.resolve("autoscaling.eu-central-1.amazonaws.com", this.address);
  }

  /** What nodes have said. */
  calls(): LifecycleCall[] {
    if (!existsSync(this.file)) return [];
    const lines = readFileSync(this.file, "utf8").trim().split("\n");
    return lines.map((line) => {
      const { body, refused, ...request } = JSON.parse(line);
      return { parameters: Object.fromEntries(new URLSearchParams(body)), refused, request, body };
    });
  }
}

/** Whether AWS would take a call for signed, by the key that the host had. */
export function isSigned({ request, body }: LifecycleCall, host: Host): boolean {
  const [, secretKey = ""] = /^user = "[^:]+:([^"]+)"/.exec(host.read("/run/caravan/credentials")) ?? [];
  const signature = signatureOf(request, secretKey, sha256(body));
  return request.headers["authorization"]?.endsWith(`Signature=${signature}`) ?? false;
}
