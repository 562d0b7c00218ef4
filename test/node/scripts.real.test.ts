import { readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { type NodeProps, nodeFiles } from "../../lib/node";
import { run, testScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { everything, server, worker } from "./examples";

const room = resolve(__dirname, "../../lib/node");

describeWith("scripts by the judgement of shellcheck", { shellcheck: findTool("shellcheck") }, (found) => {
  const sources = readdirSync(room, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".sh"));

  test.each(sources)("%s", async (path) => {
    const { stdout, stderr } = await run(found.shellcheck, ["--norc", "--external-sources", join(room, path)], {
      cwd: join(room, path, ".."),
    });
    expect(`${stdout}${stderr}`).toBe("");
  });

  test("what a node gets of them is bash that parses", async () => {
    const scope = testScope();
    for (const props of Object.values<NodeProps>({ server, worker, ...everything })) {
      for (const { path, content } of nodeFiles(props).filter(
        (file) => file.content.startsWith("#!") || file.path.endsWith(".sh"),
      )) {
        const file = join(scope.directory("script"), "script");
        writeFileSync(file, content);
        expect({ path, ...(await run("bash", ["-n", file])) }).toEqual({ path, code: 0, stdout: "", stderr: "" });
      }
    }
  });
});
