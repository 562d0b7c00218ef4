import { setTimeout as pause } from "node:timers/promises";
import { CaravanError } from "../../core/errors";
import { AwsCredentialChain } from "../../operate/aws/credentials";
import { signedHeaders, uriEncoded } from "../../operate/aws/signature";
import { ask, type HttpAnswer } from "../../operate/http";
import type { ObjectStore } from "./object-store";

export interface S3StoreProps {
  readonly bucket: string;
  readonly region: string;
  /** Address of an S3-compatible store. @default - `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, or AWS's own */
  readonly endpoint?: string;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const TRIES = 5;
const TIMEOUT_MS = 30_000;

/** Objects of an S3 bucket, written as its encryption and policy ask for it. */
export class S3Store implements ObjectStore {
  readonly name: string;
  private readonly credentials: AwsCredentialChain;
  private readonly base: string;

  constructor(private readonly props: S3StoreProps) {
    const { bucket, region, env = process.env } = props;
    this.name = `s3://${bucket}`;
    this.credentials = new AwsCredentialChain(region, env);
    const endpoint = props.endpoint ?? (env["AWS_ENDPOINT_URL_S3"] || env["AWS_ENDPOINT_URL"]);
    this.base = endpoint ? `${endpoint.replace(/\/$/, "")}/${bucket}` : `https://${bucket}.s3.${region}.amazonaws.com`;
  }

  async read(key: string): Promise<string | undefined> {
    const answer = await this.send("GET", key);
    if (answer.status === 404) return undefined;
    return this.expect(answer, "read", key).body.toString("utf8");
  }

  async write(key: string, text: string): Promise<void> {
    this.expect(await this.send("PUT", key, text), "write", key);
  }

  async create(key: string, text: string): Promise<boolean> {
    const answer = await this.send("PUT", key, text, { "if-none-match": "*" });
    // 409: another writer of the same key is at work, and one of the two gets through.
    if (answer.status === 412 || answer.status === 409) return false;
    this.expect(answer, "write", key);
    return true;
  }

  async list(prefix: string): Promise<readonly string[]> {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const query = new URLSearchParams({ "encoding-type": "url", "list-type": "2", prefix });
      if (token !== undefined) query.set("continuation-token", token);
      const answer = this.expect(await this.send("GET", "", undefined, {}, query), "list", prefix);
      const xml = answer.body.toString("utf8");
      for (const [, key = ""] of xml.matchAll(/<Key>(.*?)<\/Key>/gs))
        keys.push(decodeURIComponent(key.replaceAll("+", " ")));
      token = /<NextContinuationToken>(.*?)<\/NextContinuationToken>/s.exec(xml)?.[1];
    } while (token !== undefined);
    return keys.sort();
  }

  private async send(
    method: string,
    key: string,
    body?: string,
    headers: Readonly<Record<string, string>> = {},
    query = new URLSearchParams(),
  ): Promise<HttpAnswer> {
    const search =
      query.size === 0 ? "" : `?${[...query].map(([name, value]) => `${name}=${uriEncoded(value)}`).join("&")}`;
    const url = `${this.base}/${key.split("/").map(uriEncoded).join("/")}${search}`;
    for (let attempt = 1; ; attempt++) {
      const scope = { credentials: await this.credentials.get(), region: this.props.region, service: "s3" };
      const answer = await ask({
        url,
        method,
        body,
        headers: signedHeaders({ method, url, headers, body }, scope),
        timeoutMs: TIMEOUT_MS,
      });
      if ((answer.status < 500 && answer.status !== 429) || attempt === TRIES) return answer;
      await pause(2 ** attempt * 100);
    }
  }

  private expect(answer: HttpAnswer, verb: string, key: string): HttpAnswer {
    if (answer.status >= 200 && answer.status < 300) return answer;
    const xml = answer.body.toString("utf8");
    const why = /<Message>(.*?)<\/Message>/s.exec(xml)?.[1] ?? `HTTP ${answer.status}`;
    const fix =
      answer.status === 403
        ? "Sign in as planner or deployer of this environment; its state stack says what they may."
        : "Look whether the bucket of the state is there and in this region.";
    throw new CaravanError(`Cannot ${verb} ${this.name}/${key}: ${why}. ${fix}`);
  }
}
