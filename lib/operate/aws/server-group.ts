import type { Machine, MachineGroup } from "../cloud";
import { OperateError } from "../errors";
import type { XmlElement } from "../xml";
import type { AwsApi } from "./api";

/** What operations do with the Auto Scaling group of a server group. */
export class AwsMachineGroup {
  constructor(
    private readonly api: AwsApi,
    /** Name of the Auto Scaling group. */
    private readonly name: string,
  ) {}

  async describe(signal: AbortSignal): Promise<MachineGroup> {
    const group = await this.read(signal);
    const recipe = await this.recipe(group, signal);
    const members = group.all("Instances.member");
    const instances = await this.instances(
      members.map((member) => member.value("InstanceId") ?? ""),
      signal,
    );
    const size = Number(group.value("DesiredCapacity"));
    const wanted = Number(group.value("MinSize"));
    return {
      wanted,
      size,
      settled: size === wanted && Number(group.value("MaxSize")) === wanted,
      machines: members.flatMap((member): Machine[] => {
        const id = member.value("InstanceId") ?? "";
        const instance = instances.get(id);
        const state = stateOf(member.value("LifecycleState") ?? "", instance?.value("instanceState.name"));
        if (state === undefined) return [];
        return [
          {
            id,
            address: instance?.value("privateIpAddress"),
            state,
            current: recipeText(member.find("LaunchTemplate")) === recipe,
            zone: member.value("AvailabilityZone") ?? "",
            launched: Date.parse(instance?.value("launchTime") ?? "") || 0,
          },
        ];
      }),
    };
  }

  async resize(extra: 0 | 1, signal: AbortSignal): Promise<void> {
    const wanted = Number((await this.read(signal)).value("MinSize"));
    const size = String(wanted + extra);
    const bounds = { AutoScalingGroupName: this.name, MaxSize: size, DesiredCapacity: size };
    await this.api.query("autoscaling", "UpdateAutoScalingGroup", bounds, signal);
  }

  /**
   * The group's termination hook lets the server leave first. The size goes down with it only while it is above what is
   * wanted: at that size, one machine more than it is a left-over, for which nothing new is started.
   */
  async terminate(id: string, signal: AbortSignal): Promise<void> {
    const group = await this.read(signal);
    const decrement = Number(group.value("DesiredCapacity")) > Number(group.value("MinSize"));
    await this.api.query(
      "autoscaling",
      "TerminateInstanceInAutoScalingGroup",
      { InstanceId: id, ShouldDecrementDesiredCapacity: String(decrement) },
      signal,
    );
  }

  private async read(signal: AbortSignal): Promise<XmlElement> {
    const answer = await this.api.query(
      "autoscaling",
      "DescribeAutoScalingGroups",
      { "AutoScalingGroupNames.member.1": this.name },
      signal,
    );
    const group = answer.find("DescribeAutoScalingGroupsResult.AutoScalingGroups.member");
    if (group !== undefined) return group;
    throw new OperateError(
      "failed",
      `there is no Auto Scaling group ${this.name} in ${this.api.region}`,
      "apply the infrastructure stack, and read its outputs anew",
    );
  }

  /** The launch template and the number of its version that the group starts machines from. */
  private async recipe(group: XmlElement, signal: AbortSignal): Promise<string> {
    const template =
      group.find("LaunchTemplate") ?? group.find("MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification");
    const version = template?.value("Version") ?? "";
    if (template === undefined || !version.startsWith("$")) return recipeText(template);
    const id = template.value("LaunchTemplateId") ?? "";
    const answer = await this.api.query("ec2", "DescribeLaunchTemplates", { "LaunchTemplateId.1": id }, signal);
    const field = version === "$Latest" ? "latestVersionNumber" : "defaultVersionNumber";
    return `${id} ${answer.value(`launchTemplates.item.${field}`) ?? ""}`;
  }

  private async instances(ids: readonly string[], signal: AbortSignal): Promise<Map<string, XmlElement>> {
    if (ids.length === 0) return new Map();
    // A filter, unlike a list, bears an instance that EC2 has forgotten.
    const filter = Object.fromEntries(ids.map((id, index) => [`Filter.1.Value.${index + 1}`, id]));
    const answer = await this.api.query(
      "ec2",
      "DescribeInstances",
      { "Filter.1.Name": "instance-id", ...filter },
      signal,
    );
    const all = answer.all("reservationSet.item.instancesSet.item");
    return new Map(all.map((instance) => [instance.value("instanceId") ?? "", instance]));
  }
}

function recipeText(template: XmlElement | undefined): string {
  return template === undefined
    ? "none"
    : `${template.value("LaunchTemplateId") ?? ""} ${template.value("Version") ?? ""}`;
}

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html */
function stateOf(lifecycle: string, instance: string | undefined): Machine["state"] | undefined {
  if (instance === "terminated" || lifecycle === "Terminated" || lifecycle === "Detached") return undefined;
  if (lifecycle.startsWith("Terminating") || instance === "shutting-down" || instance === "stopping") return "leaving";
  return lifecycle.startsWith("Pending") || instance === "pending" ? "starting" : "running";
}
