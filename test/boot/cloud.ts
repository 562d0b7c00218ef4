import { readFileSync } from "node:fs";
import {
  request as ask,
  createServer as createPlainServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
} from "node:http";
import { createServer, request } from "node:https";
import { buffer } from "node:stream/consumers";
import { MOTO_ACCOUNT, motoProgram } from "../support/moto";
import type { Scope } from "../support/scope";
import { Authority } from "./authority";
import { type Credentials, type InstanceMetadata, MetadataService } from "./metadata";
import type { Network } from "./network";

/** What a server of the cloud answered, if it was no refusal. */
interface Call {
  readonly service: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What an instance is launched with. */
export interface InstanceProps {
  readonly address: string;
  readonly mac: string;
  /** Name of an IAM role, made with `role`. */
  readonly role: string;
  readonly userData: Uint8Array;
  readonly tags?: Readonly<Record<string, string>>;
}

type PlayedService = Service | "ssm";

// biome-ignore lint/suspicious/noExplicitAny: each action has an input of its own shape
export type Input = Readonly<Record<string, any>>;

/** The content of an action's result, in the service's own format; nothing where moto shall answer. */
export type Player = (action: string, input: Input) => string | undefined;

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const MOTO_PORT = 5000;
const SERVICES = ["autoscaling", "ec2", "kms", "logs", "s3", "secretsmanager", "sts"] as const;

/** A service of AWS that hosts ask, by the first label of its name. */
export type Service = (typeof SERVICES)[number] | "iam";

/** What AWS said to a host. */
export interface Answered {
  /** Address of the host. */
  readonly from: string;
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/**
 * AWS in a room: moto answers with TLS at AWS's own names, and each instance has its metadata service. Hosts that take `hosts` and
 * `authority` need no other setting to believe it.
 */
export class Cloud {
  readonly account = MOTO_ACCOUNT;
  /** All that AWS said to hosts, in order. */
  readonly answered: Answered[] = [];
  private readonly players: { service: PlayedService; player: Player }[] = [];
  private readonly absent = new Map<string, "refuses" | "is silent">();

  private constructor(
    readonly network: Network,
    readonly region: string,
    readonly authority: Authority,
    readonly metadata: MetadataService,
  ) {}

  static async start(scope: Scope, network: Network, region: string): Promise<Cloud> {
    const authority = await Authority.create(scope);
    const cloud = new Cloud(network, region, authority, await MetadataService.start(scope, network));
    const { PATH, HOME } = process.env;
    // Its recorder writes a file where it runs.
    const options = ["-H", cloud.address, "-p", String(MOTO_PORT)];
    const moto = network.start(await motoProgram(), options, { PATH, HOME }, scope.directory("moto"));
    await cloud.front(scope);
    await moto.until(async () => (await cloud.query("sts", { Action: "GetCallerIdentity" })) !== "", "moto");
    const vpc = await cloud.query("ec2", { Action: "CreateVpc", CidrBlock: network.range });
    await cloud.query("ec2", { Action: "CreateSubnet", VpcId: tag(vpc, "vpcId"), CidrBlock: network.range });
    return cloud;
  }

  /** TLS before moto, whose own server waits for one handshake at a time: a host that dies in one would stop all others. */
  private async front(scope: Scope): Promise<void> {
    const names = [`*.${this.region}.amazonaws.com`, "*.amazonaws.com", `*.${this.region}.api.aws`];
    const { certificate, key } = await this.authority.issue("aws", [
      ...names.map((name) => `DNS:${name}`),
      `IP:${this.address}`,
    ]);
    const answer: RequestListener = (from, to) => {
      const { method = "", url: path = "", headers } = from;
      // A request is signed for one region and one service; one that is not says whom it asks.
      const signed = /Credential=[^,]*\/([^/]+)\/aws4_request/.exec(headers.authorization ?? "")?.[1];
      const service = signed ?? headers.host?.split(".")[0] ?? "";
      const asking = (from.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
      const absence = asking === this.network.address(254) ? undefined : this.absent.get(service);
      if (absence === "refuses") from.socket.destroy();
      if (absence !== undefined) return;
      this.pass(from, service).then(
        ({ status, headers, body }) => {
          this.answered.push({ from: asking, service, method, path, status });
          to.writeHead(status, headers).end(body);
        },
        () => to.destroy(),
      );
    };
    const secure = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, answer);
    const plain = createPlainServer(answer);
    for (const [server, port] of [
      [secure, 443],
      [plain, 80],
    ] as const) {
      server.listen(await this.network.listen(port, this.address));
      scope.defer(() => {
        server.closeAllConnections();
        server.close();
      });
    }
  }

  /** Where programs of the test's own machine find AWS, whose certificate authority they do not know. */
  get endpoint(): string {
    return `http://${this.address}`;
  }

  /** Plays some of a service's actions in moto's stead. */
  play(service: PlayedService, player: Player): void {
    this.players.push({ service, player });
  }

  /** Sets tags of an instance, AWS's own too. */
  async tag(id: string, tags: Readonly<Record<string, string>>): Promise<void> {
    const form = Object.entries(tags).flatMap(([key, value], index) => [
      [`Tag.${index + 1}.Key`, key],
      [`Tag.${index + 1}.Value`, value],
    ]);
    await this.query("ec2", { Action: "CreateTags", "ResourceId.1": id, ...Object.fromEntries(form) });
  }

  private played(service: string, target: string, body: string): Reply | undefined {
    const players = this.players.filter((one) => one.service === service);
    if (players.length === 0) return undefined;
    const json = target !== "";
    const input = json ? (JSON.parse(body) as Input) : Object.fromEntries(new URLSearchParams(body));
    const action = json ? target.replace(/^.*\./, "") : String(input["Action"]);
    const result = players.map(({ player }) => player(action, input)).find((one) => one !== undefined);
    if (result === undefined) return undefined;
    const text = json ? result : `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`;
    const type = json ? "application/x-amz-json-1.1" : "text/xml";
    return { status: 200, headers: { "content-type": type }, body: Buffer.from(text) };
  }

  /** Passes a request on once all of it is there: moto answers nobody while it waits for the rest of one. */
  private async pass(from: IncomingMessage, service: string): Promise<Reply> {
    const body = await buffer(from);
    const played = this.played(service, String(from.headers["x-amz-target"] ?? ""), body.toString());
    if (played !== undefined) return played;
    const { method, url: path, headers } = from;
    return new Promise((resolve, reject) => {
      const onward = ask({ host: this.address, port: MOTO_PORT, agent: false, method, path, headers }, (answer) => {
        const reply = (text: Buffer) =>
          resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: text });
        buffer(answer).then(reply, reject);
      });
      onward.once("error", reject).end(body);
    });
  }

  /**
   * Takes a service away from the hosts: their connections are broken at once, or never answered. Returns what brings it back.
   * The test itself still reaches it.
   */
  takeAway(service: Service, how: "refuses" | "is silent" = "refuses"): () => void {
    this.absent.set(service, how);
    return () => this.absent.delete(service);
  }

  /** Where all of AWS is. */
  get address(): string {
    return this.network.address(1);
  }

  /** Lines for `/etc/hosts`: AWS's own names. */
  get hosts(): string {
    const names = SERVICES.map((service) => `${service}.${this.region}.amazonaws.com`);
    return `${this.address} ${[...names, `ec2.${this.region}.api.aws`, "iam.amazonaws.com"].join(" ")}\n`;
  }

  /** Makes an IAM role that instances may take. Returns its ARN. */
  async role(name: string): Promise<string> {
    const Statement = [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } }];
    const trust = JSON.stringify({ Version: "2012-10-17", Statement });
    return tag(
      await this.query("iam", { Action: "CreateRole", RoleName: name, AssumeRolePolicyDocument: trust }),
      "Arn",
    );
  }

  /** Makes a KMS key. Returns its ARN. */
  async key(): Promise<string> {
    return (await this.json<{ KeyMetadata: { Arn: string } }>("kms", "TrentService.CreateKey", {})).KeyMetadata.Arn;
  }

  /** Makes an empty secret. Returns its ARN. */
  async secret(name: string): Promise<string> {
    return (await this.json<{ ARN: string }>("secretsmanager", "secretsmanager.CreateSecret", { Name: name })).ARN;
  }

  /** What a secret holds. */
  async secretValue(arn: string): Promise<string> {
    const target = "secretsmanager.GetSecretValue";
    return (await this.json<{ SecretString: string }>("secretsmanager", target, { SecretId: arn })).SecretString;
  }

  /** Makes a group of logs. Returns its name. */
  async logGroup(logGroupName: string): Promise<string> {
    await this.json("logs", "Logs_20140328.CreateLogGroup", { logGroupName });
    return logGroupName;
  }

  /** The lines of a log, in order. */
  async logged(logGroupName: string, logStreamName: string): Promise<string[]> {
    const asked = { logGroupName, logStreamName, startFromHead: true, limit: 10_000 };
    const answer = await this.json<{ events: { message: string }[] }>("logs", "Logs_20140328.GetLogEvents", asked);
    return answer.events.map(({ message }) => message);
  }

  /** Makes a bucket whose objects can be locked. */
  async bucket(name: string): Promise<void> {
    const body = `<CreateBucketConfiguration><LocationConstraint>${this.region}</LocationConstraint></CreateBucketConfiguration>`;
    const headers = { "x-amz-bucket-object-lock-enabled": "true" };
    await this.call({ service: "s3", method: "PUT", path: `/${name}`, headers, body });
  }

  async put(bucket: string, key: string, body: string | Uint8Array): Promise<void> {
    await this.call({ service: "s3", method: "PUT", path: `/${bucket}/${key}`, body });
  }

  async delete(bucket: string, key: string): Promise<void> {
    await this.call({ service: "s3", method: "DELETE", path: `/${bucket}/${key}` });
  }

  get(bucket: string, key: string): Promise<string> {
    return this.call({ service: "s3", path: `/${bucket}/${key}` });
  }

  /** Keys of a bucket, in order. */
  async list(bucket: string, prefix = ""): Promise<string[]> {
    const path = `/${bucket}?list-type=2&prefix=${encodeURIComponent(prefix)}`;
    return [...(await this.call({ service: "s3", path })).matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key = ""]) => key);
  }

  /** Launches an instance, as far as AWS's own books go: it is listed, and its metadata service answers. */
  async launch({ address, mac, role, userData, tags = {} }: InstanceProps): Promise<InstanceMetadata> {
    const subnets = await this.query("ec2", {
      Action: "DescribeSubnets",
      "Filter.1.Name": "cidr-block",
      "Filter.1.Value.1": this.network.range,
    });
    const labels = Object.entries(tags).flatMap(([key, value], index) => [
      [`TagSpecification.1.Tag.${index + 1}.Key`, key],
      [`TagSpecification.1.Tag.${index + 1}.Value`, value],
    ]);
    const answer = await this.query("ec2", {
      Action: "RunInstances",
      ImageId: "ami-00000000000000000",
      InstanceType: "m7i.large",
      MinCount: "1",
      MaxCount: "1",
      SubnetId: tag(subnets, "subnetId"),
      PrivateIpAddress: address,
      ...(labels.length > 0 ? { "TagSpecification.1.ResourceType": "instance" } : {}),
      ...Object.fromEntries(labels),
    });
    const { account, region } = this;
    const [instanceId, zone] = [tag(answer, "instanceId"), tag(answer, "availabilityZone")];
    const credentials = () => this.assume(role, instanceId);
    const notices = new Map<string, string>();
    const instance = { instanceId, address, mac, account, region, zone, userData, tags, role, credentials, notices };
    this.metadata.serve(instance);
    return instance;
  }

  /** Makes a volume that no instance has. Returns its id. */
  async volume(): Promise<string> {
    const made = { Action: "CreateVolume", AvailabilityZone: `${this.region}a`, Size: "1" };
    return tag(await this.query("ec2", made), "volumeId");
  }

  /** The instance that a volume is attached to, or nothing. */
  async attachedTo(volume: string): Promise<string | undefined> {
    const answer = await this.query("ec2", { Action: "DescribeVolumes", "VolumeId.1": volume });
    return /<instanceId>(.*?)<\/instanceId>/.exec(answer)?.[1];
  }

  async instances(action: "StartInstances" | "StopInstances" | "TerminateInstances", id: string): Promise<void> {
    await this.query("ec2", { Action: action, "InstanceId.1": id });
  }

  /** AWS's word for how an instance is: `"running"`, `"stopped"`, `"terminated"`. */
  async state(id: string): Promise<string> {
    const answer = await this.query("ec2", { Action: "DescribeInstances", "InstanceId.1": id });
    return /<instanceState>.*?<name>(.*?)<\/name>/s.exec(answer)?.[1] ?? "unknown";
  }

  /** Credentials of a role, in the name of a session. */
  async assume(role: string, session: string): Promise<Credentials> {
    const arn = `arn:aws:iam::${this.account}:role/${role}`;
    const answer = await this.query("sts", { Action: "AssumeRole", RoleArn: arn, RoleSessionName: session });
    return {
      accessKeyId: tag(answer, "AccessKeyId"),
      secretAccessKey: tag(answer, "SecretAccessKey"),
      token: tag(answer, "SessionToken"),
      expiration: new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, ""),
    };
  }

  /** Calls an API that takes forms and answers in XML. */
  private query(service: string, form: Readonly<Record<string, string>>): Promise<string> {
    const versions: Record<string, string> = { ec2: "2016-11-15", iam: "2010-05-08", sts: "2011-06-15" };
    const body = new URLSearchParams({ Version: versions[service] ?? "", ...form }).toString();
    return this.call({
      service,
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body,
    });
  }

  private async json<T>(service: string, target: string, body: unknown): Promise<T> {
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
    const answer = await this.call({ service, method: "POST", headers, body: JSON.stringify(body) });
    return JSON.parse(answer || "{}") as T;
  }

  private call({ service, method = "GET", path = "/", headers = {}, body }: Call): Promise<string> {
    const servername = service === "iam" ? "iam.amazonaws.com" : `${service}.${this.region}.amazonaws.com`;
    const scope = `test/20260101/${this.region}/${service}/aws4_request`;
    const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
    const options = {
      ...{
        host: this.address,
        servername,
        method,
        path,
        ca: this.authority.certificate,
        agent: false,
        timeout: 30_000,
      },
      headers: { host: servername, authorization, ...headers },
    };
    return new Promise((resolve, reject) => {
      const asked = request(options, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.once("end", () => {
          if ((response.statusCode ?? 0) < 300) return resolve(text);
          reject(new Error(`${service} ${method} ${path}: HTTP ${response.statusCode}\n${text.slice(0, 2_000)}`));
        });
      });
      asked.once("timeout", () => asked.destroy(new Error(`${service} ${method} ${path}: no answer within 30 s`)));
      asked.once("error", reject);
      asked.end(body);
    });
  }
}

/** The first value of an XML element. */
function tag(xml: string, name: string): string {
  const value = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  if (value === undefined) throw new Error(`no ${name} in ${xml.slice(0, 2_000)}`);
  return value;
}
