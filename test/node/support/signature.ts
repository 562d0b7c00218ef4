import { createHash, createHmac } from "node:crypto";

/** A request as curl shows it. */
export interface TracedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The request in what `curl --verbose` prints. */
export function requestIn(printed: string): TracedRequest {
  const lines = printed.split(/\r?\n/).flatMap((line) => (line.startsWith("> ") ? [line.slice(2)] : []));
  const [method = "", target = ""] = (lines[0] ?? "").split(" ");
  const [path = "", query = ""] = target.split("?");
  const headers = lines.slice(1).flatMap((line) => {
    const at = line.indexOf(":");
    return at < 0 ? [] : [[line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()]];
  });
  return { method, path, query, headers: Object.fromEntries(headers) };
}

/**
 * The signature that AWS computes for a request, from the secret key and what the request says was signed:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signatureOf(request: TracedRequest, secretKey: string, bodyHash: string): string {
  const { headers } = request;
  const [, scope = "", signed = ""] =
    /Credential=[^/]+\/([^,]+), ?SignedHeaders=([^,]+),/.exec(headers["authorization"] ?? "") ?? [];
  const query = request.query
    .split("&")
    .filter((part) => part !== "")
    .map((part) => (part.includes("=") ? part : `${part}=`))
    .sort()
    .join("&");
  const canonical = [
    request.method,
    request.path,
    query,
    ...signed.split(";").map((name) => `${name}:${(headers[name] ?? "").replace(/ +/g, " ")}`),
    "",
    signed,
    headers["x-amz-content-sha256"] ?? bodyHash,
  ].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const key = scope.split("/").reduce<Buffer | string>((secret, part) => hmac(secret, part), `AWS4${secretKey}`);
  return hmac(key, toSign).toString("hex");
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
