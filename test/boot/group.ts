import type { Scope } from "../support/temporary";
import type { Input } from "./cloud";
import type { Cluster } from "./cluster";
import type { Host } from "./host";

interface Member {
  readonly host: Host;
  readonly id: string;
  /** Version of the launch template that it was started from. */
  readonly version: number;
  /** When the cloud told it that it ends, in milliseconds since 1970. */
  noticed?: number;
}

/** A machine that was told of its end. */
export interface Departure {
  readonly id: string;
  /** From the notice until it said that it had left, or until its time was over. */
  readonly seconds: number;
  /** Whether it said so. */
  readonly inOrder: boolean;
}

/** As `leaveHook` of servers has it. */
const HEARTBEAT_MS = 600_000;
const TEMPLATE = "lt-0000000000000000f";

/**
 * The Auto Scaling group of a group of the cluster. moto's knows numbers and starts nothing; this one launches hosts, tells them of
 * their end, and waits until they say that they have left: https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html
 */
export class Group {
  readonly name: string;
  readonly departures: Departure[] = [];
  private members: Member[];
  private min: number;
  private max: number;
  private desired: number;
  private version = 1;
  private count = 0;
  private starting = 0;
  private closed = false;
  private failure: unknown;

  private constructor(
    private readonly cluster: Cluster,
    private readonly group: string,
    hosts: readonly Host[],
  ) {
    this.name = `caravan-prod-${hosts.some((host) => cluster.workers.includes(host)) ? "worker" : "server"}-${group}`;
    this.min = this.max = this.desired = hosts.length;
    this.members = hosts.map((host) => ({ host, id: host.instance.instanceId, version: 1 }));
  }

  /** Takes the nodes of a group that was launched into an Auto Scaling group. */
  static async around(scope: Scope, cluster: Cluster, group: string, hosts: readonly Host[]): Promise<Group> {
    const made = new Group(cluster, group, hosts);
    for (const { id } of made.members) await made.tag(id);
    cluster.cloud.play("autoscaling", (action, input) => made.answer(action, input));
    scope.defer(() => {
      made.closed = true;
    });
    return made;
  }

  get hosts(): readonly Host[] {
    return this.members.map(({ host }) => host);
  }

  /** Starts machines from another version of the launch template from now on, as after an apply of Terraform. */
  newRecipe(): void {
    this.version++;
  }

  /** Whether all is as it should be: nobody leaves, nobody is missing. Throws what went wrong in between. */
  get settled(): boolean {
    if (this.failure !== undefined) throw this.failure;
    return this.starting === 0 && this.members.length === this.desired && this.members.every(({ noticed }) => !noticed);
  }

  /** A machine is gone without a word: the group starts another. */
  async lose(host: Host): Promise<void> {
    await host.terminate();
    this.forget(this.member(host.instance.instanceId));
    this.fill();
  }

  private answer(action: string, input: Input): string | undefined {
    const id: string = input["InstanceId"];
    switch (action) {
      case "DescribeAutoScalingGroups":
        return input["AutoScalingGroupNames.member.1"] === this.name ? this.described() : undefined;
      case "UpdateAutoScalingGroup":
        if (input["AutoScalingGroupName"] !== this.name) return undefined;
        this.min = Number(input["MinSize"] ?? this.min);
        this.max = Number(input["MaxSize"] ?? this.max);
        this.desired = Number(input["DesiredCapacity"] ?? this.desired);
        this.fill();
        return "";
      case "TerminateInstanceInAutoScalingGroup":
        if (!this.members.some((member) => member.id === id)) return undefined;
        if (input["ShouldDecrementDesiredCapacity"] === "true") this.desired--;
        this.retire(this.member(id).host);
        return "";
      case "CompleteLifecycleAction":
        if (input["AutoScalingGroupName"] !== this.name) return undefined;
        this.settle(this.end(this.member(id), true));
        return "";
      default:
        return undefined;
    }
  }

  /** Ends a machine in order: tells it, gives it as long as the hook's heartbeat, and starts another in its place. */
  retire(host: Host): void {
    this.notify(this.member(host.instance.instanceId));
    this.fill();
  }

  private notify(member: Member): void {
    if (member.noticed !== undefined) return;
    member.noticed = Date.now();
    member.host.instance.notices.set("autoscaling/target-lifecycle-state", "Terminated");
    setTimeout(() => this.settle(this.end(member, false)), HEARTBEAT_MS).unref();
  }

  private member(id: string): Member {
    const member = this.members.find((one) => one.id === id);
    if (member === undefined) throw new Error(`${this.name} has no instance ${id}`);
    return member;
  }

  private async end(member: Member, inOrder: boolean): Promise<void> {
    if (this.closed || !this.members.includes(member)) return;
    this.forget(member);
    const seconds = (Date.now() - (member.noticed ?? Date.now())) / 1000;
    this.departures.push({ id: member.id, seconds, inOrder });
    await member.host.terminate();
    this.fill();
  }

  private forget(member: Member): void {
    this.members = this.members.filter((one) => one !== member);
    this.cluster.forget(member.host);
  }

  /** Starts machines until there are as many as are desired; one that leaves counts no longer. */
  private fill(): void {
    const present = this.members.filter(({ noticed }) => noticed === undefined).length + this.starting;
    for (let missing = this.desired - present; missing > 0; missing--) this.settle(this.start());
  }

  private async start(): Promise<void> {
    this.starting++;
    try {
      const { version } = this;
      const host = await this.cluster.add(this.group, `${this.group}-new${++this.count}`);
      await this.tag(host.instance.instanceId);
      this.members = [...this.members, { host, id: host.instance.instanceId, version }];
    } finally {
      this.starting--;
    }
  }

  /** Nobody waits for what a machine does in its own time; the test sees later what failed. */
  private settle(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.closed) this.failure ??= error;
    });
  }

  private tag(id: string): Promise<void> {
    return this.cluster.cloud.tag(id, { "aws:autoscaling:groupName": this.name });
  }

  private described(): string {
    const template = (version: number) =>
      xml("LaunchTemplate", xml("LaunchTemplateId", TEMPLATE) + xml("Version", String(version)));
    const members = this.members.map(({ host, id, version, noticed }) =>
      xml(
        "member",
        xml("InstanceId", id) +
          xml("LifecycleState", noticed === undefined ? "InService" : "Terminating:Wait") +
          xml("AvailabilityZone", host.instance.zone) +
          xml("HealthStatus", "Healthy") +
          template(version),
      ),
    );
    const bounds = { MinSize: this.min, MaxSize: this.max, DesiredCapacity: this.desired };
    const group =
      xml("AutoScalingGroupName", this.name) +
      Object.entries(bounds)
        .map(([name, value]) => xml(name, String(value)))
        .join("") +
      xml("Instances", members.join("")) +
      template(this.version);
    return xml("AutoScalingGroups", xml("member", group));
  }
}

function xml(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}
