import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { freePort, run, Scope, testScope } from "./temporary";
import { findMirror, findTool } from "./tools";

describe("a scope", () => {
  test("removes directories, newest undo first, and goes on when one fails", async () => {
    const scope = new Scope();
    const directory = scope.directory("scope");
    writeFileSync(join(directory, "file"), "");
    const order: string[] = [];
    scope.defer(() => order.push("first"));
    scope.defer(() => Promise.reject(new Error("stuck")));
    scope.defer(() => order.push("last"));
    await expect(scope.close()).rejects.toThrow("clean-up failed: Error: stuck");
    expect(order).toEqual(["last", "first"]);
    expect(existsSync(directory)).toBe(false);
  });

  test("ends a process with its children", async () => {
    const scope = new Scope();
    const file = join(testScope().directory(), "beats");
    const beat = `(while :; do echo x >> ${file}; sleep 0.05; done) & wait`;
    const server = scope.process("sh", ["-c", beat]);
    await server.until(async () => existsSync(file), "sh");
    await scope.close();
    expect(server.running).toBe(false);
    const beats = statSync(file).size;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(statSync(file).size).toBe(beats);
  });

  test("says what a process printed that ended too early, or never was", async () => {
    const scope = testScope();
    const failing = scope.process("sh", ["-c", "echo no licence >&2; exit 3"]);
    await expect(failing.until(async () => false, "the server")).rejects.toThrow(
      /the server: the process ended\nno licence/,
    );
    const missing = scope.process("caravan-no-such-program", []);
    await expect(missing.until(async () => false, "it")).rejects.toThrow(/ENOENT/);
  });
});

describe("run", () => {
  test("returns what a program says", async () => {
    expect(await run("sh", ["-c", "echo out; echo err >&2; exit 3"])).toEqual({
      code: 3,
      stdout: "out\n",
      stderr: "err\n",
    });
    await expect(run("caravan-no-such-program", [])).rejects.toThrow(/ENOENT/);
  });

  test("kills what takes too long, with its children", async () => {
    const late = run("sh", ["-c", "echo started; sleep 60 & sleep 60"], { timeoutMs: 300 });
    await expect(late).rejects.toThrow(/killed after 0.3 s\nstarted/);
  });
});

test("a free port can be listened on", async () => {
  const server = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await new Promise((resolve) => server.close(resolve));
});

describe("what is on the machine", () => {
  afterEach(() => vi.unstubAllEnvs());

  test("programs are found on the PATH only", () => {
    const directory = testScope().directory();
    mkdirSync(join(directory, "folder"));
    writeFileSync(join(directory, "plain"), "", { mode: 0o644 });
    writeFileSync(join(directory, "program"), "", { mode: 0o755 });
    vi.stubEnv("PATH", `/nowhere:${directory}`);
    expect(findTool("program")).toBe(join(directory, "program"));
    expect([findTool("plain"), findTool("folder"), findTool("missing")]).toEqual([undefined, undefined, undefined]);
  });

  test("mirrors are found by name, by Terraform's configuration and by version", () => {
    const root = testScope().directory();
    for (const version of ["1.9.0", "1.10.0"]) {
      mkdirSync(join(root, "registry.terraform.io", "acme", "thing", version), { recursive: true });
    }
    vi.stubEnv("CARAVAN_PROVIDER_MIRROR", root);
    expect(findMirror("acme/thing")).toEqual({ root, versions: ["1.10.0", "1.9.0"] });

    vi.stubEnv("CARAVAN_PROVIDER_MIRROR", undefined);
    const config = join(root, "cli.tfrc");
    writeFileSync(config, `provider_installation {\n  filesystem_mirror {\n    path = "${root}"\n  }\n}\n`);
    vi.stubEnv("TF_CLI_CONFIG_FILE", config);
    expect(findMirror("acme/thing", "1.9.0")?.root).toBe(root);
    expect(findMirror("acme/thing", "2.0.0")).toBeUndefined();
  });
});
