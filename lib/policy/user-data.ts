import { constants, gunzipSync } from "node:zlib";
import type { SynthesizedBlock } from "./synthesized-stack";

/** What an attribute that holds user data says: its path, and its text in every form in which it is known. */
export type UserData = readonly [attribute: string, texts: readonly string[]];

/** User data as it stands, out of base64, and uncompressed, as far as it is known. */
export function* userDataOf(machine: SynthesizedBlock, attributes: readonly string[]): Iterable<UserData> {
  for (const attribute of attributes) {
    const texts = userDataTexts(machine.value(attribute));
    if (texts !== undefined) yield [machine.at(attribute), texts];
  }
}

/** The same for a value that stands somewhere else: in a block, in a map of metadata. */
export function userDataTexts(value: unknown): string[] | undefined {
  if (typeof value !== "string") return undefined;
  const bytes = Buffer.from(value.replace(/\$\{.*/s, ""), "base64");
  return [value, bytes.toString("latin1"), ...uncompressed(bytes)];
}

function uncompressed(bytes: Buffer): string[] {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return [];
  try {
    return [gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString("latin1")];
  } catch {
    return [];
  }
}

/** Nomad's client configuration, in HCL or JSON, also where it is a text inside of another. */
const RAW_EXEC = [
  /raw_exec"?\s*:?\s*\{\s*"?config"?\s*:?\s*\{[^}]*"?\benabled"?\s*[:=]\s*true/,
  /driver\.raw_exec\.enable"?\s*[:=]\s*"?(?:1|true)/,
];

/** Whether user data lets Nomad's jobs run as root without isolation. */
export function enablesRawExec(texts: readonly string[]): boolean {
  const plain = texts.map((text) => text.replace(/\\n/g, " ").replace(/\\/g, ""));
  return plain.some((text) => RAW_EXEC.some((pattern) => pattern.test(text)));
}

/** What opens something by itself: a private key, a key of a storage account, a key of a service account. */
const CREDENTIALS = [
  /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----(?:\s|\\n)+[A-Za-z0-9+/]{16}/,
  /\bAccountKey=[A-Za-z0-9+/]{40}/,
  /"private_key_id"\s*:\s*"[0-9a-f]{20}/,
  /(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])/,
];

/** Whether user data holds a credential of a form that is known. */
export function holdsCredential(texts: readonly string[]): boolean {
  return texts.some((text) => CREDENTIALS.some((pattern) => pattern.test(text)));
}
