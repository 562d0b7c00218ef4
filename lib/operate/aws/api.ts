import { setTimeout as pause } from "node:timers/promises";
import { OperateError } from "../errors";
import { ask, type HttpAnswer } from "../http";
import { parseXml, type XmlElement } from "../xml";
import { type AwsCredentials, signedHeaders, uriEncoded } from "./signature";

export interface AwsApiProps {
  readonly region: string;
  readonly credentials: () => Promise<AwsCredentials>;
  /**
   * Where all services answer instead of their own names, as in `AWS_ENDPOINT_URL` of the SDKs.
   *
   * @default - AWS's own names
   */
  readonly endpoint?: string;
}

/** A refusal of AWS. `code` is AWS's own: `"AccessDenied"`. */
export class AwsError extends OperateError {
  constructor(
    readonly code: string,
    readonly status: number,
    call: string,
    message: string,
  ) {
    const denied =
      /^(AccessDenied|UnauthorizedOperation|AuthFailure|ExpiredToken|InvalidClientTokenId|UnrecognizedClient)/;
    super(
      denied.test(code) ? "denied" : "failed",
      `${call}: ${code}: ${message}`,
      denied.test(code)
        ? "sign in to AWS as an identity that may do this (docs/operations.md says who may what)"
        : "read the message; what was done so far stays done, and the command can be run again",
    );
  }
}

const VERSIONS = { autoscaling: "2011-01-01", ec2: "2016-11-15", sts: "2011-06-15" } as const;
const TRIES = 5;
const PASSES = /^(Throttling|RequestLimitExceeded|SlowDown|TooManyRequests)/;

/** The few calls to AWS that operations need, signed, tried again where a failure may pass. */
export class AwsApi {
  constructor(private readonly props: AwsApiProps) {}

  get region(): string {
    return this.props.region;
  }

  /** Where a service answers. */
  endpointOf(service: string): string {
    return this.props.endpoint ?? `https://${service}.${this.region}.${domainOf(this.region)}`;
  }

  /** Who acts, for a program of AWS's own. */
  credentials(): Promise<AwsCredentials> {
    return this.props.credentials();
  }

  /** A call of a service with the query protocol: its answer's root element. */
  async query(
    service: keyof typeof VERSIONS,
    action: string,
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<XmlElement> {
    const body = new URLSearchParams({ Action: action, Version: VERSIONS[service], ...parameters }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
    const answer = await this.send(
      { service, call: `${service}:${action}`, method: "POST", path: "/", headers, body },
      signal,
    );
    return parseXml(answer.body.toString());
  }

  /** A call of a service with the JSON protocol. `target` is `"secretsmanager.GetSecretValue"`. */
  async json<T>(service: "secretsmanager" | "ssm", target: string, input: unknown, signal: AbortSignal): Promise<T> {
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": target };
    const call = `${service}:${target.replace(/^.*\./, "")}`;
    const answer = await this.send(
      { service, call, method: "POST", path: "/", headers, body: JSON.stringify(input) },
      signal,
    );
    return JSON.parse(answer.body.toString()) as T;
  }

  /** An object of a bucket, or nothing. */
  async getObject(bucket: string, key: string, signal: AbortSignal): Promise<Buffer | undefined> {
    const path = `/${bucket}/${key.split("/").map(uriEncoded).join("/")}`;
    try {
      return (await this.send({ service: "s3", call: `s3:GetObject ${key}`, method: "GET", path, slow: true }, signal))
        .body;
    } catch (error) {
      if (error instanceof AwsError && error.code === "NoSuchKey") return undefined;
      throw error;
    }
  }

  /** Keys of a bucket that begin alike, in order. */
  async listObjects(bucket: string, prefix: string, signal: AbortSignal): Promise<string[]> {
    const keys: string[] = [];
    let after: string | undefined;
    do {
      const path = `/${bucket}?list-type=2&prefix=${uriEncoded(prefix)}${after === undefined ? "" : `&start-after=${uriEncoded(after)}`}`;
      const answer = await this.send({ service: "s3", call: `s3:ListBucket ${bucket}`, method: "GET", path }, signal);
      const page = parseXml(answer.body.toString());
      keys.push(...page.all("Contents.Key").map(({ text }) => text));
      after = page.value("IsTruncated") === "true" ? keys.at(-1) : undefined;
    } while (after !== undefined);
    return keys;
  }

  /** A signed request that somebody else sends: what Vault forwards to STS. */
  async presented(request: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }): Promise<Record<string, string>> {
    const credentials = await this.credentials();
    return signedHeaders({ method: "POST", ...request }, { credentials, region: this.region, service: "sts" });
  }

  private async send(
    asked: {
      readonly service: string;
      readonly call: string;
      readonly method: string;
      readonly path: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly slow?: boolean;
    },
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const { service, call, method, path, body } = asked;
    const url = new URL(path, this.endpointOf(service)).href;
    for (let attempt = 1; ; attempt++) {
      const credentials = await this.credentials();
      const headers = signedHeaders(
        { method, url, headers: asked.headers, body },
        { credentials, region: this.region, service },
      );
      try {
        const answer = await ask({ url, method, headers, body, signal, timeoutMs: asked.slow ? 600_000 : 30_000 });
        if (answer.status < 300) return answer;
        throw errorOf(call, answer);
      } catch (error) {
        if (attempt === TRIES || signal.aborted || !mayPass(error)) throw error;
      }
      await pause(2 ** attempt * 100 * (1 + Math.random()));
    }
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof AwsError) return error.status === 429 || error.status >= 500 || PASSES.test(error.code);
  return OperateError.is(error) && error.kind === "unreachable";
}

/** China and the isolated partitions have domains of their own. */
function domainOf(region: string): string {
  if (region.startsWith("cn-")) return "amazonaws.com.cn";
  if (region.startsWith("eusc-")) return "amazonaws.eu";
  return "amazonaws.com";
}

/** The regional address of STS, as Vault was told to ask it. */
export function stsUrl(region: string): string {
  return `https://sts.${region}.${domainOf(region)}/`;
}

function errorOf(call: string, { status, body }: HttpAnswer): AwsError {
  const text = body.toString();
  if (text.trimStart().startsWith("{")) {
    const { __type: type = "", message, Message } = JSON.parse(text) as Record<string, string>;
    return new AwsError(
      type.replace(/^.*#/, "") || `HTTP ${status}`,
      status,
      call,
      message ?? Message ?? "no reason given",
    );
  }
  const root = parseXml(text);
  // Three shapes: EC2 and older query services, newer ones, S3.
  const error = root.find("Errors.Error") ?? root.find("Error") ?? root;
  return new AwsError(
    error.value("Code") ?? `HTTP ${status}`,
    status,
    call,
    error.value("Message") ?? "no reason given",
  );
}
