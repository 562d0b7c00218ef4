// Cloud KMS over gRPC, as far as a seal asks: whether a key is there, what may be done with it, encrypt and decrypt. Messages are read
// and written by their numbers in Google's definitions, of which a seal uses strings and bytes only:
// https://github.com/googleapis/googleapis/blob/master/google/cloud/kms/v1/service.proto
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const secrets = new Map();

/** A varint and where it ends. */
function varint(bytes, from) {
  let [value, shift, at] = [0, 0, from];
  for (;;) {
    const byte = bytes[at++];
    value += (byte & 127) * 2 ** shift;
    shift += 7;
    if (byte < 128) return [value, at];
  }
}

/** The fields of a message by number, each a list of bytes. Numbers are passed over. */
function fieldsOf(message) {
  const fields = {};
  for (let at = 0; at < message.length; ) {
    let [tag, size] = [0, 0];
    [tag, at] = varint(message, at);
    const kind = tag % 8;
    if (kind === 0) [, at] = varint(message, at);
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else {
      [size, at] = varint(message, at);
      const number = Math.floor(tag / 8);
      fields[number] = [...(fields[number] ?? []), message.subarray(at, at + size)];
      at += size;
    }
  }
  return fields;
}

function lengthOf(size) {
  return size < 128 ? [size] : [(size & 127) | 128, ...lengthOf(size >> 7)];
}

/** A message of texts and bytes: `[[1, "name"], [2, bytes]]`. */
function message(fields) {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      const bytes = Buffer.from(value);
      return [Buffer.from([number * 8 + 2, ...lengthOf(bytes.length)]), bytes];
    }),
  );
}

function turn(name, make, bytes) {
  if (!secrets.has(name)) secrets.set(name, randomBytes(32));
  return make(secrets.get(name), bytes);
}

function encrypt(secret, plain) {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", secret, iv);
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(secret, bytes) {
  const decipher = createDecipheriv("aes-256-gcm", secret, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
}

const KMS = "/google.cloud.kms.v1.KeyManagementService";
const methods = {
  [`${KMS}/GetCryptoKey`]: ["cloudkms.cryptoKeys.get", (name) => [[1, name]]],
  [`${KMS}/Encrypt`]: [
    "cloudkms.cryptoKeyVersions.useToEncrypt",
    (name, { 2: [plain] }) => [
      [1, `${name}/cryptoKeyVersions/1`],
      [2, turn(name, encrypt, plain)],
    ],
  ],
  [`${KMS}/Decrypt`]: [
    "cloudkms.cryptoKeyVersions.useToDecrypt",
    (name, { 2: [bytes] }) => [[1, turn(name, decrypt, bytes)]],
  ],
  // Whoever asks is told that he may what he asked for.
  "/google.iam.v1.IAMPolicy/TestIamPermissions": [
    undefined,
    (_, { 2: all }) => all.map((permission) => [1, permission]),
  ],
};

const NOT_FOUND = "5";

/** Answers a call. `known` says which keys there are, `asked` is told the permission that a call takes. */
export function kms(path, body, response, known, asked) {
  const [permission, method] = methods[path] ?? [];
  const fields = fieldsOf(body.subarray(5));
  const name = fields[1]?.[0]?.toString() ?? "";
  if (permission !== undefined) asked(permission, name);
  const answer = method !== undefined && known(name) ? message(method(name, fields)) : undefined;
  response.writeHead(200, { "content-type": "application/grpc" });
  response.setTrailer("grpc-status", answer === undefined ? NOT_FOUND : "0");
  if (answer === undefined) return response.end();
  const head = Buffer.alloc(5);
  head.writeUInt32BE(answer.length, 1);
  response.end(Buffer.concat([head, answer]));
}
