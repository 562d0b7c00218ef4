import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Scope } from "../../support/temporary";
import { findTool } from "../../support/tools";
import { CLOUD, findNamespaces, type Ground, type Host, NETWORK_BLOCK, Network, STORE, startGround } from "./network";

export { Host, MACHINES } from "./network";

const REGION = "eu-central-1";
export const ACCOUNT = "123456789012";

/** What a suite with hosts on AWS needs: root's right to make namespaces, and moto. */
export function findLan(): true | undefined {
  return findTool("moto_server") === undefined ? undefined : findNamespaces();
}

/** A network with moto under AWS's own names. */
export class Lan extends Network {
  readonly secrets = SECRETS;

  /** Id of the subnet that all instances are in. */
  subnet = "";

  private constructor(ground: Ground) {
    const names = ["s3", "ec2", "kms", "sts", "secretsmanager", "autoscaling", "logs"].map(
      (service) => `${service}.${REGION}.amazonaws.com`,
    );
    super(ground, { [CLOUD]: [...names, "iam.amazonaws.com", `ec2.${REGION}.api.aws`] });
  }

  static async start(scope: Scope): Promise<Lan> {
    const names = ["*.amazonaws.com", `*.${REGION}.amazonaws.com`, `*.${REGION}.api.aws`];
    const lan = new Lan(await startGround(scope, names));
    const moto = ["moto_server", "-H", CLOUD, "-p", "443", "-c", lan.certificate, "-k", lan.certificateKey];
    await lan.program(moto, "moto", `https://${CLOUD}/moto-api/data.json`);
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
    const VpcId = lan.ec2("vpcId", { Action: "CreateVpc", CidrBlock: NETWORK_BLOCK });
    lan.subnet = lan.ec2("subnetId", { Action: "CreateSubnet", VpcId, CidrBlock: NETWORK_BLOCK });
    return lan;
  }

  /**
   * Starts a program of Node's in the network, with the certificate of AWS's names: it is given a file to write, the address to
   * listen on, certificate and key.
   */
  async standIn(script: string): Promise<{ readonly address: string; readonly file: string }> {
    const file = join(this.ground.directory, "stand-in.jsonl");
    const command = [process.execPath, script, file, STORE, this.certificate, this.certificateKey];
    await this.program(command, "stand-in", "-I", `https://${STORE}/`);
    return { address: STORE, file };
  }

  /** Starts a proxy in the network that knows AWS's names; what it was asked for, each once. */
  async proxy(port: number): Promise<() => string[]> {
    const file = join(this.ground.directory, "proxy");
    const names = ["s3", "ec2", "secretsmanager"].map((service) => `${service}.${REGION}.amazonaws.com=${CLOUD}`);
    const command = [process.execPath, join(__dirname, "proxy.mjs"), file, `${CLOUD}:${port}`, ...names];
    await this.program(command, "proxy", `http://${CLOUD}:${port}/`);
    writeFileSync(file, "");
    return () => [...new Set(readFileSync(file, "utf8").split("\n").filter(Boolean))];
  }

  /** One call to moto, as an administrator. */
  aws(service: string, url: string, args: readonly string[]): string {
    const signed = ["--aws-sigv4", `aws:amz:${REGION}:${service}`, "--user", "administrator:secret"];
    const { status, stdout, stderr } = this.curl(CLOUD, ["--fail-with-body", ...signed, ...args, url]);
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
  host(role: string, tags: Readonly<Record<string, string>> = {}): Promise<Host> {
    return this.addHost((address) => {
      const id = this.instance(address, tags);
      return { id, metadata: this.metadata(role, id, address) };
    }, "metadata.mjs");
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

export const BUCKET = "caravan-cluster";
const LOCATION = `<CreateBucketConfiguration><LocationConstraint>${REGION}</LocationConstraint></CreateBucketConfiguration>`;
export const LOG_GROUP = "/caravan/prod/nodes";
export const SECRETS = {
  ca: "prod/ca",
  bootstrapTokens: "prod/bootstrap-tokens",
  recoveryKeys: "prod/recovery-keys",
} as const;
