import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { archive } from "../../lib/node/archive";

const list = (bytes: Uint8Array, ...options: string[]) =>
  execFileSync("tar", ["-z", ...options, "-f", "-"], { input: bytes, encoding: "utf8" });

test("tar reads names, modes, sizes and contents as they were", () => {
  const bytes = archive([
    { path: "/usr/local/bin/tool", mode: "0755", content: "#!/bin/sh\necho é\n" },
    { path: "/etc/a.json", mode: "0640", content: "{}" },
    { path: "/etc/empty", mode: "0644", content: "" },
  ]);
  expect(list(bytes, "-tv", "--numeric-owner", "--full-time").trim().split("\n")).toEqual([
    "-rw-r----- 0/0               2 1970-01-01 00:00:00 etc/a.json",
    "-rw-r--r-- 0/0               0 1970-01-01 00:00:00 etc/empty",
    "-rwxr-xr-x 0/0              18 1970-01-01 00:00:00 usr/local/bin/tool",
  ]);
  expect(list(bytes, "-xO", "usr/local/bin/tool")).toBe("#!/bin/sh\necho é\n");
});

test("the order in which files are given changes nothing", () => {
  const file = fc.record({
    path: fc.stringMatching(/^\/[a-z]{1,8}\/[a-z0-9._-]{1,20}$/),
    mode: fc.constantFrom("0644", "0755"),
    content: fc.string({ unit: "binary", maxLength: 1500 }),
  });
  const files = fc.uniqueArray(file, { selector: ({ path }) => path, minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(files, (files) => {
      const bytes = archive(files);
      expect(Buffer.from(archive([...files].reverse())).equals(Buffer.from(bytes))).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test("whatever a file holds, tar gives it back", () => {
  const content = fc.string({ unit: "binary", maxLength: 3000 });
  fc.assert(
    fc.property(content, (text) => {
      expect(list(archive([{ path: "/f", mode: "0644", content: text }]), "-xO")).toBe(Buffer.from(text).toString());
    }),
    { numRuns: 30 },
  );
});
