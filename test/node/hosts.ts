import { chmodSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { NodeFile } from "../../lib/node/node-files";
import { type RunningProcess, type RunResult, run, type Scope } from "../support/temporary";

/** Machines of a test, by name and address. */
export type Machines = Readonly<Record<string, string>>;

/**
 * Machines on one Linux: each has a host name, a root (this machine's, with what is written laid over it) and a network of its own, in
 * which its address is the default route's. Nothing of it is seen outside, and all of it goes with the scope. Needs root.
 */
export class Hosts {
  private constructor(
    private readonly scope: Scope,
    private readonly base: string,
    private readonly pid: number,
  ) {}

  static async start(scope: Scope, machines: Machines): Promise<Hosts> {
    const base = scope.directory("hosts");
    const script = [
      "set -e",
      `mount -t tmpfs hosts ${base}`,
      "mount -t tmpfs run /run",
      "ip link add bridge type bridge && ip link set bridge up",
      ...Object.values(machines).map((address) => `ip addr replace ${gateway(address)}/24 dev bridge`),
      ...Object.entries(machines).flatMap(([name, address], index) => [
        `mkdir -p ${base}/${name}/{up,work,root}`,
        `mount -t overlay ${name} -o lowerdir=/,upperdir=${base}/${name}/up,workdir=${base}/${name}/work ${base}/${name}/root`,
        `for d in proc dev sys; do mount --rbind /$d ${base}/${name}/root/$d; done`,
        `for d in run tmp; do mount -t tmpfs $d ${base}/${name}/root/$d; done`,
        `ip netns add ${name}`,
        `ip link add port${index} type veth peer name eth0 netns ${name}`,
        `ip link set port${index} master bridge up`,
        `ip -n ${name} link set lo up && ip -n ${name} link set eth0 up`,
        `ip -n ${name} addr add ${address}/24 dev eth0 && ip -n ${name} route add default via ${gateway(address)}`,
      ]),
      "echo ready; exec sleep infinity",
    ].join("\n");
    const holder = scope.process("unshare", ["--mount", "--net", "--propagation", "private", "bash", "-c", script]);
    await holder.until(async () => holder.output.includes("ready"), "machines of the test");
    return new Hosts(scope, base, holder.pid ?? 0);
  }

  /** Writes files as they stand on a node, beneath the machine's root. */
  write(machine: string, files: readonly Pick<NodeFile, "path" | "mode" | "content">[]): void {
    for (const { path, mode, content } of files) {
      const at = join(this.rootOf(machine), path);
      mkdirSync(dirname(at), { recursive: true });
      writeFileSync(at, content);
      chmodSync(at, Number.parseInt(mode, 8));
    }
  }

  /** Copies a directory of this machine beneath the machine's root. */
  copy(machine: string, from: string, to: string): void {
    cpSync(from, join(this.rootOf(machine), to), { recursive: true });
  }

  /** Runs a shell script to its end on a machine, as root; a failure is an error with what it printed. */
  async shell(machine: string, script: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const result = await this.run(machine, ["bash", "-euo", "pipefail", "-c", script], env);
    if (result.code !== 0) throw new Error(`on ${machine}: ${script}\n${result.stdout}${result.stderr}`);
    return result.stdout;
  }

  run(machine: string, command: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<RunResult> {
    return run("nsenter", this.inside(machine, command, env));
  }

  /** Starts a program on a machine that runs until the scope ends. */
  start(machine: string, command: readonly string[], env: Readonly<Record<string, string>> = {}): RunningProcess {
    return this.scope.process("nsenter", this.inside(machine, command, env));
  }

  /** The machine's root as this process sees it. */
  private rootOf(machine: string): string {
    return `/proc/${this.pid}/root${this.base}/${machine}/root`;
  }

  private inside(machine: string, command: readonly string[], env: Readonly<Record<string, string>>): string[] {
    const variables = Object.entries({ PATH: process.env["PATH"], HOME: "/root", ...env }).map(([n, v]) => `${n}=${v}`);
    const root = ["chroot", `${this.base}/${machine}/root`, "env", "-i", ...variables, ...command];
    const named = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', machine, ...root];
    return [`--mount=/proc/${this.pid}/ns/mnt`, "nsenter", `--net=/run/netns/${machine}`, ...named];
  }
}

function gateway(address: string): string {
  return address.replace(/\d+$/, "1");
}
