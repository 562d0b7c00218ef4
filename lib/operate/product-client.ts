import type { Product } from "../node/products";
import { OperateError } from "./errors";
import { ask, type HttpAnswer } from "./http";

/** Where a product is reached. */
export interface Endpoint {
  /** `"https://vault.prod.caravan.internal:8200"` */
  readonly url: string;
  /**
   * Certificates to trust in PEM: the cluster's own CA.
   *
   * @default - Node's own
   */
  readonly ca?: string;
  /**
   * The name in the server's certificate, where the address is another, as behind a tunnel.
   *
   * @default - the URL's host
   */
  readonly serverName?: string;
}

/** A product's answer. */
export interface ProductAnswer<T> {
  readonly status: number;
  /** The answer's JSON; nothing where it is none. */
  readonly json: T | undefined;
  readonly text: string;
  readonly certificateEnds?: Date;
}

export interface ProductRequest {
  readonly method?: "GET" | "PUT" | "POST" | "DELETE" | "LIST";
  /** An object becomes JSON. */
  readonly body?: object | Uint8Array;
  /** @default - that of the session; `null` asks without one */
  readonly token?: string | null;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

const HEADERS: Readonly<Record<Product, string>> = {
  vault: "X-Vault-Token",
  consul: "X-Consul-Token",
  nomad: "X-Nomad-Token",
};

/** One product's API, asked with the token of whoever acts. */
export class ProductClient {
  constructor(
    readonly product: Product,
    readonly endpoint: Endpoint,
    /** The token of whoever acts, or nothing where there is none. */
    readonly token: (signal?: AbortSignal) => Promise<string | undefined>,
  ) {}

  /** Asks without judging the answer's status. @throws OperateError of kind `unreachable` */
  async ask<T = unknown>(path: string, request: ProductRequest = {}): Promise<ProductAnswer<T>> {
    const { method, body, signal, timeoutMs } = request;
    const token = request.token === undefined ? await this.token(signal) : request.token;
    const isBytes = body instanceof Uint8Array;
    const answer = await ask({
      url: `${this.endpoint.url}/v1/${path}`,
      method,
      ca: this.endpoint.ca,
      serverName: this.endpoint.serverName,
      headers: {
        ...(token ? { [HEADERS[this.product]]: token } : {}),
        ...(body === undefined || isBytes ? {} : { "content-type": "application/json" }),
      },
      body: body === undefined || isBytes ? body : JSON.stringify(body),
      signal,
      timeoutMs,
    });
    return read(answer);
  }

  /** Asks, and takes nothing but success. @throws OperateError with the product's own reason */
  async demand<T = unknown>(path: string, request: ProductRequest = {}): Promise<T> {
    const answer = await this.ask<T>(path, request);
    if (answer.status >= 200 && answer.status < 300) return answer.json as T;
    throw refusal(this.product, `${request.method ?? "GET"} ${path}`, answer);
  }
}

/** What a refusal of a product means to whoever asked. An answer that is none may hold secrets, and is not shown. */
export function refusal(product: Product, call: string, { status, text }: ProductAnswer<unknown>): OperateError {
  const said = status < 400 ? "" : `: ${text.replace(/\s+/g, " ").trim().slice(0, 300)}`;
  const reason = `${product} answers ${call} with HTTP ${status}${said}`;
  if (status !== 401 && status !== 403) {
    return new OperateError(
      "failed",
      reason,
      `look at the servers of ${product}: caravan status, journalctl -u ${product}`,
    );
  }
  return new OperateError("denied", reason, tokenAdvice[product]);
}

/** How whoever acts gets a token. */
export const tokenAdvice: Readonly<Record<Product, string>> = {
  vault: "act as the deployer's or planner's cloud identity, or set VAULT_TOKEN to a token that may",
  consul:
    "set CONSUL_HTTP_TOKEN to a token that may; the bootstrap token, if it is not retired, is read by the deployer only",
  nomad: "set NOMAD_TOKEN to a token that may; the bootstrap token, if it is not retired, is read by the deployer only",
};

function read<T>({ status, body, certificateEnds }: HttpAnswer): ProductAnswer<T> {
  const text = body.toString();
  try {
    return { status, text, certificateEnds, json: JSON.parse(text) as T };
  } catch {
    return { status, text, certificateEnds, json: undefined };
  }
}
