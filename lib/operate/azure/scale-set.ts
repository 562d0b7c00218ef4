import type { Machine, MachineGroup } from "../cloud";
import { OperateError } from "../errors";
import { isMissing, type RestApi } from "../rest";

/** For whom a token of Azure Resource Manager is; Vault wants to see such a one. */
export const MANAGEMENT = "https://management.azure.com/";

const COMPUTE = "2024-07-01";
/** The last with lists of a scale set's network interfaces. */
const INTERFACES = "2018-10-01";

interface ScaleSet {
  readonly sku: { readonly name: string; readonly tier?: string; readonly capacity: number };
}

interface VirtualMachine {
  readonly id: string;
  readonly instanceId: string;
  readonly zones?: readonly string[];
  readonly properties: {
    readonly latestModelApplied?: boolean;
    readonly provisioningState?: string;
    readonly timeCreated?: string;
    readonly instanceView?: { readonly statuses?: readonly { readonly code?: string }[] };
  };
}

interface NetworkInterface {
  readonly properties: {
    readonly virtualMachine?: { readonly id: string };
    readonly ipConfigurations?: readonly { readonly properties: { readonly privateIPAddress?: string } }[];
  };
}

/** The id of a machine, as operations know it: the scale set and the number in it. */
export function machineId(scaleSet: string, instance: string): string {
  return `${scaleSet}/${instance}`;
}

/** What operations do with the scale set of a group. */
export class AzureScaleSet {
  constructor(
    private readonly api: RestApi,
    /** Resource id of the resource group. */
    private readonly resourceGroupId: string,
    readonly name: string,
    /** How many machines the infrastructure wants: a scale set itself knows only how many it has. */
    private readonly wanted?: number,
  ) {}

  /** Resource id of one of its machines. */
  instanceResourceId(instance: string): string {
    return `${this.resourceId}/virtualMachines/${instance}`;
  }

  private get resourceId(): string {
    return `${this.resourceGroupId}/providers/Microsoft.Compute/virtualMachineScaleSets/${this.name}`;
  }

  async describe(signal: AbortSignal): Promise<MachineGroup> {
    const [{ sku }, instances, interfaces] = await Promise.all([
      this.read(signal),
      this.list<VirtualMachine>("virtualMachines", `api-version=${COMPUTE}&$expand=instanceView`, signal),
      this.list<NetworkInterface>("networkInterfaces", `api-version=${INTERFACES}`, signal),
    ]);
    const addresses = new Map(
      interfaces.map(({ properties: { virtualMachine, ipConfigurations = [] } }) => [
        virtualMachine?.id.toLowerCase(),
        ipConfigurations[0]?.properties.privateIPAddress,
      ]),
    );
    const wanted = this.wanted ?? sku.capacity;
    return {
      wanted,
      size: sku.capacity,
      settled: sku.capacity === wanted,
      machines: instances.map(({ id, instanceId, zones = [], properties }) => ({
        id: machineId(this.name, instanceId),
        address: addresses.get(id.toLowerCase()),
        state: stateOf(properties),
        current: properties.latestModelApplied === true,
        zone: zones[0] ?? "",
        launched: Date.parse(properties.timeCreated ?? "") || 0,
      })),
    };
  }

  async resize(extra: 0 | 1, signal: AbortSignal): Promise<void> {
    await this.setCapacity((this.wanted ?? 0) + extra, signal);
  }

  /**
   * A scale set goes down by each machine that is taken from it. Where it then has one too few, its successor is asked for before:
   * it waits for the disk of a lone server, and a roll that is broken off leaves no group without a machine.
   */
  async remove(instance: string, signal: AbortSignal): Promise<void> {
    const { sku } = await this.read(signal);
    if (this.wanted !== undefined && sku.capacity <= this.wanted) await this.setCapacity(this.wanted + 1, signal);
    const call = `delete instance ${instance} of ${this.name}`;
    await this.api.send(
      { ...this.at(`/delete?api-version=${COMPUTE}`), call, method: "POST", body: { instanceIds: [instance] } },
      signal,
    );
  }

  private async setCapacity(capacity: number, signal: AbortSignal): Promise<void> {
    const { sku } = await this.read(signal);
    if (sku.capacity === capacity) return;
    const call = `set the capacity of ${this.name} to ${capacity}`;
    await this.api.send(
      { ...this.at(`?api-version=${COMPUTE}`), call, method: "PATCH", body: { sku: { ...sku, capacity } } },
      signal,
    );
  }

  private async read(signal: AbortSignal): Promise<ScaleSet> {
    try {
      const asked = { ...this.at(`?api-version=${COMPUTE}`), call: `read scale set ${this.name}` };
      return await this.api.json<ScaleSet>(asked, signal);
    } catch (error) {
      if (!isMissing(error)) throw error;
      throw new OperateError(
        "failed",
        `there is no scale set ${this.name} in ${this.resourceGroupId}`,
        "apply the infrastructure stack, and read its outputs anew",
      );
    }
  }

  private async list<T>(what: string, query: string, signal: AbortSignal): Promise<T[]> {
    const found: T[] = [];
    let url: string | undefined = this.at(`/${what}?${query}`).url;
    while (url !== undefined) {
      const call = `list ${what} of ${this.name}`;
      const page: { readonly value: readonly T[]; readonly nextLink?: string } = await this.api.json(
        { call, url, audience: MANAGEMENT },
        signal,
      );
      found.push(...page.value);
      url = page.nextLink;
    }
    return found;
  }

  private at(rest: string): { readonly url: string; readonly audience: string } {
    return { url: `${MANAGEMENT}${this.resourceId.replace(/^\//, "")}${rest}`, audience: MANAGEMENT };
  }
}

/** https://learn.microsoft.com/en-us/azure/virtual-machines/states-billing */
function stateOf({ provisioningState = "", instanceView }: VirtualMachine["properties"]): Machine["state"] {
  const power = instanceView?.statuses?.map(({ code = "" }) => code).find((code) => code.startsWith("PowerState/"));
  if (provisioningState === "Deleting") return "leaving";
  if (power !== undefined && /(deallocat|stopp)/.test(power)) return "leaving";
  return power === "PowerState/running" && provisioningState !== "Creating" ? "running" : "starting";
}
