import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Server } from "node:net";
import { type RunningProcess, type RunResult, run, type Scope } from "../support/scope";

/** Where every cloud has its metadata service. */
export const METADATA_ADDRESS = "169.254.169.254";

/** What a machine is plugged into. */
export interface Port {
  /** Path of the machine's network namespace, as the room sees it. */
  readonly namespace: string;
  readonly address: string;
  readonly mac: string;
  /** Pulls the cable: nothing gets in or out, addresses stay. */
  cut(): Promise<void>;
  plugIn(): Promise<void>;
}

/**
 * A room for machines: namespaces of processes, mounts and network whose first process dies with the test's own, however that
 * ends, and takes everything in the room with it. In it stands a bridge, at whose addresses the cloud answers; each machine has a
 * network namespace plugged into that bridge. The test's process is plugged in too, by the one link that is seen outside.
 */
export class Network {
  /** Number of the next machine. */
  private next = 11;

  private constructor(
    private readonly scope: Scope,
    private readonly holder: number,
    private readonly number: number,
  ) {}

  static async open(scope: Scope): Promise<Network> {
    const holder = await openRoom(scope);
    const number = await link(holder);
    const network = new Network(scope, holder, number);
    await network.sh(
      "ip link set lo up",
      // Otherwise it takes the lowest address of all that is plugged in: with a new machine the old ones, who know it by another,
      // would wait in vain until they ask again.
      `ip link add bridge address ${network.mac(1)} type bridge`,
      "ip link set outside master bridge up",
      `ip address add ${network.address(1)}/24 dev bridge`,
      `ip address add ${METADATA_ADDRESS}/32 dev bridge`,
      "ip link set bridge up",
    );
    await demand("ip", ["address", "add", `${network.address(254)}/24`, "dev", `caravan${number}`]);
    await demand("ip", ["link", "set", `caravan${number}`, "up"]);
    return network;
  }

  /** Address of a machine: 1 is the cloud, 254 the test's process. */
  address(machine: number): string {
    return `10.213.${this.number}.${machine}`;
  }

  get range(): string {
    return `${this.address(0)}/24`;
  }

  /** Runs shell lines in the room; the first that fails ends them. */
  async sh(...lines: readonly string[]): Promise<void> {
    const { code, stderr } = await this.run("sh", ["-ec", lines.join("\n")]);
    if (code !== 0) throw new Error(`${lines.join("; ")}: ${stderr}`);
  }

  /** Runs a program in the room to its end. */
  run(command: string, args: readonly string[]): Promise<RunResult> {
    return run("nsenter", [...this.inside, command, ...args]);
  }

  /** Starts a program in the room. */
  start(command: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd = "/"): RunningProcess {
    return this.scope.process("nsenter", [...this.inside, `--wd=${cwd}`, command, ...args], { env });
  }

  /** Plugs a machine in, its address already on `host0`, as a cloud's DHCP would give it. */
  async plug(): Promise<Port> {
    const machine = this.next++;
    const name = `machine${machine}`;
    const address = this.address(machine);
    const mac = this.mac(machine);
    await this.sh(
      `ip netns add ${name}`,
      `ip link add ${name} type veth peer name host0 address ${mac} netns ${name}`,
      `ip link set ${name} master bridge up`,
      `ip -n ${name} link set lo up`,
      `ip -n ${name} address add ${address}/24 dev host0`,
      `ip -n ${name} link set host0 up`,
      `ip -n ${name} route add default via ${this.address(1)}`,
    );
    const set = (state: "up" | "down") => this.sh(`ip link set ${name} ${state}`);
    return { namespace: `/run/netns/${name}`, address, mac, cut: () => set("down"), plugIn: () => set("up") };
  }

  /** A socket that listens in the room, for a server in the test's own process. */
  listen(port: number, address: string): Promise<Server> {
    const script = `const server = require("node:net").createServer().listen(${port}, "${address}", () =>
      process.send("listening", server, () => process.exit()));`;
    const child = spawn("nsenter", [`--net=/proc/${this.holder}/ns/net`, process.execPath, "-e", script], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      timeout: 30_000,
    });
    let errors = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      errors += chunk.toString("utf8");
    });
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("message", (_, handle) => resolve(handle as Server));
      child.once("close", (code) => reject(new Error(`no socket at ${address}:${port}: exit code ${code}\n${errors}`)));
    });
  }

  private mac(machine: number): string {
    return `02:0a:d5:00:${hex(this.number)}:${hex(machine)}`;
  }

  private get inside(): string[] {
    return [`--target=${this.holder}`, "--mount", "--net", "--pid"];
  }
}

/** Starts the first process of a room and returns its id. */
async function openRoom(scope: Scope): Promise<number> {
  const room = [
    "unshare",
    "--mount",
    "--net",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
    "--propagation=private",
  ];
  const script = "mount -t tmpfs run /run && echo ready && exec sleep infinity";
  const outer = scope.process("setpriv", ["--pdeathsig=KILL", ...room, "sh", "-c", script]);
  await outer.until(async () => outer.output.includes("ready"), "a room for machines");
  const [holder] = childrenOf(outer.pid ?? 0);
  if (holder === undefined) throw new Error(`the room is empty: ${outer.output}`);
  // A first process takes no polite signal.
  scope.defer(() => (outer.running ? process.kill(holder, "SIGKILL") : undefined));
  return holder;
}

/** Links the room to the outside under the first free number. The link goes with the room. */
async function link(holder: number): Promise<number> {
  for (let number = 1; number < 255; number++) {
    const peer = ["type", "veth", "peer", "name", "outside", "netns", String(holder)];
    const { code, stderr } = await run("ip", ["link", "add", `caravan${number}`, ...peer]);
    if (code === 0) return number;
    if (!stderr.includes("exists")) throw new Error(`ip link add: ${stderr}`);
  }
  throw new Error("the networks 10.213.1.0/24 to 10.213.254.0/24 are all taken");
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** Ids of a process' children. */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

async function demand(command: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await run(command, args);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
}
