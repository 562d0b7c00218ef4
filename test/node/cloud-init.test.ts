import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { cloudInit, files, type NodeProps, nodeFiles, userDataLimits } from "../../lib/node";
import { azure, environmentValues, everything, server, worker } from "./examples";

/** The part that is the same on every machine, and what cloud-init reads of it. */
function staticPart(props: NodeProps) {
  const { userDataBase64, staticBytes } = cloudInit(props, environmentValues);
  const bytes = Buffer.from(userDataBase64.replace(/\$\{.*$/s, ""), "base64");
  return { bytes, staticBytes, text: gunzipSync(bytes).toString("utf8") };
}

const nodes = Object.entries<NodeProps>({ server, worker, ...everything });

test.each(nodes)("%s: the document fits, and says how much room is left", (name, props) => {
  const { bytes, staticBytes } = staticPart(props);
  const limit = userDataLimits[props.cloud.name];
  console.info(`${name}: ${staticBytes} of ${limit} bytes`);
  expect(bytes.length).toBe(staticBytes);
  expect(staticBytes % 3).toBe(0);
  expect(staticBytes).toBeLessThan(limit - 2048);
});

describe("the same bytes on every machine", () => {
  // A change here gives every environment a new launch template: what a node does has changed, or should not have.
  test.each([
    ["a server", server, "f9a2d9a32951de37"],
    ["a worker", worker, "7f9395d47663dd17"],
  ] as const)("%s", (_, props, hash) => {
    expect(createHash("sha256").update(staticPart(props).bytes).digest("hex").slice(0, 16)).toBe(hash);
  });
});

test("the environment file ends the document, filled in by Terraform", () => {
  const { userDataBase64 } = cloudInit(server, environmentValues);
  expect(userDataBase64).toMatch(/^[A-Za-z0-9+/]+\$\{TfToken\[TOKEN\.\d+\]\}$/);
  expect(staticPart(server).text).toMatch(/\n- path: \/etc\/caravan\/environment\n {2}encoding: b64\n {2}content: $/);
});

test("every file is in it, no value of the environment file and no key", () => {
  for (const [, props] of nodes) {
    const { text } = staticPart(props);
    for (const { path } of nodeFiles(props)) expect(text).toContain(`- path: ${path}\n`);
    for (const value of Object.values(environmentValues).flatMap((value) =>
      typeof value === "string" ? value : Object.values(value),
    )) {
      expect(text).not.toContain(value);
    }
    expect(text).not.toMatch(/PRIVATE KEY|X-Vault-Token: [^%"]|hvs\./);
    // A tenant and a subscription are no secrets, and the only ids of this kind.
    expect(text.replaceAll(azure.tenantId, "").replaceAll(azure.subscriptionId, "")).not.toMatch(
      /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/,
    );
  }
});

test("two groups of one kind differ in what tells them apart only", () => {
  const one = new Map(nodeFiles(worker).map(({ path, content }) => [path, content]));
  const other = nodeFiles({ ...worker, group: "batch" }).filter(({ path, content }) => one.get(path) !== content);
  expect(other.map(({ path }) => path).sort()).toEqual(
    [files.facts.path, files.nomadConfig.path, files.vaultAgentConfig.path].sort(),
  );
});

test("a document that is too long names what is long", () => {
  // What does not compress.
  const noise = Array.from({ length: 400 }, (_, index) => createHash("sha256").update(String(index)).digest("base64"));
  const caBundle = `-----BEGIN CERTIFICATE-----\n${noise.join("\n")}\n-----END CERTIFICATE-----\n`;
  expect(() => cloudInit({ ...server, caBundle }, environmentValues)).toThrow(
    /document of server group "main": \d+ bytes, and 2048 .* more than the 16384 that a cloud takes; shorten caBundle/,
  );
});
