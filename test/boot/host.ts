import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type RunningProcess, type RunResult, run, type Scope } from "../support/scope";
import type { Cloud, InstanceProps } from "./cloud";
import { ControlGroups } from "./control-groups";
import type { InstanceMetadata } from "./metadata";
import { childrenOf, type Network, type Port } from "./network";

export interface HostProps extends Omit<InstanceProps, "address" | "mac"> {
  /** The lower layer of its disk: `debianTree()`. */
  readonly tree: string;
  /**
   * Programs of this machine that stand on the host as if its image had them, by their paths there.
   *
   * @default - none
   */
  readonly programs?: Readonly<Record<string, string>>;
  /**
   * What the image holds besides, by path.
   *
   * @default - nothing
   */
  readonly files?: Readonly<Record<string, { readonly content: string; readonly executable?: boolean }>>;
  /**
   * What its disk holds at most, beyond the image, as mount takes it: `"300M"`. Such a disk is in memory.
   *
   * @default - as much as this machine's
   */
  readonly diskSize?: string;
  /**
   * Whether what runs on it may make control groups. With version 1 they are made among the machine's own.
   *
   * @default false
   */
  readonly controlGroups?: boolean;
  /**
   * Lines for `/etc/hosts` beside the cloud's names.
   *
   * @default - none
   */
  readonly names?: string;
}

/** The image of an AMI, as far as a container differs from an instance. */
const CLOUD_CONFIG = [
  "datasource_list: [ Ec2 ]",
  // The address is there already.
  "network: { config: disabled }",
  "locale: C.UTF-8",
  "",
].join("\n");

/** What makes cloud-init believe that it is on EC2. A container has no BIOS that would say so; Xen says it here. */
const PLATFORM = "ec2f0000-0000-4000-8000-000000000000\n";

const HOSTNAME = "/proc/sys/kernel/hostname";
const WRITABLE_CONTROL_GROUPS = `grep ' cgroup ro,' /proc/mounts | while read -r _ at _; do mount -o remount,bind,rw "$at"; done`;
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const BOOT_MS = 60_000;

/**
 * A machine of the test: systemd and cloud-init in a container, with a disk and a network interface of its own, that finds its
 * user data at the cloud's metadata service.
 */
export class Host {
  private disks = 0;
  private merged = "";
  private machine?: RunningProcess;
  private leader = 0;
  private readonly groups: ControlGroups;

  private constructor(
    private readonly scope: Scope,
    readonly name: string,
    private readonly cloud: Cloud,
    private readonly props: HostProps,
    private readonly home: string,
    private port: Port,
    private current: InstanceMetadata,
  ) {
    this.groups = new ControlGroups(`caravan-${process.pid}-${port.address}`);
    scope.defer(() => this.groups.remove());
  }

  /** Launches an instance and boots it. */
  static async launch(scope: Scope, cloud: Cloud, name: string, props: HostProps): Promise<Host> {
    const port = await cloud.network.plug();
    const instance = await cloud.launch({ ...props, address: port.address, mac: port.mac });
    const host = new Host(scope, name, cloud, props, scope.directory(name), port, instance);
    await host.insertDisk();
    await host.boot();
    return host;
  }

  get address(): string {
    return this.port.address;
  }

  /** What the metadata service says to it; its `notices` can be changed. */
  get instance(): InstanceMetadata {
    return this.current;
  }

  /** What it printed on its console since its last start. */
  get console(): string {
    return this.machine?.output ?? "";
  }

  get running(): boolean {
    return this.machine?.running ?? false;
  }

  /** Starts it after `stop` or `powerCut`, with the disk it had. */
  async start(): Promise<void> {
    await this.cloud.instances("StartInstances", this.instance.instanceId);
    await this.boot();
  }

  /** Ends every process of it at once. What was written before is on the disk. */
  async powerCut(): Promise<void> {
    if (this.leader > 0) process.kill(this.leader, "SIGKILL");
    await this.ended();
  }

  /** Shuts it down in order. */
  async stop(): Promise<void> {
    await this.exec("systemctl", "--no-block", "poweroff");
    await this.ended();
    await this.cloud.instances("StopInstances", this.instance.instanceId);
  }

  /** Ends it for good, with its disk. */
  async terminate(): Promise<void> {
    if (this.running) await this.powerCut();
    await this.cloud.instances("TerminateInstances", this.instance.instanceId);
    await this.network.sh(`umount ${this.merged}`);
    if (this.props.diskSize !== undefined) await this.network.sh(`umount ${dirname(this.merged)}`);
  }

  /** Ends it for good: a new instance with an empty disk and another address takes its place. */
  async replace(): Promise<void> {
    await this.terminate();
    this.port = await this.network.plug();
    this.current = await this.cloud.launch({ ...this.props, address: this.address, mac: this.port.mac });
    await this.insertDisk();
    await this.boot();
  }

  /** Cuts it off from everything, the cloud included. */
  cut(): Promise<void> {
    return this.port.cut();
  }

  plugIn(): Promise<void> {
    return this.port.plugIn();
  }

  /** Arguments of `nsenter` that lead onto the host. */
  get enter(): readonly string[] {
    return [`--target=${this.leader}`, "--mount", "--uts", "--ipc", "--net", "--pid", "--root"];
  }

  /** Runs a program on the host, as root. */
  try(command: string, ...args: readonly string[]): Promise<RunResult> {
    return run("nsenter", [...this.enter, command, ...args], { env: { PATH, HOME: "/root", LC_ALL: "C" } });
  }

  /** Writes a file of root's alone onto its disk, while it is off or on. */
  async write(path: string, content: string): Promise<void> {
    const file = join(this.home, "written");
    writeFileSync(file, content, { mode: 0o600 });
    await this.network.sh(`cp -p ${file} ${join(this.merged, path)}`);
  }

  /** Removes a file from its disk, while it is off or on. */
  remove(path: string): Promise<void> {
    return this.network.sh(`rm -f ${join(this.merged, path)}`);
  }

  /** Runs a program on the host, as root, and returns what it printed. Throws if it fails. */
  async exec(command: string, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.try(command, ...args);
    if (code === 0) return stdout;
    throw new Error(`${this.name}: ${command} ${args.join(" ")}: exit code ${code}\n${stdout}${stderr}`);
  }

  /** The journal of all boots, or of one unit. */
  journal(unit?: string): Promise<string> {
    return this.exec("journalctl", "--no-pager", "--quiet", "-o", "short-monotonic", ...(unit ? ["-u", unit] : []));
  }

  /** Waits until a program succeeds on the host. Otherwise the error shows the last answer and the journal's end. */
  async until(what: string, timeoutMs: number, command: string, ...args: readonly string[]): Promise<string> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const { code, stdout, stderr } = await this.try(command, ...args);
      if (code === 0) return stdout;
      if (!this.running) throw new Error(`${this.name}: ${what}: the host has ended\n${this.console.slice(-4_000)}`);
      if (Date.now() > end) {
        const journal = (await this.journal().catch(String)).split("\n").slice(-60).join("\n");
        const answer = `${stdout}${stderr}`.slice(-2_000);
        throw new Error(`${this.name}: ${what}: not within ${timeoutMs / 1000} s\n${answer}\n${journal}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }

  /** Waits until cloud-init has done everything. */
  async cloudInit(timeoutMs = BOOT_MS): Promise<void> {
    await this.until("cloud-init", timeoutMs, "test", "-e", "/run/cloud-init/result.json");
    const result = JSON.parse(await this.exec("cat", "/run/cloud-init/result.json")) as { v1: { errors: string[] } };
    if (result.v1.errors.length > 0) throw new Error(`${this.name}: cloud-init: ${result.v1.errors.join("; ")}`);
  }

  private get network(): Network {
    return this.cloud.network;
  }

  private async insertDisk(): Promise<void> {
    const disk = join(this.home, `disk${this.disks++}`);
    const image = join(this.home, `image${this.disks}`);
    this.merged = join(disk, "root");
    mkdirSync(disk, { recursive: true });
    for (const [path, { content, executable }] of Object.entries(this.image())) {
      mkdirSync(dirname(join(image, path)), { recursive: true });
      writeFileSync(join(image, path), content, { mode: executable ? 0o755 : 0o644 });
    }
    const { diskSize, tree } = this.props;
    if (diskSize !== undefined) await this.network.sh(`mount -t tmpfs -o size=${diskSize} disk ${disk}`);
    await this.network.sh(`mkdir ${disk}/upper ${disk}/work ${this.merged}`);
    const layers = `lowerdir=${image}:${tree},upperdir=${disk}/upper,workdir=${disk}/work`;
    await this.network.sh(`mount -t overlay overlay -o ${layers} ${this.merged}`);
  }

  /** What of an image depends on the test. */
  private image(): NonNullable<HostProps["files"]> {
    const { authority, hosts } = this.cloud;
    const bundle = "etc/ssl/certs/ca-certificates.crt";
    return {
      [bundle]: { content: readFileSync(join(this.props.tree, bundle), "utf8") + authority.certificate },
      "usr/local/share/ca-certificates/test.crt": { content: authority.certificate },
      "etc/cloud/cloud.cfg.d/99-container.cfg": { content: CLOUD_CONFIG },
      // Nobody answers DHCP: cloud-init shall not wait a minute to learn it.
      "usr/sbin/dhclient": { content: "#!/bin/sh\nexit 1\n", executable: true },
      // There is no name server to ask, only /etc/hosts: nobody shall wait for answers.
      "etc/systemd/resolved.conf.d/container.conf": { content: "[Resolve]\nLLMNR=no\nMulticastDNS=no\nFallbackDNS=\n" },
      "etc/hosts": { content: `127.0.0.1 localhost\n::1 localhost\n${hosts}${this.props.names ?? ""}` },
      ...this.props.files,
    };
  }

  private async boot(): Promise<void> {
    this.leader = 0;
    const options = [
      "--boot",
      "--register=no",
      "--keep-unit",
      "--resolv-conf=off",
      "--timezone=off",
      "--link-journal=no",
      // Its network is its own.
      "--capability=CAP_NET_ADMIN",
    ];
    const platform = join(this.home, "platform");
    writeFileSync(platform, PLATFORM);
    const bound = { "/sys/hypervisor/uuid": platform, ...this.props.programs };
    const binds = Object.entries(bound).map(([path, source]) => `--bind-ro=${source}:${path}`);
    const place = [
      `--directory=${this.merged}`,
      `--machine=${this.name}`,
      `--network-namespace-path=${this.port.namespace}`,
    ];
    const all = [...options, "--console=read-only", ...place, ...binds];
    const start = `${this.groups.enter}\nexec systemd-nspawn "$@"`;
    const machine = this.network.start("sh", ["-c", start, "sh", ...all], {
      PATH,
      SYSTEMD_NSPAWN_LOCK: "0",
      SYSTEMD_NSPAWN_API_VFS_WRITABLE: "network",
    });
    this.machine = machine;
    // Nobody waits for an orderly end.
    this.scope.defer(() => (machine.running ? this.powerCut() : undefined));
    const started = async () => {
      this.leader = leaderBelow(machine.pid ?? 0);
      return this.leader > 0;
    };
    await machine.until(started, this.name, BOOT_MS);
    await this.until("systemd", BOOT_MS, "systemctl", "show", "--property=Version");
    // The kernel's settings are the machine's own and stay as they are, but for the one that is the host's alone.
    await this.exec("sh", "-ec", `mount --bind ${HOSTNAME} ${HOSTNAME}; mount -o remount,bind,rw ${HOSTNAME}`);
    if (this.props.controlGroups) await this.exec("sh", "-ec", WRITABLE_CONTROL_GROUPS);
  }

  private async ended(): Promise<void> {
    const end = Date.now() + BOOT_MS;
    while (this.running) {
      if (Date.now() > end)
        throw new Error(`${this.name}: still runs after ${BOOT_MS / 1000} s\n${this.console.slice(-2_000)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** The container's own first process: the one below nspawn whose name space calls it 1. */
function leaderBelow(pid: number): number {
  for (const child of childrenOf(pid)) {
    if (isFirst(child)) return child;
    const found = leaderBelow(child);
    if (found > 0) return found;
  }
  return 0;
}

function isFirst(pid: number): boolean {
  try {
    return /^NSpid:.*\t1$/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
