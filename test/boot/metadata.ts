import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Scope } from "../support/scope";
import { METADATA_ADDRESS, type Network } from "./network";

/** Credentials of an instance profile, as STS gives them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly token: string;
  /** ISO 8601. */
  readonly expiration: string;
}

/** What the metadata service says to one instance. */
export interface InstanceMetadata {
  readonly instanceId: string;
  readonly address: string;
  readonly mac: string;
  readonly account: string;
  readonly region: string;
  readonly zone: string;
  readonly userData: Uint8Array;
  readonly tags: Readonly<Record<string, string>>;
  /** Name of the instance profile's role. */
  readonly role: string;
  readonly credentials: () => Promise<Credentials>;
  /** What a test wants said besides, by path below `meta-data`: `{ "spot/instance-action": "..." }`. May change at any time. */
  readonly notices: Map<string, string>;
}

const TOKEN_HEADER = "x-aws-ec2-metadata-token";
const TOKEN_SECONDS = `${TOKEN_HEADER}-ttl-seconds`;

/**
 * EC2's instance metadata service, version 2 only: without a session token every request is refused. It knows who asks by the
 * address that the request comes from.
 *
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-categories.html
 */
export class MetadataService {
  private readonly instances = new Map<string, InstanceMetadata>();
  private readonly tokens = new Map<string, string>();

  static async start(scope: Scope, network: Network): Promise<MetadataService> {
    const service = new MetadataService();
    const server = createServer((request, response) => {
      service.answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
    server.listen(await network.listen(80, METADATA_ADDRESS));
    scope.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    return service;
  }

  serve(instance: InstanceMetadata): void {
    this.instances.set(instance.address, instance);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const from = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
    const instance = this.instances.get(from);
    const path = (request.url ?? "").split("/").filter((part) => part !== "");
    if (instance === undefined) return void response.writeHead(404).end();
    if (request.method === "PUT") {
      const seconds = Number(request.headers[TOKEN_SECONDS]);
      if (path.join("/") !== "latest/api/token" || !(seconds >= 1 && seconds <= 21_600)) {
        return void response.writeHead(400).end();
      }
      const token = Buffer.from(`${from} ${this.tokens.size}`).toString("base64");
      this.tokens.set(token, from);
      return void response.writeHead(200, { [TOKEN_SECONDS]: seconds }).end(token);
    }
    if (this.tokens.get(String(request.headers[TOKEN_HEADER])) !== from) return void response.writeHead(401).end();
    const [, room, ...rest] = path;
    const found = await this.find(instance, room ?? "", rest.join("/"));
    if (found === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": "text/plain" }).end(found);
  }

  private async find(instance: InstanceMetadata, room: string, path: string): Promise<string | Uint8Array | undefined> {
    if (room === "") return "dynamic\nmeta-data\nuser-data";
    if (room === "user-data") return instance.userData;
    if (room === "dynamic") return looked({ "instance-identity/document": identity(instance) }, path);
    if (room !== "meta-data") return undefined;
    const credentials = `iam/security-credentials/${instance.role}`;
    const wanted = path === credentials ? credentialsDocument(await instance.credentials()) : "";
    return looked({ ...tree(instance), [credentials]: wanted, ...Object.fromEntries(instance.notices) }, path);
  }
}

/** A leaf's value, or the names in a folder, each folder's with a slash behind it. */
function looked(leaves: Readonly<Record<string, string>>, path: string): string | undefined {
  const leaf = leaves[path];
  if (leaf !== undefined) return leaf;
  const prefix = path === "" ? "" : `${path.replace(/\/$/, "")}/`;
  const names = Object.keys(leaves)
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length).replace(/\/.*/, "/"));
  return names.length === 0 ? undefined : [...new Set(names)].sort().join("\n");
}

function identity({ instanceId, address, account, region, zone }: InstanceMetadata): string {
  return JSON.stringify({
    version: "2017-09-30",
    accountId: account,
    architecture: "x86_64",
    availabilityZone: zone,
    imageId: "ami-00000000000000000",
    instanceId,
    instanceType: "m7i.large",
    pendingTime: "2026-01-01T00:00:00Z",
    privateIp: address,
    region,
  });
}

function credentialsDocument({ accessKeyId, secretAccessKey, token, expiration }: Credentials): string {
  return JSON.stringify({
    Code: "Success",
    Type: "AWS-HMAC",
    LastUpdated: new Date().toISOString().replace(/\.\d+/, ""),
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: token,
    Expiration: expiration,
  });
}

function tree(instance: InstanceMetadata): Record<string, string> {
  const { instanceId, address, mac, account, region, zone, role, tags } = instance;
  const nic = `network/interfaces/macs/${mac}`;
  const name = `ip-${address.replaceAll(".", "-")}.${region}.compute.internal`;
  return {
    "ami-id": "ami-00000000000000000",
    "autoscaling/target-lifecycle-state": "InService",
    hostname: name,
    "iam/info": JSON.stringify({
      Code: "Success",
      InstanceProfileArn: `arn:aws:iam::${account}:instance-profile/${role}`,
    }),
    "instance-id": instanceId,
    "instance-life-cycle": "on-demand",
    "instance-type": "m7i.large",
    "local-hostname": name,
    "local-ipv4": address,
    mac,
    [`${nic}/device-number`]: "0",
    [`${nic}/local-hostname`]: name,
    [`${nic}/local-ipv4s`]: address,
    [`${nic}/mac`]: mac,
    "placement/availability-zone": zone,
    "placement/region": region,
    "services/domain": "amazonaws.com",
    "services/partition": "aws",
    ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`tags/instance/${key}`, value])),
  };
}
