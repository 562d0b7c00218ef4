import { setTimeout as pause } from "node:timers/promises";
import { OperateError } from "./errors";
import { ask, type HttpAnswer } from "./http";
import { parseXml } from "./xml";

/** A refusal of a cloud's REST API. `code` is the cloud's own: `"AuthorizationFailed"`, `"NOT_FOUND"`. */
export class RestError extends OperateError {
  constructor(
    readonly code: string,
    readonly status: number,
    call: string,
    message: string,
  ) {
    const denied = status === 401 || status === 403;
    super(
      denied ? "denied" : "failed",
      `${call}: ${code}: ${message}`,
      denied
        ? "sign in to the cloud as an identity that may do this (docs/operations.md says who may what)"
        : "read the message; what was done so far stays done, and the command can be run again",
    );
  }
}

export interface RestApiProps {
  /** A token for whom it is meant. */
  readonly token: (audience: string) => Promise<string>;
  /**
   * Where all hosts answer instead of their own names, each below its name: `<endpoint>/<host>/<path>`.
   *
   * @default - the hosts themselves
   */
  readonly endpoint?: string;
}

export interface RestRequest {
  /** What it does, for messages: `"read the scale set"`. */
  readonly call: string;
  readonly url: string;
  /** For whom the token must be. */
  readonly audience: string;
  /** @default "GET" */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, with a content type of `headers`. */
  readonly content?: string;
  /** Whether the answer may be large. @default false */
  readonly slow?: boolean;
}

const TRIES = 5;

/** The few calls to a cloud's REST APIs that operations need, tried again where a failure may pass. */
export class RestApi {
  constructor(private readonly props: RestApiProps) {}

  async json<T>(asked: RestRequest, signal: AbortSignal): Promise<T> {
    const { body } = await this.send(asked, signal);
    return (body.length === 0 ? {} : JSON.parse(body.toString())) as T;
  }

  /** @throws RestError where the cloud refuses, OperateError where nobody answers */
  async send(asked: RestRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { call, method = "GET", audience } = asked;
    const url = this.urlOf(asked.url);
    const body = asked.body === undefined ? asked.content : JSON.stringify(asked.body);
    for (let attempt = 1; ; attempt++) {
      const headers = {
        authorization: `Bearer ${await this.props.token(audience)}`,
        ...(asked.body === undefined ? {} : { "content-type": "application/json" }),
        ...asked.headers,
      };
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

  private urlOf(url: string): string {
    const { endpoint } = this.props;
    return endpoint === undefined ? url : url.replace(/^https?:\//, endpoint);
  }
}

/** What is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof RestError && error.status === 404;
}

function mayPass(error: unknown): boolean {
  if (error instanceof RestError) return error.status === 429 || error.status >= 500;
  return OperateError.is(error) && error.kind === "unreachable";
}

/** Azure Resource Manager and Google write JSON, Azure's blobs XML. */
function errorOf(call: string, { status, body }: HttpAnswer): RestError {
  const text = body.toString();
  const told = (code: unknown, message: unknown) =>
    new RestError(String(code || `HTTP ${status}`), status, call, String(message || "no reason given"));
  if (text.trimStart().startsWith("{")) {
    const parsed = JSON.parse(text) as { error?: { code?: unknown; status?: unknown; message?: unknown } };
    return told(parsed.error?.status ?? parsed.error?.code, parsed.error?.message);
  }
  const root = parseXml(text);
  const error = root.find("Error") ?? root;
  return told(error.value("Code"), error.value("Message"));
}
