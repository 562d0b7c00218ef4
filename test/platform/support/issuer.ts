import { createSign, generateKeyPairSync, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Scope } from "../../support/temporary";

export type Claims = Readonly<Record<string, unknown>>;

const KEY_ID = "test";

/** Where servers reach the issuer that are not on this machine: an address of it, and files with the certificate for that. */
export interface IssuerPlace {
  readonly address: string;
  readonly certificate: string;
  readonly key: string;
}

/**
 * A small OpenID Connect issuer, on loopback or with TLS elsewhere, for people and for pipelines. It knows no passwords: whoever is signed in is
 * said by the test.
 */
export class Issuer {
  /** Who sits at the browser. */
  person: Claims = { sub: "nobody" };
  /** The secret that it asks of its client. */
  readonly clientSecret = `secret-${randomUUID()}`;
  readonly clientId = "caravan";
  private readonly keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  private readonly codes = new Map<string, Claims>();
  private port = 0;

  private constructor(private readonly origin: string) {}

  static async start(scope: Scope, place?: IssuerPlace): Promise<Issuer> {
    const issuer = new Issuer(place === undefined ? "http://127.0.0.1" : `https://${place.address}`);
    const answer = (request: IncomingMessage, response: ServerResponse) => void issuer.answer(request, response);
    const server =
      place === undefined
        ? createServer(answer)
        : createSecureServer({ cert: readFileSync(place.certificate), key: readFileSync(place.key) }, answer);
    await new Promise<void>((resolve) => server.listen(0, place?.address ?? "127.0.0.1", resolve));
    scope.defer(() => server.close());
    issuer.port = (server.address() as AddressInfo).port;
    return issuer;
  }

  get url(): string {
    return `${this.origin}:${this.port}`;
  }

  /** A signed token with these claims, good for five minutes. */
  sign(claims: Claims): string {
    const now = Math.floor(Date.now() / 1000);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const body = { iss: this.url, iat: now, nbf: now - 5, exp: now + 300, ...claims };
    const signed = `${part({ alg: "RS256", typ: "JWT", kid: KEY_ID })}.${part(body)}`;
    return `${signed}.${createSign("RSA-SHA256").update(signed).sign(this.keys.privateKey, "base64url")}`;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", this.url);
    const json = (body: object, status = 200) => {
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify(body));
    };
    switch (pathname) {
      case "/.well-known/openid-configuration":
        return json({
          issuer: this.url,
          authorization_endpoint: `${this.url}/authorize`,
          token_endpoint: `${this.url}/token`,
          jwks_uri: `${this.url}/keys`,
          response_types_supported: ["code"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["RS256"],
        });
      case "/keys": {
        const key = this.keys.publicKey.export({ format: "jwk" });
        return json({ keys: [{ ...key, kid: KEY_ID, alg: "RS256", use: "sig" }] });
      }
      case "/authorize": {
        const code = randomUUID();
        this.codes.set(code, { ...this.person, nonce: searchParams.get("nonce") });
        const target = new URL(searchParams.get("redirect_uri") ?? "");
        target.searchParams.set("code", code);
        target.searchParams.set("state", searchParams.get("state") ?? "");
        response.writeHead(302, { Location: target.toString() });
        response.end();
        return;
      }
      case "/token": {
        const form = new URLSearchParams(await bodyOf(request));
        const basic = Buffer.from((request.headers.authorization ?? "").replace("Basic ", ""), "base64").toString();
        const secret = form.get("client_secret") ?? decodeURIComponent(basic.split(":")[1] ?? "");
        const claims = this.codes.get(form.get("code") ?? "");
        if (secret !== this.clientSecret || claims === undefined) return json({ error: "invalid_client" }, 401);
        const id_token = this.sign({ aud: this.clientId, ...claims });
        return json({ access_token: randomUUID(), token_type: "Bearer", expires_in: 300, id_token });
      }
    }
    return json({ error: "not_found" }, 404);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}
