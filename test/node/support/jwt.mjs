// Tokens as Entra and Google sign them, and what those who check them need: RS256, by one key.
import { createPrivateKey, createSign, createVerify, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";

const KID = "signer";
const now = () => Math.floor(Date.now() / 1000);
const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token with these claims, for an hour. */
export function signed(keyFile, claims) {
  const text = [
    part({ alg: "RS256", typ: "JWT", kid: KID }),
    part({ iat: now() - 60, nbf: now() - 60, exp: now() + 3600, ...claims }),
  ].join(".");
  const key = createPrivateKey(readFileSync(keyFile));
  return `${text}.${createSign("RSA-SHA256").update(text).sign(key, "base64url")}`;
}

/** The claims of a request's bearer, if the token is good. */
export function bearer(certificateFile, request) {
  const [, token = ""] = /^Bearer (.*)$/.exec(request.headers.authorization ?? "") ?? [];
  const [head, claims, signature] = token.split(".");
  if (signature === undefined) return undefined;
  const { publicKey } = new X509Certificate(readFileSync(certificateFile));
  const good = createVerify("RSA-SHA256").update(`${head}.${claims}`).verify(publicKey, signature, "base64url");
  const said = JSON.parse(Buffer.from(claims, "base64url").toString());
  return good && said.nbf <= now() && now() < said.exp ? said : undefined;
}

/** The key as a JSON Web Key Set. */
export function keySet(certificateFile) {
  const { publicKey } = new X509Certificate(readFileSync(certificateFile));
  return { keys: [{ ...publicKey.export({ format: "jwk" }), kid: KID, use: "sig", alg: "RS256" }] };
}

export async function bodyOf(request) {
  const parts = [];
  for await (const piece of request) parts.push(piece);
  return Buffer.concat(parts);
}

// As a program it signs claims.
const [, program, keyFile, claims] = process.argv;
if (program.endsWith("/jwt.mjs")) process.stdout.write(signed(keyFile, JSON.parse(claims)));
