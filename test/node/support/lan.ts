import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type RunningProcess, type RunResult, run, type Scope } from "../../support/temporary";
import { findTool } from "../../support/tools";

const REGION = "eu-central-1";
export const ACCOUNT = "123456789012";
const NETWORK = "10.99.0";
const here = __dirname;

/** What a suite with hosts needs: root's right to make namespaces, and moto. */
export function findLan(): true | undefined {
  const possible = spawnSync("unshare", ["--net", "--mount", "ip", "link", "show"], { stdio: "ignore" }).status === 0;
  return possible && findTool("moto_server") !== undefined ? true : undefined;
}

/**
 * A network of hosts on one machine, with moto under AWS's own names. A host is a set of namespaces: its own addresses,
 * processes and file system, an overlay over this machine's. All of it is gone with its first process.
 */
export class Lan {
  private hosts = 0;

  private constructor(
    private readonly scope: Scope,
    private readonly network: Namespaces,
    private readonly directory: string,
  ) {}

  /** Id of the subnet that all instances are in. */
  subnet = "";

  static async start(scope: Scope): Promise<Lan> {
    const directory = scope.directory("lan");
    makeCertificate(directory);
    const network = await Namespaces.start(
      scope,
      "ip link set lo up; ip link add bridge type bridge; ip link set bridge up",
    );
    const lan = new Lan(scope, network, directory);
    network.run("ip", "address", "add", `${NETWORK}.1/24`, "dev", "bridge");
    await lan.startMoto();
    lan.aws("s3", `https://s3.${REGION}.amazonaws.com/${BUCKET}`, [
      "-X",
      "PUT",
      "-H",
      "x-amz-bucket-object-lock-enabled: true",
      "-H",
      "Content-Type: application/xml",
      "-d",
      LOCATION,
    ]);
    for (const name of Object.values(SECRETS)) {
      lan.awsJson("secretsmanager", "secretsmanager.CreateSecret", { Name: name });
    }
    lan.awsJson("logs", "Logs_20140328.CreateLogGroup", { logGroupName: LOG_GROUP });
    const CidrBlock = `${NETWORK}.0/24`;
    const VpcId = lan.ec2("vpcId", { Action: "CreateVpc", CidrBlock });
    lan.subnet = lan.ec2("subnetId", { Action: "CreateSubnet", VpcId, CidrBlock });
    return lan;
  }

  private async startMoto(): Promise<void> {
    const [certificate, key] = [join(this.directory, "aws.pem"), join(this.directory, "aws.key")];
    const moto = this.scope.process("nsenter", [
      ...this.network.enter("-n"),
      "moto_server",
      "-H",
      `${NETWORK}.1`,
      "-p",
      "443",
      "-c",
      certificate,
      "-k",
      key,
    ]);
    await moto.until(
      async () => this.curl(["-f", `https://sts.${REGION}.amazonaws.com/moto-api/data.json`]).status === 0,
      "moto",
    );
  }

  /**
   * Starts a program of Node's in the network, with the certificate of AWS's names: it is given a file to write, the address to
   * listen on, certificate and key.
   */
  async standIn(script: string): Promise<{ readonly address: string; readonly file: string }> {
    const address = `${NETWORK}.2`;
    const file = join(this.directory, "stand-in.jsonl");
    this.network.run("ip", "address", "replace", `${address}/24`, "dev", "bridge");
    const tls = [join(this.directory, "aws.pem"), join(this.directory, "aws.key")];
    const command = [process.execPath, script, file, address, ...tls];
    const program = this.scope.process("nsenter", [...this.network.enter("-n"), ...command]);
    const asked = ["curl", "-sk", "-o", "/dev/null", "-X", "HEAD", "-I", `https://${address}/`];
    await program.until(
      async () => spawnSync("nsenter", [...this.network.enter("-n"), ...asked]).status === 0,
      "stand-in",
    );
    return { address, file };
  }

  /** Starts a proxy in the network that knows AWS's names; what it was asked for, each once. */
  async proxy(port: number): Promise<() => string[]> {
    const file = join(this.directory, "proxy");
    const names = ["s3", "ec2", "secretsmanager"].map((service) => `${service}.${REGION}.amazonaws.com=${NETWORK}.1`);
    const command = [process.execPath, join(here, "proxy.mjs"), file, `${NETWORK}.1:${port}`, ...names];
    const program = this.scope.process("nsenter", [...this.network.enter("-n"), ...command]);
    const asked = ["curl", "-s", "-o", "/dev/null", `http://${NETWORK}.1:${port}/`];
    await program.until(
      async () => spawnSync("nsenter", [...this.network.enter("-n"), ...asked]).status === 0,
      "proxy",
    );
    writeFileSync(file, "");
    return () => [...new Set(readFileSync(file, "utf8").split("\n").filter(Boolean))];
  }

  private curl(args: readonly string[]) {
    const to = ["--connect-to", `::${NETWORK}.1:443`, "--cacert", join(this.directory, "ca.pem")];
    return spawnSync("nsenter", [...this.network.enter("-n"), "curl", "-sS", ...to, ...args], { encoding: "utf8" });
  }

  /** One call to moto, as an administrator. */
  aws(service: string, url: string, args: readonly string[]): string {
    const signed = ["--aws-sigv4", `aws:amz:${REGION}:${service}`, "--user", "administrator:secret"];
    const { status, stdout, stderr } = this.curl(["--fail-with-body", ...signed, ...args, url]);
    if (status !== 0) throw new Error(`${service} ${args.join(" ")}: ${stderr}${stdout}`);
    return stdout;
  }

  awsJson(service: string, target: string, body: object): string {
    const headers = ["-H", "Content-Type: application/x-amz-json-1.1", "-H", `X-Amz-Target: ${target}`];
    return this.aws(service, `https://${service}.${REGION}.amazonaws.com/`, [...headers, "-d", JSON.stringify(body)]);
  }

  awsForm(service: string, parameters: Readonly<Record<string, string>>): string {
    const fields = Object.entries(parameters).flatMap(([name, value]) => ["--data-urlencode", `${name}=${value}`]);
    const host = service === "iam" ? "iam.amazonaws.com" : `${service}.${REGION}.amazonaws.com`;
    return this.aws(service, `https://${host}/`, fields);
  }

  /** An object of the cluster's bucket, or nothing. */
  object(key: string): string | undefined {
    try {
      return this.aws("s3", `https://s3.${REGION}.amazonaws.com/${BUCKET}/${key}`, []);
    } catch {
      return undefined;
    }
  }

  /** Names of objects that begin alike, sorted. */
  keys(prefix: string): string[] {
    const answer = this.aws("s3", `https://s3.${REGION}.amazonaws.com/${BUCKET}?list-type=2&prefix=${prefix}`, []);
    return [...answer.matchAll(/<Key>([^<]+)/g)].map(([, key = ""]) => key).sort();
  }

  /** Every object of the cluster's bucket. */
  objects(): Record<string, string | undefined> {
    return Object.fromEntries(this.keys("").map((key) => [key, this.object(key)]));
  }

  deleteObject(key: string): void {
    this.aws("s3", `https://s3.${REGION}.amazonaws.com/${BUCKET}/${key}`, ["-X", "DELETE"]);
  }

  /** What the bucket's policy says; without a statement there is none. */
  bucketPolicy(statement?: object): void {
    const url = `https://s3.${REGION}.amazonaws.com/${BUCKET}?policy=`;
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    this.aws(
      "s3",
      url,
      statement === undefined ? ["-X", "DELETE"] : ["-X", "PUT", "-H", "Content-Type: application/json", "-d", policy],
    );
  }

  putObject(key: string, text: string): void {
    this.aws("s3", `https://s3.${REGION}.amazonaws.com/${BUCKET}/${key}`, [
      "-X",
      "PUT",
      "-H",
      "Content-Type: text/plain",
      "--data-binary",
      text,
    ]);
  }

  secret(name: string): string | undefined {
    try {
      return JSON.parse(this.awsJson("secretsmanager", "secretsmanager.GetSecretValue", { SecretId: name }))
        .SecretString;
    } catch {
      return undefined;
    }
  }

  /** Lets the machine addresses of products lead to a host, as another sees them. */
  leadTo(target: Host, seer: Host, products: readonly string[]): void {
    const at = new RegExp(`^\\S+ ((?:${products.join("|")})\\.${MACHINES})$`, "gm");
    seer.write("/etc/hosts", seer.read("/etc/hosts").replace(at, `${target.address} $1`));
  }

  /** A KMS key; its id. */
  key(): string {
    return JSON.parse(this.awsJson("kms", "TrentService.CreateKey", {})).KeyMetadata.KeyId;
  }

  /** An IAM role that instances take; its ARN. */
  role(name: string): string {
    const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [] });
    this.awsForm("iam", { Action: "CreateRole", Version: "2010-05-08", RoleName: name, AssumeRolePolicyDocument });
    return `arn:aws:iam::${ACCOUNT}:role/${name}`;
  }

  /**
   * A host that runs as an instance with this role and these tags. The cluster's machine addresses lead to the first host.
   */
  async host(role: string, tags: Readonly<Record<string, string>> = {}): Promise<Host> {
    this.hosts += 1;
    const address = `${NETWORK}.${10 + this.hosts}`;
    const instance = this.instance(address, tags);
    const metadata = join(this.directory, `${instance}.json`);
    writeFileSync(metadata, JSON.stringify(this.metadata(role, instance, address)));
    const space = await Namespaces.start(this.scope, hostScript(this.directory, this.hosts));
    const port = `port${this.hosts}`;
    execFileSync("ip", [
      "link",
      "add",
      port,
      "netns",
      this.network.pid,
      "type",
      "veth",
      "peer",
      "name",
      "host0",
      "netns",
      space.pid,
    ]);
    this.network.run("ip", "link", "set", port, "master", "bridge", "up");
    space.run("ip", "address", "add", `${address}/24`, "dev", "host0");
    space.run("ip", "link", "set", "host0", "up");
    space.run("ip", "route", "add", "default", "via", `${NETWORK}.1`);
    space.run("ip", "address", "add", "169.254.169.254/32", "dev", "lo");
    const service = [process.execPath, join(here, "metadata.mjs"), metadata, "169.254.169.254"];
    const answers = this.scope.process("nsenter", [...space.enter("-n"), ...service]);
    const host = new Host(this.scope, space, instance, address, metadata);
    const asked = "curl -s -X PUT http://169.254.169.254/latest/api/token";
    await answers.until(async () => (await host.run(asked)).code === 0, "metadata service");
    return host;
  }

  private instance(PrivateIpAddress: string, tags: Readonly<Record<string, string>>): string {
    const tagged = Object.entries(tags).flatMap(([key, value], index) => [
      [`TagSpecification.1.Tag.${index + 1}.Key`, key],
      [`TagSpecification.1.Tag.${index + 1}.Value`, value],
    ]);
    return this.ec2("instanceId", {
      Action: "RunInstances",
      ImageId: "ami-12c6146b",
      MinCount: "1",
      MaxCount: "1",
      SubnetId: this.subnet,
      PrivateIpAddress,
      "TagSpecification.1.ResourceType": "instance",
      ...Object.fromEntries(tagged),
    });
  }

  /** Ends an instance in moto. Its host, if it lives, does not notice. */
  terminate(instance: string): void {
    this.ec2("instanceId", { Action: "TerminateInstances", "InstanceId.1": instance });
  }

  /** One call to EC2; the first value of a field in the answer. */
  private ec2(field: string, parameters: Readonly<Record<string, string>>): string {
    const answer = this.awsForm("ec2", { Version: "2016-11-15", ...parameters });
    return new RegExp(`<${field}>([^<]+)`).exec(answer)?.[1] ?? "";
  }

  private metadata(role: string, instanceId: string, privateIp: string): Record<string, unknown> {
    const answer = this.awsForm("sts", {
      Action: "AssumeRole",
      Version: "2011-06-15",
      RoleArn: `arn:aws:iam::${ACCOUNT}:role/${role}`,
      RoleSessionName: instanceId,
    });
    const field = (name: string) => new RegExp(`<${name}>([^<]+)`).exec(answer)?.[1] ?? "";
    const Expiration = new Date(Date.now() + 6 * 3600_000).toISOString();
    return {
      "dynamic/instance-identity/document": {
        accountId: ACCOUNT,
        region: REGION,
        instanceId,
        privateIp,
        availabilityZone: `${REGION}a`,
      },
      "meta-data/instance-id": instanceId,
      "meta-data/placement/region": REGION,
      "meta-data/iam/security-credentials/": role,
      [`meta-data/iam/security-credentials/${role}`]: {
        Code: "Success",
        Type: "AWS-HMAC",
        LastUpdated: new Date().toISOString(),
        Expiration,
        AccessKeyId: field("AccessKeyId"),
        SecretAccessKey: field("SecretAccessKey"),
        Token: field("SessionToken"),
      },
    };
  }
}

/** Where a cluster's machine addresses stand. */
export const MACHINES = "prod.caravan.internal";
export const BUCKET = "caravan-cluster";
const LOCATION = `<CreateBucketConfiguration><LocationConstraint>${REGION}</LocationConstraint></CreateBucketConfiguration>`;
export const LOG_GROUP = "/caravan/prod/nodes";
export const SECRETS = {
  ca: "prod/ca",
  bootstrapTokens: "prod/bootstrap-tokens",
  recoveryKeys: "prod/recovery-keys",
} as const;

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

function hostScript(lan: string, number: number): string {
  const base = join(lan, `host${number}`);
  const tools = ["vault", "consul", "nomad"].flatMap((name) => {
    const path = findTool(name);
    return path === undefined ? [] : [`ln -sf ${path} usr/bin/${name}`];
  });
  const names = ["s3", "ec2", "kms", "sts", "secretsmanager", "autoscaling", "logs"].map(
    (service) => `${service}.${REGION}.amazonaws.com`,
  );
  const aws = [...names, "iam.amazonaws.com", `ec2.${REGION}.api.aws`].map((name) => `${NETWORK}.1 ${name}`);
  const machine = ["vault", "consul", "nomad"].map((product) => `${NETWORK}.11 ${product}.${MACHINES}`);
  const hosts = [...aws, ...machine].join("\\n");
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

function makeCertificate(directory: string): void {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: directory, stdio: "ignore" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl("req", "-x509", ...key, "-subj", "/CN=test", "-days", "2", "-keyout", "ca.key", "-out", "ca.pem");
  const names = `subjectAltName=DNS:*.amazonaws.com,DNS:*.${REGION}.amazonaws.com,DNS:*.${REGION}.api.aws`;
  openssl("req", ...key, "-subj", "/CN=aws", "-addext", names, "-keyout", "aws.key", "-out", "aws.csr");
  openssl(
    "x509",
    "-req",
    "-in",
    "aws.csr",
    "-CA",
    "ca.pem",
    "-CAkey",
    "ca.key",
    "-CAcreateserial",
    "-days",
    "2",
    "-copy_extensions",
    "copy",
    "-out",
    "aws.pem",
  );
}
