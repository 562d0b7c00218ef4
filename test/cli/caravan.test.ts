import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { answers } from "../../lib/cli/answers";
import { pathOf } from "../../lib/cli/command";
import { Output, table } from "../../lib/cli/output";
import { run, testScope } from "../support/temporary";
import { allCommands, reference } from "./reference";
import { caravan } from "./run";

/** A repository with one commit and an app that writes a manifest of two stacks without a framework. */
async function repository() {
  const directory = testScope().directory("cli");
  const files = {
    "cdktf.json": JSON.stringify({ app: `"${process.execPath}" app.js` }),
    "app.js": `
const { mkdirSync, writeFileSync } = require("node:fs");
const out = process.env.CDKTF_OUTDIR;
const stacks = {};
for (const [id, below] of [["dev-a", []], ["dev-b", ["dev-a"]]]) {
  mkdirSync(out + "/stacks/" + id, { recursive: true });
  const backend = { local: { path: "../../../" + id + ".tfstate" } };
  writeFileSync(out + "/stacks/" + id + "/cdk.tf.json", JSON.stringify({ terraform: { backend } }));
  stacks[id] = { constructPath: id, workingDirectory: "stacks/" + id, synthesizedStackPath: "stacks/" + id + "/cdk.tf.json", dependencies: below };
}
writeFileSync(out + "/manifest.json", JSON.stringify({ stacks }));
console.log("identity: " + (process.env.AWS_SECRET_ACCESS_KEY ?? "none"));
`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  for (const args of [
    ["init", "-q"],
    ["add", "-A"],
    ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "a"],
  ]) {
    await run("git", args, { cwd: directory });
  }
  return directory;
}

describe("caravan --help", () => {
  test("names every command of the product, and what to do first", async () => {
    const { out, code } = await caravan(".", "--help");
    expect(code).toBe(0);
    for (const name of [
      ...["init", "synth", "validate", "graph", "plan", "apply", "wait", "status", "roll", "restore", "rotate"],
      ...["retire-bootstrap", "env", "tunnel", "drift", "destroy", "policy", "gitops", "doctor"],
    ]) {
      expect(out).toMatch(new RegExp(`^  ${name}\\b`, "m"));
    }
    expect(out).toContain("Begin:      caravan init");
    expect(out).toContain("Exit codes: 0 good, 1 failed, 2 drift, 3");
  });

  test("says of every command what it does, and that it can answer in JSON", () => {
    const all = allCommands();
    expect(all.map(pathOf).sort()).toEqual(Object.keys(answers).sort());
    for (const command of all) {
      expect(command.description()).not.toBe("");
      expect(command.options.map(({ long }) => long)).toContain("--json");
      expect(command.options.map(({ long }) => long)).toContain("--timeout");
    }
  });

  test("docs/caravan.md has the reference of all commands (-u writes it)", async () => {
    const file = resolve(__dirname, "../../docs/caravan.md");
    const heading = "\n## Commands\n\n";
    const [before = ""] = readFileSync(file, "utf8").split(heading);
    await expect(`${before}${heading}${reference()}`).toMatchFileSnapshot(file);
  });

  test("a command's help says what it answers in JSON", async () => {
    const { out, code } = await caravan(".", "gitops", "check", "--help");
    expect(code).toBe(0);
    expect(out).toContain("With --json: { files }");
  });

  test.each([
    [["graph", "--json"], "There is no"],
    [["plan", "--strange", "--json"], "unknown option '--strange'"],
    [["wait", "--json", "--timeout", "soon"], '--timeout: given "soon"\n  allowed: a time such as "30s"'],
    [["plan", "--json", "--lock-timeout", "5"], '--lock-timeout: given "5"'],
  ])("%j fails in JSON too", async (args, message) => {
    const { code, out, err } = await caravan(testScope().directory("nothing"), ...args);
    expect(code).toBe(1);
    expect(JSON.parse(out).error.message).toContain(message);
    expect(err).toContain(message);
  });

  test("a wrong command or option says where to look", async () => {
    const wrong = await caravan(".", "aply");
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain("Did you mean apply?");
    expect(wrong.err).toContain('Run "caravan help" for all commands');
    expect((await caravan(".", "plan", "--strange")).err).toContain("unknown option '--strange'");
  });
});

describe("caravan", () => {
  test("synthesizes without anybody's identity, and shows the stacks in order", async () => {
    const directory = await repository();
    process.env["AWS_SECRET_ACCESS_KEY"] = "not for apps";
    const { out, code, err } = await caravan(directory, "synth");
    delete process.env["AWS_SECRET_ACCESS_KEY"];
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(out).toBe("identity: none\ndev-a: cdktf.out/stacks/dev-a\ndev-b: cdktf.out/stacks/dev-b\n");
    const graph = await caravan(directory, "graph", "--json");
    expect(JSON.parse(graph.out).levels.map((level: { id: string }[]) => level.map(({ id }) => id))).toEqual([
      ["dev-a"],
      ["dev-b"],
    ]);
    expect((await caravan(directory, "graph")).out).toContain("2      dev-b  dev-a");
  });

  test.each([
    [["graph"], 'Run "caravan synth" first'],
    [["synth", "--app", "exit 7"], "The app failed (exit code 7)"],
    [
      ["synth", "--app", "sleep 30 & sleep 30", "--timeout", "200ms"],
      "(not done within 0.2 s: --timeout gives it longer)",
    ],
    [["gitops", "init"], 'There is no caravan.json. Begin with: {"environments": {"prod": {}}}'],
    [["init", "oracle"], 'There is no cloud "oracle" to begin with. There are: aws, azure, existing, gcp.'],
    [["init", "aws"], "--account: the AWS account's id, 12 digits"],
    [["wait"], "Which environment? Give --environment"],
    [["rotate", "tokens"], 'There is no "tokens" to rotate. There are: ca; gossip consul;'],
    [["restore", "mysql"], 'There is no product "mysql". There are: vault, consul, nomad.'],
  ])("%j says what is missing and what to do", async (args, message) => {
    const directory = await repository();
    const { code, err } = await caravan(directory, ...args);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(err).not.toContain("This should not happen");
  });

  test.each([
    [["plan", "dev-c"], 'There is no stack "dev-c". There are: dev-a, dev-b.'],
    [
      ["graph", "-e", "prod"],
      'No stack belongs to the environment "prod": its name is in no id. There are: dev-a, dev-b.',
    ],
    [["wait", "-e", "dev"], "No stack of dev makes an infrastructure."],
    [["destroy", "-e", "dev"], "Nothing was destroyed: that needs --confirm dev"],
    [["plan", "--comment", "--program", "true"], "This runs in no pipeline, so there is no pull request to tell."],
    [["env", "-e", "dev"], "No stack of dev makes an infrastructure."],
  ])("%j of a synthesized app says what is missing and what to do", async (args, message) => {
    const directory = await repository();
    await caravan(directory, "synth");
    const actions = process.env["GITHUB_ACTIONS"];
    delete process.env["GITHUB_ACTIONS"];
    const { code, err } = await caravan(directory, ...args);
    if (actions !== undefined) process.env["GITHUB_ACTIONS"] = actions;
    expect(code).toBe(1);
    expect(err).toContain(message);
  });

  test("policy fails with each finding's remedy, and with a waiver that does not stand", async () => {
    const directory = await repository();
    await caravan(directory, "synth");
    const report = (of: object) =>
      JSON.stringify({ passes: false, rulesChecked: 3, findings: [], waived: [], waiverProblems: [], ...of });
    const finding = { severity: "high", rule: "aws-s3-public", title: "no bucket is public", fix: "close it" };
    const place = { resource: "aws_s3_bucket.a", attribute: "acl", given: '"public-read"' };
    const at = (stack: string) => join(directory, "cdktf.out/stacks", stack, "policy.json");
    writeFileSync(at("dev-a"), report({ findings: [{ ...finding, ...place }] }));
    writeFileSync(at("dev-b"), report({ waiverProblems: [{ message: "the waiver of b has expired" }] }));
    const { code, out } = await caravan(directory, "policy");
    expect(code).toBe(1);
    expect(out).toContain(
      'dev-a: high aws-s3-public: no bucket is public\n  aws_s3_bucket.a: acl is "public-read"\n  fix: close it\n',
    );
    expect(out).toContain("dev-b: waiver: the waiver of b has expired");
    expect((await caravan(directory, "policy", "--json")).code).toBe(1);
  });

  test("a mistake that the library finds is told without Node's stack, anything else with it", async () => {
    const directory = await repository();
    const failing = (name: string) =>
      `"${process.execPath}" -e 'const e = new Error("it: 1 mistake\\n  fix: this"); e.name = "${name}"; throw e'`;
    const ours = await caravan(directory, "synth", "--app", failing("InvalidPropsError"));
    expect(ours.err).toMatch(/^The app failed \(exit code 1\): .*\nit: 1 mistake\n {2}fix: this\n$/s);
    const theirs = await caravan(directory, "synth", "--app", failing("TypeError"));
    expect(theirs.err).toContain("    at ");
  });

  test("doctor lists what is missing, each with its remedy", async () => {
    const directory = await repository();
    const { code, out } = await caravan(directory, "doctor", "--program", "no-such-program", "--json");
    expect(code).toBe(1);
    const bad = (JSON.parse(out).checks as { what: string; good: boolean; fix?: string }[]).filter(({ good }) => !good);
    expect(bad.map(({ what, fix }) => [what, fix])).toEqual([
      ["no-such-program", "Install Terraform or OpenTofu 1.11 or later, or give --program."],
      ["synth", "caravan synth"],
    ]);
  });

  test("init writes an app once, and keeps what is there", async () => {
    const directory = testScope().directory("init");
    const args = ["init", "aws", "--account", "123456789012", "--region", "eu-central-1"];
    const more = ["--repository", "acme/platform", "--image", "ami-0123456789abcdef0"];
    const first = await caravan(directory, ...args, ...more);
    expect(first.out).toContain("wrote main.ts");
    expect(readFileSync(join(directory, "main.ts"), "utf8")).toContain('github: { repository: "acme/platform" }');
    writeFileSync(join(directory, "main.ts"), "mine");
    const second = await caravan(directory, ...args, ...more);
    expect(second.out).not.toContain("wrote");
    expect(readFileSync(join(directory, "main.ts"), "utf8")).toBe("mine");
    expect(existsSync(join(directory, "caravan.json"))).toBe(true);
  });
});

describe("what a command says", () => {
  const printed = (isTTY: boolean, verbose = false) => {
    let text = "";
    const err = { isTTY, columns: 30, write: (each: string) => (text += each) };
    const output = new Output({ out: err, err }, { json: false, verbose });
    output.detail("dev-a", "aws_vpc.main: Creating with a long line...");
    output.step("dev-a", "applied");
    return text;
  };

  test("is one line that changes on a terminal, plain lines elsewhere", () => {
    for (const name of ["CI", "NO_COLOR", "TERM"]) vi.stubEnv(name, "");
    expect(printed(true)).toBe("\r\u001b[2Kdev-a: aws_vpc.main: Creating\r\u001b[2Kdev-a: applied\n");
    expect(printed(false)).toBe("dev-a: applied\n");
    expect(printed(false, true)).toBe("dev-a | aws_vpc.main: Creating with a long line...\ndev-a: applied\n");
    for (const [name, value] of Object.entries({ CI: "true", NO_COLOR: "1", TERM: "dumb" })) {
      vi.stubEnv(name, value);
      expect(printed(true), name).toBe("dev-a: applied\n");
      vi.stubEnv(name, "");
    }
    vi.unstubAllEnvs();
  });

  test("stands in columns", () => {
    expect(table([["a", "bbb"], ["cc", "d"], ["e"]])).toEqual(["a   bbb", "cc  d", "e"]);
  });
});
