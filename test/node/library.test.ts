import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { checkNode, files, serverLibrary } from "../../lib/node";
import { server } from "./examples";

/** As gpg exports a key: a public-key packet, then what belongs to it. */
const key = Buffer.from([0x98, 0x33, ...Array.from({ length: 300 }, (_, index) => index % 256)]).toString("base64");

test("public keys of the holders of Vault's recovery keys come with a server's library, where they have room", () => {
  const props = { ...server, recoveryPgpKeys: [key, key, key] };
  checkNode(props);
  const { key: name, content } = serverLibrary(props);
  expect(name).toBe(`library/${createHash("sha256").update(content).digest("hex")}`);
  expect(JSON.parse(JSON.parse(content)[files.recoveryPgpKeys.path])).toEqual([key, key, key]);
  expect(JSON.parse(serverLibrary(server).content)).not.toHaveProperty([files.recoveryPgpKeys.path]);
});
