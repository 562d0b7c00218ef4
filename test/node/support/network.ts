import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type RunningProcess, type RunResult, run, type Scope } from "../../support/temporary";
import { findTool } from "../../support/tools";

const NETWORK = "10.99.0";
const METADATA = "169.254.169.254";
const here = __dirname;

/** What a suite with hosts needs: root's right to make namespaces. */
export function findNamespaces(): true | undefined {
  const possible = spawnSync("unshare", ["--net", "--mount", "ip", "link", "show"], { stdio: "ignore" }).status === 0;
  return possible || undefined;
}

/** Where a cluster's machine addresses stand. */
export const MACHINES = "prod.caravan.internal";

/** Where a cloud's own names lead in the network. */
export type Names = Readonly<Record<string, readonly string[]>>;

/** Addresses of what stands for the cloud. */
export const CLOUD = `${NETWORK}.1`;
export const STORE = `${NETWORK}.2`;
export const NETWORK_BLOCK = `${NETWORK}.0/24`;

/** The machine that a host is to its cloud. */
export interface Machine {
  /** Its id. */
  readonly id: string;
  /** What its metadata service knows. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What a network stands on, before it is of a cloud. */
export interface Ground {
  readonly scope: Scope;
  readonly namespaces: Namespaces;
  /** Has `ca.pem`, in which hosts trust, and `cloud.pem` with `cloud.key`. */
  readonly directory: string;
}

/** Makes the ground of a network whose cloud has these names; `*` is one label. */
export async function startGround(scope: Scope, names: readonly string[]): Promise<Ground> {
  const directory = scope.directory("lan");
  makeCertificate(directory, names);
  const namespaces = await Namespaces.start(
    scope,
    "ip link set lo up; ip link add bridge type bridge; ip link set bridge up",
  );
  for (const address of [CLOUD, STORE]) namespaces.run("ip", "address", "add", `${address}/24`, "dev", "bridge");
  return { scope, namespaces, directory };
}

/**
 * A network of hosts on one machine, with a cloud under its own names. A host is a set of namespaces: its own addresses,
 * processes and file system, an overlay over this machine's. All of it is gone with its first process.
 */
export abstract class Network {
  private hosts = 0;

  /** The secrets that a cluster leaves, as its nodes are told them. */
  abstract readonly secrets: Readonly<Record<"ca" | "bootstrapTokens" | "recoveryKeys", string>>;

  protected constructor(
    protected readonly ground: Ground,
    private readonly names: Names,
  ) {}

  /** An object of the cluster's bucket, or nothing. */
  abstract object(key: string): string | undefined;
  /** Names of objects that begin alike, sorted. */
  abstract keys(prefix: string): string[];
  abstract putObject(key: string, text: string): void;
  /** What a secret holds, or nothing. */
  abstract secret(name: string): string | undefined;

  /** Every object of the cluster's bucket. */
  objects(): Record<string, string | undefined> {
    return Object.fromEntries(this.keys("").map((key) => [key, this.object(key)]));
  }

  /** Lets the machine addresses of products lead to a host, as another sees them. */
  leadTo(target: Host, seer: Host, products: readonly string[]): void {
    const at = new RegExp(`^\\S+ ((?:${products.join("|")})\\.${MACHINES})$`, "gm");
    seer.write("/etc/hosts", seer.read("/etc/hosts").replace(at, `${target.address} $1`));
  }

  protected get certificate(): string {
    return join(this.ground.directory, "cloud.pem");
  }

  protected get certificateKey(): string {
    return join(this.ground.directory, "cloud.key");
  }

  /** Starts a program in the network, and waits until it answers curl. */
  protected async program(command: readonly string[], what: string, ...asked: string[]): Promise<void> {
    const { scope, namespaces } = this.ground;
    const program = scope.process("nsenter", [...namespaces.enter("-n"), ...command]);
    const ask = [...namespaces.enter("-n"), "curl", "-sk", "-o", "/dev/null", ...asked];
    await program.until(async () => spawnSync("nsenter", ask).status === 0, what);
  }

  /** curl in the network, for which all names lead to one address. */
  protected curl(address: string, args: readonly string[]) {
    const { namespaces, directory } = this.ground;
    const to = ["--connect-to", `::${address}:443`, "--cacert", join(directory, "ca.pem")];
    return spawnSync("nsenter", [...namespaces.enter("-n"), "curl", "-sS", ...to, ...args], { encoding: "utf8" });
  }

  /**
   * Adds a host. The cluster's machine addresses lead to the first.
   *
   * @param service The program of its metadata service, with what it is given after the file with its answers.
   */
  protected async addHost(machineAt: (address: string) => Machine, ...service: string[]): Promise<Host> {
    const { scope, namespaces, directory } = this.ground;
    this.hosts += 1;
    const address = `${NETWORK}.${10 + this.hosts}`;
    const machine = machineAt(address);
    const metadata = join(directory, `${machine.id}.json`);
    writeFileSync(metadata, JSON.stringify(machine.metadata));
    const space = await Namespaces.start(scope, hostScript(directory, this.hosts, this.names));
    const [port, peer] = [`port${this.hosts}`, "host0"];
    const ends = ["netns", namespaces.pid, "type", "veth", "peer", "name", peer, "netns", space.pid];
    execFileSync("ip", ["link", "add", port, ...ends]);
    namespaces.run("ip", "link", "set", port, "master", "bridge", "up");
    space.run("ip", "address", "add", `${address}/24`, "dev", peer);
    space.run("ip", "link", "set", peer, "up");
    space.run("ip", "route", "add", "default", "via", CLOUD);
    space.run("ip", "address", "add", `${METADATA}/32`, "dev", "lo");
    const [script = "", ...rest] = service;
    const command = [process.execPath, join(here, script), metadata, METADATA, ...rest];
    const answers = scope.process("nsenter", [...space.enter("-n"), ...command]);
    const host = new Host(scope, space, machine.id, address, metadata);
    await answers.until(
      async () => (await host.run(`curl -s -o /dev/null http://${METADATA}/`)).code === 0,
      "metadata service",
    );
    return host;
  }
}

/** One machine of the network. Paths are those that it sees. */
export class Host {
  constructor(
    private readonly scope: Scope,
    private readonly space: Namespaces,
    readonly instance: string,
    readonly address: string,
    private readonly metadata: string,
  ) {}

  /** Runs a script to its end. */
  run(script: string, timeoutMs = 120_000): Promise<RunResult> {
    return run("nsenter", [...this.space.enter(), "env", "-i", `PATH=${PATH}`, "bash", "-c", script], { timeoutMs });
  }

  /** Runs a script to its end and returns what it printed. Fails where the script does. */
  async do(script: string, timeoutMs?: number): Promise<string> {
    const { code, stdout, stderr } = await this.run(script, timeoutMs);
    if (code !== 0) throw new Error(`${script}\nended with ${code}\n${stderr}${stdout}`);
    return stdout;
  }

  /** A power cut. */
  kill(): void {
    this.space.kill();
  }

  /** Starts a script. */
  start(script: string): RunningProcess {
    return this.scope.process("nsenter", [...this.space.enter(), "env", "-i", `PATH=${PATH}`, "bash", "-c", script]);
  }

  /** Writes a file, with its directory. */
  write(path: string, text: string, mode = 0o644): void {
    const seen = join("/proc", this.space.pid, "root", path);
    mkdirSync(dirname(seen), { recursive: true });
    writeFileSync(seen, text);
    chmodSync(seen, mode);
  }

  read(path: string): string {
    return readFileSync(join("/proc", this.space.pid, "root", path), "utf8");
  }

  /** Lets a name lead to an address, as this host sees it. */
  resolve(name: string, address: string): void {
    const others = this.read("/etc/hosts").replace(new RegExp(`^\\S+ ${name.replaceAll(".", "\\.")}\n`, "m"), "");
    this.write("/etc/hosts", `${others}${address} ${name}\n`);
  }

  /** Changes what the metadata service says; `undefined` takes a path away. */
  tell(changes: Readonly<Record<string, unknown>>): void {
    writeFileSync(this.metadata, JSON.stringify({ ...JSON.parse(readFileSync(this.metadata, "utf8")), ...changes }));
  }
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A first process with namespaces of its own. What runs in them ends with it. */
class Namespaces {
  private constructor(readonly pid: string) {}

  static async start(scope: Scope, setUp: string): Promise<Namespaces> {
    const unshared = ["--net", "--mount", "--pid", "--uts", "--fork", "--kill-child", "--propagation", "private"];
    const child = scope.process("unshare", [...unshared, "bash", "-ec", `${setUp}\nexec sleep infinity`]);
    let pid = "";
    await child.until(async () => {
      pid = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim();
      return pid !== "" && readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "sleep";
    }, "namespaces");
    // unshare does not hear SIGTERM while it waits, and the first process of a namespace ignores it.
    const namespaces = new Namespaces(pid);
    scope.defer(() => namespaces.kill());
    return namespaces;
  }

  kill(): void {
    try {
      process.kill(Number(this.pid), "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  /** Arguments of nsenter. Without any namespace named: all of them, and the root directory. */
  enter(...which: string[]): string[] {
    return ["-t", this.pid, ...(which.length > 0 ? which : ["-m", "-n", "-p", "-u", "-r", "-w"])];
  }

  run(...command: string[]): void {
    execFileSync("nsenter", [...this.enter("-n"), ...command]);
  }
}

function hostScript(lan: string, number: number, names: Names): string {
  const base = join(lan, `host${number}`);
  const tools = ["vault", "consul", "nomad"].flatMap((name) => {
    const path = findTool(name);
    return path === undefined ? [] : [`ln -sf ${path} usr/bin/${name}`];
  });
  const cloud = Object.entries(names).flatMap(([address, all]) => all.map((name) => `${address} ${name}`));
  const machine = ["vault", "consul", "nomad"].map((product) => `${NETWORK}.11 ${product}.${MACHINES}`);
  const hosts = [...cloud, ...machine].join("\\n");
  return [
    `mkdir -p ${base}; mount -t tmpfs tmpfs ${base}; cd ${base}; mkdir upper work root`,
    "mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root; cd root",
    "mount -t proc proc proc; mount --rbind /dev dev; mount -t tmpfs tmpfs run; mount -t tmpfs tmpfs tmp",
    "ip link set lo up",
    `hostname host${number}`,
    `printf '127.0.0.1 localhost\\n${hosts}\\n' >etc/hosts`,
    `cat ${lan}/ca.pem >>etc/ssl/certs/ca-certificates.crt`,
    ...tools,
    `cp ${here}/systemctl.sh usr/bin/systemctl; chmod 755 usr/bin/systemctl`,
    "exec chroot . bash -c 'cd /; exec sleep infinity'",
  ].join("\n");
}

function makeCertificate(directory: string, names: readonly string[]): void {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: directory, stdio: "ignore" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl("req", "-x509", ...key, "-subj", "/CN=test", "-days", "2", "-keyout", "ca.key", "-out", "ca.pem");
  const alternatives = `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}`;
  openssl("req", ...key, "-subj", "/CN=cloud", "-addext", alternatives, "-keyout", "cloud.key", "-out", "cloud.csr");
  const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-copy_extensions", "copy"];
  openssl("x509", "-req", "-in", "cloud.csr", ...signed, "-out", "cloud.pem");
}
