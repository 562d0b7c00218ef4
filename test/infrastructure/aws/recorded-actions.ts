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

/** Writing it is a PUT or a DELETE; where the action of a DELETE is another, it stands apart. */
const S3_WRITES: Readonly<Record<string, string>> = {
  encryption: "PutEncryptionConfiguration",
  lifecycle: "PutLifecycleConfiguration",
  logging: "PutBucketLogging",
  "object-lock": "PutBucketObjectLockConfiguration",
  ownershipControls: "PutBucketOwnershipControls",
  policy: "PutBucketPolicy",
  publicAccessBlock: "PutBucketPublicAccessBlock",
  tagging: "PutBucketTagging",
  versioning: "PutBucketVersioning",
};

/** Route 53 speaks REST: method and path, without version and ids. */
const ROUTE53: Readonly<Record<string, string>> = {
  "POST hostedzone": "CreateHostedZone",
  "GET hostedzone/*": "GetHostedZone",
  "DELETE hostedzone/*": "DeleteHostedZone",
  "POST hostedzone/*": "UpdateHostedZoneComment",
  "POST hostedzone/*/rrset": "ChangeResourceRecordSets",
  "GET hostedzone/*/rrset": "ListResourceRecordSets",
  "GET hostedzone/*/dnssec": "GetDNSSEC",
  "POST hostedzone/*/associatevpc": "AssociateVPCWithHostedZone",
  "GET change/*": "GetChange",
  "GET tags/hostedzone/*": "ListTagsForResource",
  "POST tags/hostedzone/*": "ChangeTagsForResource",
};

/** Where IAM calls a service otherwise than signatures do. */
const IAM_NAMES: Readonly<Record<string, string>> = { monitoring: "cloudwatch" };

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
    (service === "s3"
      ? s3Action(request.method, url)
      : service === "route53"
        ? route53Action(request.method, url)
        : undefined);
  return `${IAM_NAMES[service] ?? service}:${action ?? `${request.method} ${url.pathname}${url.search}`}`;
}

function route53Action(method: string, url: URL): string | undefined {
  const [, , kind = "", ...rest] = url.pathname.split("/").filter((part, index) => part !== "" || index === 0);
  const shape =
    kind === "tags" ? ["tags", "hostedzone", "*"] : [kind, ...(rest.length > 0 ? ["*"] : []), ...rest.slice(1)];
  return ROUTE53[`${method} ${shape.join("/")}`];
}

function s3Action(method: string, url: URL): string | undefined {
  const [query] = [...url.searchParams.keys()].filter((key) => key !== "x-id");
  const isBucket = /^\/[^/]+\/?$/.test(url.pathname);
  if (!isBucket) {
    if (query === "tagging") return method === "GET" ? "GetObjectTagging" : "PutObjectTagging";
    return { GET: "GetObject", HEAD: "GetObject", PUT: "PutObject", DELETE: "DeleteObject" }[method];
  }
  if (url.searchParams.has("versions")) return "ListBucketVersions";
  if (query === "list-type") return "ListBucket";
  if (query === undefined) return { HEAD: "ListBucket", PUT: "CreateBucket", DELETE: "DeleteBucket" }[method];
  if (query === "delete") return "DeleteObjectVersion";
  if (query === "policy" && method === "DELETE") return "DeleteBucketPolicy";
  return method === "GET" ? S3_READS[query] : S3_WRITES[query];
}
