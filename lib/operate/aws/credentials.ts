import { readFile } from "node:fs/promises";
import { OperateError } from "../errors";
import { ask, type HttpAnswer } from "../http";
import { programOutput } from "../program";
import { parseXml } from "../xml";
import type { AwsCredentials } from "./signature";

type Env = Readonly<Record<string, string | undefined>>;

interface Lent extends AwsCredentials {
  /** Milliseconds since 1970. */
  readonly expires?: number;
}

const SPARE_MS = 5 * 60_000;
const METADATA_MS = 2_000;

/**
 * The credentials of whoever runs this, from where AWS's own SDKs look, in their order: environment variables, a web
 * identity's token (CI), a profile, a container's address, the instance's metadata. Profiles of every kind, single sign-on
 * among them, are left to the AWS CLI: https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
export class AwsCredentialChain {
  private lent: Promise<Lent> | undefined;

  constructor(
    private readonly region: string,
    private readonly env: Env = process.env,
  ) {}

  /** Credentials that are good for five minutes at least. @throws OperateError of kind `denied` if there are none */
  async get(): Promise<AwsCredentials> {
    this.lent ??= this.find();
    const lent = await this.lent;
    if (lent.expires === undefined || lent.expires - Date.now() > SPARE_MS) return lent;
    this.lent = this.find();
    return this.lent;
  }

  private async find(): Promise<Lent> {
    try {
      return (
        this.fromVariables() ??
        (await this.fromWebIdentity()) ??
        (await this.fromProfile()) ??
        (await this.fromContainer()) ??
        (await this.fromInstance())
      );
    } catch (error) {
      this.lent = undefined;
      throw error;
    }
  }

  private fromVariables(): Lent | undefined {
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = this.env;
    if (!accessKeyId || !secretAccessKey) return undefined;
    return { accessKeyId, secretAccessKey, sessionToken: this.env["AWS_SESSION_TOKEN"] || undefined };
  }

  private async fromWebIdentity(): Promise<Lent | undefined> {
    const { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: RoleArn, AWS_ROLE_SESSION_NAME: session } = this.env;
    if (!file || !RoleArn) return undefined;
    const form = new URLSearchParams({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn,
      RoleSessionName: session || "caravan",
      WebIdentityToken: (await readFile(file, "utf8")).trim(),
    });
    const answer = await ask({
      url:
        this.env["AWS_ENDPOINT_URL_STS"] || this.env["AWS_ENDPOINT_URL"] || `https://sts.${this.region}.amazonaws.com/`,
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: form.toString(),
    });
    const xml = parseXml(answer.body.toString());
    const given = xml.find("AssumeRoleWithWebIdentityResult.Credentials");
    if (answer.status !== 200 || given === undefined) {
      const why = xml.value("Error.Message") ?? `HTTP ${answer.status}`;
      throw none(`the web identity of ${file} may not be ${RoleArn}: ${why}`);
    }
    return {
      accessKeyId: given.value("AccessKeyId") ?? "",
      secretAccessKey: given.value("SecretAccessKey") ?? "",
      sessionToken: given.value("SessionToken"),
      expires: Date.parse(given.value("Expiration") ?? ""),
    };
  }

  private async fromProfile(): Promise<Lent | undefined> {
    const profile = this.env["AWS_PROFILE"];
    if (!profile) return undefined;
    const args = ["configure", "export-credentials", "--format", "process", "--profile", profile];
    const { error, stdout, stderr } = await programOutput("aws", args);
    if (error === undefined) return read(JSON.parse(stdout));
    const missing = error.code === "ENOENT";
    throw none(
      missing
        ? `AWS_PROFILE is "${profile}", and the AWS CLI, which reads profiles, is not installed`
        : `the AWS CLI gives no credentials of the profile "${profile}": ${stderr.trim().slice(0, 300)}`,
    );
  }

  private async fromContainer(): Promise<Lent | undefined> {
    const { AWS_CONTAINER_CREDENTIALS_FULL_URI: full, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative } = this.env;
    const url = full || (relative ? `http://169.254.170.2${relative}` : undefined);
    if (url === undefined) return undefined;
    const file = this.env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
    const authorization = file ? (await readFile(file, "utf8")).trim() : this.env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
    const answer = await ask({ url, headers: authorization ? { authorization } : {}, timeoutMs: METADATA_MS });
    return read(json(answer, "the container's credentials"));
  }

  private async fromInstance(): Promise<Lent> {
    if (this.env["AWS_EC2_METADATA_DISABLED"] === "true") throw none("no AWS credentials in the environment");
    const base = this.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] || "http://169.254.169.254";
    const call = (method: string, path: string, headers: Record<string, string>) =>
      ask({ url: new URL(path, base).href, method, headers, timeoutMs: METADATA_MS }).catch(() => {
        throw none("no AWS credentials in the environment, and no metadata service of an instance");
      });
    const life = { "x-aws-ec2-metadata-token-ttl-seconds": "60" };
    const token = (await call("PUT", "/latest/api/token", life)).body.toString();
    const path = "/latest/meta-data/iam/security-credentials/";
    const role = await call("GET", path, { "x-aws-ec2-metadata-token": token });
    if (role.status !== 200) throw none("no AWS credentials in the environment, and this instance has no role");
    const answer = await call("GET", path + role.body.toString().trim(), { "x-aws-ec2-metadata-token": token });
    return read(json(answer, "the instance's credentials"));
  }
}

function none(reason: string): OperateError {
  return new OperateError(
    "denied",
    reason,
    'sign in to AWS: "aws sso login" and AWS_PROFILE, or the variables AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN',
  );
}

function json(answer: HttpAnswer, what: string): unknown {
  if (answer.status !== 200) throw none(`${what} are not given: HTTP ${answer.status}`);
  return JSON.parse(answer.body.toString());
}

/** The common shape; a container and an instance say `Token`, the CLI says `SessionToken`. */
function read(given: unknown): Lent {
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken, Token, Expiration } = given as Record<string, string>;
  const expires = Expiration === undefined ? {} : { expires: Date.parse(Expiration) };
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken ?? Token,
    ...expires,
  };
}
