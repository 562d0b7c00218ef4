import type { Moto } from "../../support/moto";

/** Reading a bucket's configuration is a GET with one of these in its query; the actions are named otherwise. */
const S3_READS: Readonly<Record<string, string>> = {
  accelerate: "GetAccelerateConfiguration",
  acl: "GetBucketAcl",
  cors: "GetBucketCORS",
  encryption: "GetEncryptionConfiguration",
  lifecycle: "GetLifecycleConfiguration",
  logging: "GetBucketLogging",
  "object-lock": "GetBucketObjectLockConfiguration",
  ownershipControls: "GetBucketOwnershipControls",
  policy: "GetBucketPolicy",
  publicAccessBlock: "GetBucketPublicAccessBlock",
  replication: "GetReplicationConfiguration",
  requestPayment: "GetBucketRequestPayment",
  tagging: "GetBucketTagging",
  versioning: "GetBucketVersioning",
  website: "GetBucketWebsite",
};

/** A request as moto's recorder keeps it. */
interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly body_encoded?: boolean;
}

/** The IAM actions that AWS would ask for what happens in `act`, sorted. Asking who one is needs none. */
export async function recordedActions(moto: Moto, act: () => Promise<unknown>): Promise<string[]> {
  const recorder = (path: string, method = "POST") => fetch(`${moto.endpoint}/moto-api/recorder/${path}`, { method });
  await recorder("reset-recording");
  await recorder("start-recording");
  await act();
  await recorder("stop-recording");
  const lines = (await (await recorder("download-recording", "GET")).text()).split("\n");
  const actions = lines.filter((line) => line.startsWith("{")).map((line) => actionOf(JSON.parse(line) as Recorded));
  return [...new Set(actions)].filter((action) => action !== "sts:GetCallerIdentity").sort();
}

function actionOf(request: Recorded): string {
  const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const service = /\/([a-z0-9-]+)\/aws4_request/.exec(headers.get("authorization") ?? "")?.[1] ?? "unsigned";
  const url = new URL(request.url);
  const body = request.body_encoded ? Buffer.from(request.body ?? "", "base64").toString("utf8") : request.body;
  const action =
    headers.get("x-amz-target")?.split(".").at(-1) ??
    new URLSearchParams(body).get("Action") ??
    (service === "s3" ? s3Action(request.method, url) : undefined);
  return `${service}:${action ?? `${request.method} ${url.pathname}${url.search}`}`;
}

function s3Action(method: string, url: URL): string | undefined {
  const [query] = [...url.searchParams.keys()];
  if (method === "HEAD" && query === undefined && /^\/[^/]+\/?$/.test(url.pathname)) return "ListBucket";
  return method === "GET" && query !== undefined ? S3_READS[query] : undefined;
}
