import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ask } from "../../lib/operate/http";
import { findMoto } from "../support/moto";
import { freePort, run, suiteScope, testScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { AwsEnvironment, HOSTS } from "./aws-environment";
import { EXPIRED } from "./aws-front";
import { BIN, BUILT } from "./bin";

const needs = {
  vault: findTool("vault"),
  consul: findTool("consul"),
  nomad: findTool("nomad"),
  terraform: findTool("terraform"),
  openssl: findTool("openssl"),
  git: findTool("git"),
  moto: findMoto(),
  "a build (npm run build)": BUILT,
};

describeWith("caravan on an AWS environment", needs, (found) => {
  const scope = suiteScope();
  let env: AwsEnvironment;

  const inside = (...args: string[]) => env.shell.caravan(args, env.inside);
  const insideJson = (args: string[], more: Record<string, string> = {}) =>
    env.shell.json(args, { ...env.inside, ...more });

  beforeAll(async () => {
    env = await AwsEnvironment.start(scope, found);
    expect((await env.shell.caravan(["synth"])).code).toBe(0);
    const early = await inside("status");
    expect(early.code).toBe(1);
    expect(early.stderr).toContain("prod-infrastructure was never applied");
    expect(early.stderr).toContain("Run: caravan apply prod-infrastructure");
    const planned = await env.shell.json(["plan", "--store"]);
    expect(planned).toMatchObject({ code: 0, answer: { plans: [{ stack: "prod-infrastructure", state: "changes" }] } });
    const applied = await env.shell.json(["apply", "--plan", planned.answer.commit]);
    expect(applied).toMatchObject({ code: 0, answer: { stacks: [{ outcome: { kind: "applied" } }], notStarted: [] } });
  });

  test("status sees machines, bootstrap tokens and applies; no secret is in what it says", async () => {
    const { code, answer } = await insideJson(["status"]);
    expect(code).toBe(0);
    expect(answer).toMatchObject({
      verdict: "healthy",
      machines: { main: { wanted: 1, settled: true } },
      bootstrapTokens: ["consul", "nomad"],
      applies: { "prod-infrastructure": { result: "applied" } },
      unseen: [],
    });
    for (const secret of Object.values(env.servers.tokens)) expect(JSON.stringify(answer)).not.toContain(secret);
    const people = await inside("status");
    expect(people.stdout).toMatch(/^prod is healthy\.\nwarning: /);
    expect(people.stdout).toMatch(/^warning: consul: its bootstrap token is still good\n {2}fix: .*retire-bootstrap$/m);
  });

  test("doctor has a line for each thing, with who acts", async () => {
    const { code, stdout } = await inside("doctor");
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/^ok +AWS credentials +arn:aws:/m);
    expect(stdout).toMatch(/^ok +tunnel +session-manager-plugin 1\.2\.835\.0$/m);
    expect(stdout).toMatch(/^ok +state of prod-infrastructure +.*serial \d+$/m);
    expect(stdout).toMatch(/^ok +vault of prod +led by/m);
    expect(stdout).toMatch(/^note +consul of prod +its bootstrap token is still good\n +fix: .*retire-bootstrap/m);
  });

  test("env --pipeline sets the variables of later steps and masks tokens, also beside JSON", async () => {
    const file = join(testScope().directory("github"), "env");
    const told = await env.shell.caravan(["env", "--pipeline"], { ...env.inside, GITHUB_ENV: file });
    expect(told.code).toBe(0);
    expect(told.stdout.trim().split("\n").sort()).toEqual(
      Object.values(env.servers.tokens)
        .map((token) => `::add-mask::${token}`)
        .sort(),
    );
    const set = readFileSync(file, "utf8");
    expect(set).toContain(`NOMAD_ADDR=${env.servers.urls.nomad}\n`);
    expect(set).toMatch(/^VAULT_CACERT=.+-ca\.pem$/m);
    const json = await insideJson(["env", "--pipeline"], { GITHUB_ENV: file });
    expect(json.answer.variables).toContain("NOMAD_TOKEN");
    expect(json.stderr).toContain(`::add-mask::${env.servers.tokens.nomad}`);
    const laptop = await inside("env", "--pipeline");
    expect(laptop).toMatchObject({ code: 1, stderr: expect.stringContaining('On a laptop: eval "$(caravan env)"') });
  });

  test("a session of AWS that is over, and nobody at all, are told with what to do", async () => {
    const expired = { AWS_ACCESS_KEY_ID: EXPIRED };
    const status = await insideJson(["status"], expired);
    expect(status.code).toBe(1);
    expect(status.answer.error).toMatchObject({
      kind: "denied",
      reason: expect.stringContaining("ExpiredTokenException"),
      fix: expect.stringContaining("sign in to AWS"),
    });
    const doctor = await env.shell.caravan(["doctor"], { ...env.inside, ...expired });
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(/^problem +AWS credentials +sts:GetCallerIdentity: ExpiredToken.*\n +fix: sign in/m);
    expect(doctor.stdout).toMatch(/^problem +environment prod +secretsmanager:GetSecretValue: ExpiredToken/m);
    const nobody = await insideJson(["status"], { AWS_ACCESS_KEY_ID: "" });
    expect(nobody.answer.error).toMatchObject({ kind: "denied", reason: "no AWS credentials in the environment" });
  });

  test("restore wants the name typed and a snapshot that is there; then the data is as it was", async () => {
    const kv = (value: string) =>
      env.servers.client("consul").demand("kv/a", { method: "PUT", body: Buffer.from(value) });
    await kv("before");
    const { body } = await ask({
      url: `${env.servers.urls.consul}/v1/snapshot`,
      ca: env.servers.ca,
      headers: { "X-Consul-Token": env.servers.tokens.consul },
    });
    const none = await insideJson(["restore", "consul", "--confirm", "prod"]);
    expect(none.code).toBe(1);
    expect(none.answer.error.message).toMatch(/snapshot/);
    const key = `snapshots/consul/${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}.snap`;
    await env.ground.put(key, body);
    await kv("after");
    const untyped = await insideJson(["restore", "consul"]);
    expect(untyped).toMatchObject({ code: 1, answer: { error: { kind: "refused" } } });
    const restored = await insideJson(["restore", "consul", "--confirm", "prod"]);
    expect(restored).toMatchObject({ code: 0, answer: { environment: "prod", product: "consul", snapshot: key } });
    expect((await env.servers.client("consul").ask("kv/a?raw")).text).toBe("before");
    expect(env.front.commands.at(-1)).toBe("caravan-node snapshot");
  });

  test("rotate replaces a token on the machines; what cannot be rotated is refused", async () => {
    const consul = env.servers.client("consul");
    await consul.demand("acl/policy", { method: "PUT", body: { Name: "server-agent", Rules: 'operator = "read"' } });
    const token = () =>
      consul.demand<{ AccessorID: string }>("acl/token", {
        method: "PUT",
        body: { Description: "Agents of servers", Policies: [{ Name: "server-agent" }] },
      });
    const old = await token();
    env.front.onCommand = async (script) => {
      if (script.startsWith("caravan-node rotate token")) await token();
    };
    const rotated = await insideJson(["rotate", "token", "consul-agent"]);
    expect(rotated).toMatchObject({ code: 0, answer: { deleted: [old.AccessorID] } });
    expect(rotated.stderr).not.toBe("");
    const strange = await insideJson(["rotate", "token", "vault-root"]);
    expect(strange.code).toBe(1);
    expect(strange.answer.error.message).toContain('There is no "token vault-root" to rotate. There are: ca; gossip');
  });

  test("retire-bootstrap refuses who could not do without, then destroys both, and finds them gone", async () => {
    const refused = await insideJson(["retire-bootstrap"]);
    expect(refused).toMatchObject({ code: 1, answer: { error: { kind: "refused" } } });
    const manager = await env.servers.client("consul").demand<{ SecretID: string }>("acl/token", {
      method: "PUT",
      body: { Policies: [{ Name: "global-management" }] },
    });
    const nomad = await env.servers.client("nomad").demand<{ SecretID: string }>("acl/token", {
      method: "POST",
      body: { Name: "ci", Type: "management" },
    });
    const own = { CONSUL_HTTP_TOKEN: manager.SecretID, NOMAD_TOKEN: nomad.SecretID };
    const retired = await env.shell.caravan(["retire-bootstrap"], { ...env.inside, ...own });
    expect(retired).toMatchObject({ code: 0 });
    expect(retired.stdout).toContain(
      "consul: its bootstrap token is destroyed\nnomad: its bootstrap token is destroyed",
    );
    const again = await insideJson(["retire-bootstrap"], own);
    expect(again).toMatchObject({ code: 0, answer: { retired: [], gone: ["consul", "nomad"] } });
    Object.assign(env.servers.tokens, { consul: manager.SecretID, nomad: nomad.SecretID });
    Object.assign(env.shell.env, own);
    expect((await insideJson(["status"])).answer).toMatchObject({ verdict: "healthy", bootstrapTokens: [] });
  });

  test("roll has nothing to do, shows what a new recipe would replace, and knows its groups", async () => {
    expect(await inside("roll")).toMatchObject({ code: 0, stdout: "main: nothing to replace\n" });
    await env.ground.changeRecipe();
    const preview = await insideJson(["roll", "--dry-run"]);
    expect(preview).toMatchObject({
      code: 0,
      answer: { groups: [{ name: "main", due: [expect.stringMatching(/^i-/)] }] },
    });
    const strange = await insideJson(["roll", "--group", "nobody"]);
    expect(strange.code).toBe(1);
    expect(strange.answer.error.message).toMatch(/nobody.*\n {2}fix: .*main/);
    // A group of one is not rolled by the way.
    const lone = await insideJson(["roll", "--timeout", "5s"]);
    expect(lone).toMatchObject({ code: 1, answer: { error: { kind: expect.stringMatching(/refused|timeout/) } } });
  });

  /** Whether a process is there. */
  const alive = (pid: number) => existsSync(`/proc/${pid}/stat`);

  test("tunnel: a command has Vault, Consul and Nomad by their own names, then everything has ended", async () => {
    const script = ["vault status -format=json", "consul acl token read -self", "nomad acl token self", "exit 7"].join(
      " && ",
    );
    const ended = await env.shell.caravan(["tunnel", "--", "bash", "-c", script]);
    expect(ended.stdout, ended.stderr).toContain('"sealed": false');
    expect(ended.stdout).toContain("global-management");
    expect(ended.code).toBe(7);
    // The three are begun at once, in no order.
    const document = "AWS-StartPortForwardingSessionToRemoteHost";
    const started = env.front.started.map(({ DocumentName, Parameters }) => [
      DocumentName,
      Parameters.host[0],
      Parameters.portNumber[0],
    ]);
    expect(started.sort()).toEqual([
      [document, HOSTS.consul, "8501"],
      [document, HOSTS.nomad, "4646"],
      [document, HOSTS.vault, "8200"],
    ]);
    const begun = env.plugins.filter(({ begins }) => begins !== undefined);
    expect(begun).toHaveLength(3);
    for (const { pid, args, token, region, endpoint, SessionId } of begun) {
      expect(token).toBe(`token-of-${SessionId}`);
      expect(JSON.stringify(args)).not.toContain(token);
      expect([region, endpoint]).toEqual(["eu-central-1", env.front.endpoint]);
      expect(alive(pid)).toBe(false);
    }
    expect(env.plugins.filter(({ ends }) => ends !== undefined)).toHaveLength(3);
    expect([...env.front.terminated].sort()).toEqual(["person-1", "person-2", "person-3"]);
  });

  test("tunnel: others find their way through it; a session that ends is followed by another; Ctrl-C ends all", async () => {
    const own = testScope();
    const ports = await Promise.all([freePort(), freePort(), freePort()]);
    const local = ["vault", "consul", "nomad"].flatMap((product, index) => [
      "--local-port",
      `${product}=${ports[index]}`,
    ]);
    const open = own.process(process.execPath, [BIN, "tunnel", ...local], {
      cwd: env.shell.directory,
      env: env.shell.env,
    });
    await open.until(async () => open.output.includes("until Ctrl-C"), "the tunnel is open", 60_000);
    expect(open.output).toContain(`export VAULT_ADDR='https://127.0.0.1:${ports[0]}'`);
    expect(open.output).toContain(`export CONSUL_TLS_SERVER_NAME='${HOSTS.consul}'`);
    const status = await env.shell.json(["status"]);
    expect(status).toMatchObject({ code: 0, answer: { verdict: "healthy" } });
    const exported = await env.shell.caravan(["env"]);
    expect(exported.stdout).toContain(`export NOMAD_ADDR='https://127.0.0.1:${ports[2]}'`);
    const login = await run("bash", ["-c", 'eval "$0"; vault token lookup -format=json', exported.stdout], {
      env: { PATH: process.env["PATH"], HOME: env.shell.directory },
    });
    expect(login.code, login.stderr).toBe(0);

    const [first] = env.plugins.filter(({ begins, pid }) => begins !== undefined && alive(pid));
    process.kill(first?.pid ?? 0, "SIGUSR2");
    await open.until(
      async () => open.output.includes("has ended; a new one begins") && env.front.started.length === 7,
      "another session",
      30_000,
    );
    await open.until(async () => (await env.shell.json(["status"])).code === 0, "all is reached again", 60_000);

    process.kill(open.pid ?? 0, "SIGINT");
    await expect.poll(() => open.running, { timeout: 20_000 }).toBe(false);
    for (const { pid } of env.plugins) expect(alive(pid)).toBe(false);
    expect(env.front.terminated).toHaveLength(7);
    const directory = env.shell.env["XDG_RUNTIME_DIR"] ?? "";
    for (const each of readdirSync(directory)) expect(readdirSync(join(directory, each))).toEqual([]);
    const after = await env.shell.json(["status"]);
    expect(after).toMatchObject({ code: 1, answer: { verdict: "down" } });
  });

  test("tunnel: a machine that is not reached, a missing or old plugin and a taken port are told", async () => {
    const [machine = ""] = env.front.started.map(({ Target }) => Target);
    env.front.unreached.add(machine);
    const unreached = await env.shell.json(["tunnel", "--", "true"]);
    env.front.unreached.clear();
    expect(unreached.code).toBe(1);
    expect(unreached.answer.error).toMatchObject({
      kind: "unreachable",
      reason: `Systems Manager does not reach ${machine}`,
    });
    const plain = { PATH: process.env["PATH"] ?? "" };
    const missing = await env.shell.caravan(["tunnel", "--", "true"], plain);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(
      /no program session-manager-plugin on the PATH\n {2}fix: install AWS's Session Manager plugin/,
    );
    const doctor = await env.shell.caravan(["doctor"], { ...env.inside, ...plain });
    expect(doctor.stdout).toMatch(/^note +tunnel +there is no program session-manager-plugin/m);
    expect(doctor.code, doctor.stdout).toBe(0);
    const old = await env.shell.caravan(["tunnel", "--", "true"], { FAKE_SESSION_VERSION: "1.2.707.0" });
    expect(old.stderr).toContain("is of version 1.2.707.0, which is too old");
    const taken = new URL(env.servers.urls.vault).port;
    const busy = await env.shell.caravan(["tunnel", "--local-port", `vault=${taken}`, "--", "true"]);
    expect(busy.stderr).toContain(`port ${taken} of this machine is taken`);
    const wrong = await env.shell.caravan(["tunnel", "--local-port", "vault"]);
    expect(wrong.stderr).toContain(
      '--local-port cannot be "vault". Give a product and a port: --local-port vault=18200',
    );
  });
});
