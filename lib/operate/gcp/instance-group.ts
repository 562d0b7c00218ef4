import type { Machine, MachineGroup } from "../cloud";
import { OperateError } from "../errors";
import { isMissing, type RestApi } from "../rest";

const COMPUTE = "https://compute.googleapis.com/compute/v1";

interface Manager {
  readonly targetSize: number;
  readonly instanceTemplate?: string;
  readonly versions?: readonly { readonly instanceTemplate?: string }[];
}

interface ManagedInstance {
  readonly id?: string;
  readonly instance: string;
  readonly instanceStatus?: string;
  readonly currentAction?: string;
  readonly version?: { readonly instanceTemplate?: string };
}

interface Instance {
  readonly creationTimestamp?: string;
  readonly networkInterfaces?: readonly { readonly networkIP?: string }[];
}

/** Where a machine is: its id is made of zone, name, and a number, for the group gives a successor the same name. */
export interface MachineName {
  readonly zone: string;
  readonly name: string;
}

export function machineName(id: string): MachineName {
  const [zone = "", name = ""] = id.split("/");
  return { zone, name };
}

/** What operations do with the managed instance group of a group. */
export class GcpInstanceGroup {
  constructor(
    private readonly api: RestApi,
    private readonly project: string,
    private readonly region: string,
    private readonly name: string,
    /** How many machines the infrastructure wants: the group itself knows only how many it has. */
    private readonly wanted?: number,
  ) {}

  async describe(signal: AbortSignal): Promise<MachineGroup> {
    const [manager, managed] = await Promise.all([this.read(signal), this.managed(signal)]);
    const recipe = lastOf(manager.versions?.[0]?.instanceTemplate ?? manager.instanceTemplate);
    const wanted = this.wanted ?? manager.targetSize;
    return {
      wanted,
      size: manager.targetSize,
      settled: manager.targetSize === wanted,
      machines: await Promise.all(managed.map((one) => this.machine(one, recipe, signal))),
    };
  }

  async resize(extra: 0 | 1, signal: AbortSignal): Promise<void> {
    const size = (this.wanted ?? 0) + extra;
    if ((await this.read(signal)).targetSize === size) return;
    await this.tell(`resize?size=${size}`, `resize ${this.name} to ${size}`, undefined, signal);
  }

  /**
   * A machine that is one too many goes, and the group's size with it. Any other is made anew in its place, from the present recipe
   * and with its stateful disk: a machine that is taken from a group leaves that disk to nobody.
   */
  async remove(id: string, signal: AbortSignal): Promise<void> {
    const { zone, name } = machineName(id);
    const { targetSize } = await this.read(signal);
    const action = this.wanted !== undefined && targetSize <= this.wanted ? "recreateInstances" : "deleteInstances";
    const instances = [`zones/${zone}/instances/${name}`];
    await this.tell(action, `${action} ${name}`, { instances }, signal);
  }

  private async machine(one: ManagedInstance, recipe: string, signal: AbortSignal): Promise<Machine> {
    const [, zone = "", name = ""] = /\/zones\/([^/]+)\/instances\/([^/]+)$/.exec(one.instance) ?? [];
    const instance = await this.instance({ zone, name }, signal);
    return {
      id: `${zone}/${name}/${one.id ?? "0"}`,
      address: instance?.networkInterfaces?.[0]?.networkIP,
      state: stateOf(one),
      current: lastOf(one.version?.instanceTemplate) === recipe,
      zone,
      launched: Date.parse(instance?.creationTimestamp ?? "") || 0,
    };
  }

  private async instance({ zone, name }: MachineName, signal: AbortSignal): Promise<Instance | undefined> {
    try {
      const url = `${COMPUTE}/projects/${this.project}/zones/${zone}/instances/${name}`;
      return await this.api.json<Instance>({ call: `read instance ${name}`, url, audience: "" }, signal);
    } catch (error) {
      // It is yet to be made, or gone by now.
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  private async managed(signal: AbortSignal): Promise<ManagedInstance[]> {
    const found: ManagedInstance[] = [];
    let page = "";
    do {
      const told = await this.tell<{ readonly managedInstances?: ManagedInstance[]; readonly nextPageToken?: string }>(
        `listManagedInstances${page === "" ? "" : `?pageToken=${encodeURIComponent(page)}`}`,
        `list the instances of ${this.name}`,
        undefined,
        signal,
      );
      found.push(...(told.managedInstances ?? []));
      page = told.nextPageToken ?? "";
    } while (page !== "");
    return found;
  }

  private async read(signal: AbortSignal): Promise<Manager> {
    try {
      const asked = { call: `read instance group ${this.name}`, url: this.url, audience: "" };
      return await this.api.json<Manager>(asked, signal);
    } catch (error) {
      if (!isMissing(error)) throw error;
      throw new OperateError(
        "failed",
        `there is no managed instance group ${this.name} in ${this.project}, ${this.region}`,
        "apply the infrastructure stack, and read its outputs anew",
      );
    }
  }

  private async tell<T>(path: string, call: string, body: unknown, signal: AbortSignal): Promise<T> {
    return this.api.json<T>({ call, url: `${this.url}/${path}`, audience: "", method: "POST", body }, signal);
  }

  private get url(): string {
    return `${COMPUTE}/projects/${this.project}/regions/${this.region}/instanceGroupManagers/${this.name}`;
  }
}

/** A template's name: its address may say the project by name or by number. */
function lastOf(address = ""): string {
  return address.replace(/^.*\//, "");
}

/** https://cloud.google.com/compute/docs/instance-groups/getting-info-about-migs#verify_current_actions_on_instances */
function stateOf({ currentAction = "NONE", instanceStatus }: ManagedInstance): Machine["state"] {
  if (["DELETING", "ABANDONING", "STOPPING", "SUSPENDING"].includes(currentAction)) return "leaving";
  if (["STOPPING", "SUSPENDING", "TERMINATED", "SUSPENDED", "STOPPED"].includes(instanceStatus ?? "")) {
    return currentAction === "NONE" ? "leaving" : "starting";
  }
  if (currentAction === "RECREATING" && instanceStatus === "RUNNING") return "leaving";
  const starts = ["CREATING", "CREATING_WITHOUT_RETRIES", "RECREATING", "STARTING", "RESUMING", "RESTARTING"];
  return instanceStatus === "RUNNING" && !starts.includes(currentAction) ? "running" : "starting";
}
