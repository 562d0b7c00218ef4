import { resolve } from "node:path";
import { expect, test } from "vitest";
import { run } from "../support/temporary";

const bin = resolve(__dirname, "../../dist/lib/cli/bin.js");

test("goes on to its end when nobody reads along any more", async () => {
  const script = '{ sleep 1; "$0" "$1" --help; echo "exit $?" >&2; } | true';
  expect(await run("bash", ["-c", script, process.execPath, bin])).toMatchObject({ stderr: "exit 0\n" });
});
