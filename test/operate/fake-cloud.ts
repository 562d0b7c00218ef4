import type { Cloud, Machine, MachineGroup, MachineOutput, ReadableSecret } from "../../lib/operate/cloud";
import { OperateError } from "../../lib/operate/errors";

/** A cloud in memory: one group, objects, secrets, and machines that do what a test says. */
export class FakeCloud implements Cloud {
  readonly objects = new Map<string, Buffer>();
  readonly secrets: Partial<Record<ReadableSecret, string>> = {};
  /** Every script that was run, with its machine's id. */
  readonly ran: string[] = [];
  workerMachines: Machine[] = [];
  role: "deployer" | "planner" | undefined;

  constructor(
    public machines: Machine[],
    private readonly answer: (script: string, machine: string) => Promise<MachineOutput | string> | string,
    public wanted = machines.length,
  ) {}

  async identity() {
    return "arn:aws:sts::123456789012:assumed-role/somebody/session";
  }
  async ciRole() {
    return this.role;
  }
  async proof(): Promise<Record<string, string>> {
    return {};
  }
  async readSecret(secret: ReadableSecret) {
    const value = this.secrets[secret];
    if (value === "denied") throw new OperateError("denied", "AccessDenied", "be somebody else");
    return value;
  }
  async listObjects(prefix: string) {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }
  async readObject(key: string) {
    return this.objects.get(key);
  }
  async group(): Promise<MachineGroup> {
    return { wanted: this.wanted, size: this.wanted, settled: true, machines: this.machines };
  }
  async workers() {
    return this.workerMachines;
  }
  async grow() {}
  async retire() {}
  async settle() {}
  async forward(): Promise<never> {
    throw new Error("this cloud has no tunnels");
  }
  async run(id: string, script: string): Promise<MachineOutput> {
    this.ran.push(`${id}: ${script}`);
    const told = await this.answer(script, id);
    return typeof told === "string" ? { exitCode: 0, output: told } : told;
  }
}

/** A machine that runs. */
export function aMachine(id: string, address: string, over: Partial<Machine> = {}): Machine {
  return { id, address, state: "running", current: true, zone: "a", launched: 0, ...over };
}
