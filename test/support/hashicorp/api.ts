export type Product = "vault" | "consul" | "nomad";

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers
  readonly body: any;
}

const TOKEN_HEADER = { vault: "X-Vault-Token", consul: "X-Consul-Token", nomad: "X-Nomad-Token" } as const;

/** One product's HTTP API, as somebody with a token. */
export class Api {
  constructor(
    readonly product: Product,
    readonly address: string,
    readonly token: string,
  ) {}

  /** The same server as somebody else; without a token as nobody. */
  as(token: string): Api {
    return new Api(this.product, this.address, token);
  }

  /** Sends a request; a refusal is an answer too. `path` stands below `/v1/`. */
  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const init = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    const headers = this.token === "" ? {} : { [TOKEN_HEADER[this.product]]: this.token };
    const response = await fetch(`${this.address}/v1/${path}`, { method, headers, redirect: "manual", ...init });
    const text = await response.text();
    try {
      return { status: response.status, body: JSON.parse(text) };
    } catch {
      return { status: response.status, body: text };
    }
  }

  /** Sends a request that must succeed, and returns the body. */
  async must(method: string, path: string, body?: unknown): Promise<Answer["body"]> {
    const answer = await this.ask(method, path, body);
    if (answer.status >= 300) {
      throw new Error(`${this.product}: ${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  }

  /** What is there, or null. */
  async find(path: string): Promise<Answer["body"] | null> {
    const answer = await this.ask("GET", path);
    if (answer.status === 404 || answer.body === null) return null;
    if (answer.status < 300) return answer.body;
    throw new Error(`${this.product}: GET ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}
