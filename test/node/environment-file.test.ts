import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EnvironmentValue, environmentFile, environmentVariable } from "../../lib/node";
import { environmentValues } from "./examples";

/** What bash reads from a file, by the names of the values. */
function sourced(file: string): Record<string, string> {
  const names = Object.keys(environmentValues) as EnvironmentValue[];
  const script = `. <(cat); printf '%s\\0' ${names.map((name) => `"$${environmentVariable(name)}"`).join(" ")}`;
  const values = execFileSync("bash", ["-euc", script], { input: file, encoding: "utf8" }).split("\0");
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));
}

describe("the environment file", () => {
  test("has a line a value, lists and maps as JSON in an order that does not change", () => {
    const lines = environmentFile(environmentValues).trimEnd().split("\n");
    expect(lines).toHaveLength(12);
    expect(lines[0]).toBe('CARAVAN_ACCOUNT="123456789012"');
    expect(lines).toContain(
      'CARAVAN_NODE_ROLES="{\\"server-main\\":\\"arn:aws:iam::123456789012:role/caravan-prod-server-main\\",' +
        '\\"worker-general\\":\\"arn:aws:iam::123456789012:role/caravan-prod-worker-general\\"}"',
    );
    expect(lines).toContain(
      'VAULT_AWSKMS_SEAL_KEY_ID="arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"',
    );
  });

  test("arrives in bash as it was given, whatever characters it holds", () => {
    // Files and variables end at a NUL; bash drops it, too.
    const character = fc.oneof(
      fc.constantFrom("$", "`", "\\", '"', "'", "!", "\n", "\t", "{", "}", "#", " ", "%", "=", "é", "😀"),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
    );
    const value = fc.string({ unit: character, maxLength: 12 }).filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(value, fc.array(value, { maxLength: 3 }), fc.dictionary(value, value), (text, list, map) => {
        const read = sourced(
          environmentFile({ ...environmentValues, bucket: text, deployerRoles: list, nodeRoles: map }),
        );
        expect(read["bucket"]).toBe(text);
        expect(JSON.parse(read["deployerRoles"] ?? "")).toEqual(list);
        expect(JSON.parse(read["nodeRoles"] ?? "")).toEqual(JSON.parse(JSON.stringify(map)));
        expect(read["logGroup"]).toBe(environmentValues.logGroup);
      }),
      { numRuns: 60 },
    );
  });
});
