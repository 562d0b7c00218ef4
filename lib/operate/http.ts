import { request as plain } from "node:http";
import { type RequestOptions, request as secure } from "node:https";
import { TLSSocket } from "node:tls";
import { OperateError } from "./errors";

export interface HttpRequest {
  readonly url: string;
  /** @default "GET" */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Certificates to trust in PEM. @default - Node's own */
  readonly ca?: string;
  /** The name that the server's certificate must bear. @default - the URL's host */
  readonly serverName?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds for the whole exchange. @default 10000 */
  readonly timeoutMs?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
  /** When the server's certificate ends; not there without TLS. */
  readonly certificateEnds?: Date;
}

const TIMEOUT_MS = 10_000;

/**
 * One request with its whole answer, over a connection of its own: a server that went away behind a balancer must not hold
 * up the next one.
 *
 * @throws OperateError of kind `unreachable` if nobody answers
 */
export function ask(asked: HttpRequest): Promise<HttpAnswer> {
  const url = new URL(asked.url);
  const { method = "GET", body, ca, timeoutMs = TIMEOUT_MS } = asked;
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const own = AbortSignal.timeout(timeoutMs);
  const options: RequestOptions = {
    method,
    agent: false,
    ca,
    servername: asked.serverName,
    headers: { ...length, ...asked.headers },
    signal: asked.signal === undefined ? own : AbortSignal.any([own, asked.signal]),
  };
  return new Promise((resolve, reject) => {
    const refuse = (error: Error) => {
      if (asked.signal?.aborted) return reject(asked.signal.reason);
      const why = own.aborted ? `no answer within ${timeoutMs / 1_000} s` : messageOf(error);
      reject(
        new OperateError(
          "unreachable",
          `${method} ${url.origin}${url.pathname}: ${why}`,
          "look whether it can be reached from here: network, name, certificate; an internal address needs the tunnel",
        ),
      );
    };
    const sent = (url.protocol === "http:" ? plain : secure)(url, options, (response) => {
      const { socket } = response;
      const certificate = socket instanceof TLSSocket ? socket.getPeerCertificate() : undefined;
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.once("error", refuse);
      response.once("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts),
          certificateEnds: certificate?.valid_to === undefined ? undefined : new Date(certificate.valid_to),
        }),
      );
    });
    sent.once("error", refuse);
    sent.end(body);
  });
}

/** Where a name has several addresses, Node reports all that failed together, without a text of its own. */
function messageOf(error: Error & { readonly code?: string }): string {
  if (error instanceof AggregateError) return error.errors.map((one: Error) => one.message).join("; ");
  return error.message === "" ? (error.code ?? "unknown error") : error.message;
}
