import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { Servers } from "../operate/servers";
import { freePort, run, suiteScope, testScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { BUILT, repository, Shell } from "./bin";

const needs = {
  vault: findTool("vault"),
  consul: findTool("consul"),
  nomad: findTool("nomad"),
  terraform: findTool("terraform"),
  openssl: findTool("openssl"),
  git: findTool("git"),
  "a build (npm run build)": BUILT,
};
const EXAMPLE = resolve(__dirname, "../../dist/examples/existing/main.js");

describeWith("caravan on servers that exist", needs, (found) => {
  const scope = suiteScope();
  let servers: Servers;
  let shell: Shell;

  beforeAll(async () => {
    servers = await Servers.start(scope, found);
    const ca = join(scope.directory("ca"), "ca.pem");
    writeFileSync(ca, servers.ca);
    const directory = await repository(scope, {
      "cdktf.json": JSON.stringify({ app: `"${process.execPath}" "${EXAMPLE}" cdktf.out` }),
      "caravan.json": JSON.stringify({ environments: { laptop: {} } }),
    });
    shell = new Shell(directory, {
      VAULT_CACERT: ca,
      CONSUL_CACERT: ca,
      NOMAD_CACERT: ca,
      VAULT_TOKEN: servers.tokens.vault,
      CONSUL_HTTP_TOKEN: servers.tokens.consul,
      NOMAD_TOKEN: servers.tokens.nomad,
    });
    // The platform's addresses are those of its synth.
    const { vault, consul, nomad } = servers.urls;
    const addresses = { VAULT_ADDR: vault, CONSUL_HTTP_ADDR: consul, NOMAD_ADDR: nomad };
    const synth = await shell.caravan(["synth"], addresses);
    expect(synth.code, synth.stderr).toBe(0);
  });

  test("wait, status and doctor find all well, by the addresses that the platform was synthesized with", async () => {
    const waited = await shell.json(["wait"]);
    expect(waited).toMatchObject({ code: 0, answer: { environment: "laptop" } });
    const status = await shell.caravan(["status"]);
    expect(status).toMatchObject({ code: 0, stderr: "" });
    expect(status.stdout).toBe(
      "laptop is healthy.\n\nlaptop-platform  never applied\nlaptop-shop      never applied\n",
    );
    const doctor = await shell.caravan(["doctor"]);
    expect(doctor.code, doctor.stdout).toBe(0);
    for (const product of ["vault", "consul", "nomad"]) {
      expect(doctor.stdout).toMatch(new RegExp(`^ok +${product} of laptop +led by 127\\.0\\.0\\.1$`, "m"));
    }
    expect(doctor.stdout).toMatch(/^ok +state of laptop-platform +.*never applied$/m);
    expect(doctor.stdout).not.toContain("session-manager-plugin");
  });

  test("env gives a shell what Vault's own command needs", async () => {
    const { PATH = "", HOME = "" } = shell.env;
    const exported = await shell.caravan(["env"]);
    expect(exported.stdout).toContain(`export NOMAD_TOKEN='${servers.tokens.nomad}'`);
    const ask = 'eval "$0"; vault token lookup -format=json; consul acl token read -self; nomad acl token self';
    const asked = await run("bash", ["-c", ask, exported.stdout], { env: { PATH, HOME } });
    expect(asked.code, asked.stderr).toBe(0);
    expect(asked.stdout).toContain('"display_name": "root"');
  });

  test("what needs machines says that it knows none, and what to do", async () => {
    for (const args of [
      ["roll"],
      ["restore", "vault", "--confirm", "laptop"],
      ["rotate", "gossip", "consul"],
      ["rotate", "ca"],
      ["retire-bootstrap"],
    ]) {
      const { code, answer, stderr } = await shell.json(args);
      expect(code, args.join(" ")).toBe(1);
      expect(answer.error).toMatchObject({
        kind: "failed",
        reason: "nobody here knows the machines of laptop",
        fix: expect.stringContaining("outputs of its infrastructure stack"),
      });
      expect(stderr).toContain(answer.error.message);
    }
    const tunnel = await shell.caravan(["tunnel"]);
    expect(tunnel.code).toBe(1);
    expect(tunnel.stderr).toContain("laptop stands on servers that exist");
    expect(tunnel.stderr).toContain("Set VAULT_ADDR");
  });

  test("a wrong token is told, and hides no leader", async () => {
    const wrong = {
      VAULT_TOKEN: "hvs.wrong",
      CONSUL_HTTP_TOKEN: servers.tokens.nomad,
      NOMAD_TOKEN: servers.tokens.consul,
    };
    const { code, answer } = await shell.json(["status"], wrong);
    expect(code).toBe(0);
    expect(answer.verdict).toBe("healthy");
    expect(answer.findings).toHaveLength(3);
    for (const finding of answer.findings) {
      expect(finding).toMatchObject({
        severity: "warning",
        what: expect.stringMatching(/its servers are not seen.*HTTP 403/),
      });
    }
    const doctor = await shell.caravan(["doctor"], wrong);
    expect(doctor.stdout).toMatch(/^note +vault of laptop +its servers are not seen/m);
  });

  test("a certificate that nobody vouches for is no answer", async () => {
    const { code, stdout } = await shell.caravan(["status"], { VAULT_CACERT: "" });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^down: vault: no answer: .*(self-signed certificate|unable to (get|verify))/m);
    expect(stdout).toContain("  fix: see that its address can be reached from here");
  });

  test("a server that takes connections and never answers is not waited for without an end", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((ready) => silent.listen(0, "127.0.0.1", ready));
    const { port } = silent.address() as { port: number };
    const begun = Date.now();
    const { code, stderr } = await shell.caravan(["wait", "--timeout", "2s"], {
      NOMAD_ADDR: `https://127.0.0.1:${port}`,
    });
    silent.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(/waited \d+ s in vain: nomad: no answer.*no answer within 10 s/);
    expect(stderr).toContain("fix: caravan status says what to do about each");
    expect(Date.now() - begun).toBeLessThan(40_000);
  });

  test("a Consul that nobody leads is down", async () => {
    const own = testScope();
    const port = await freePort();
    const args = ["agent", "-server", "-bootstrap-expect=3", "-bind=127.0.0.1", `-http-port=${port}`];
    const ports = (await Promise.all([freePort(), freePort()])).map(String);
    const agent = own.process(found.consul, [
      ...args,
      ...[
        "-dns-port=-1",
        "-grpc-tls-port=-1",
        `-server-port=${ports[0]}`,
        `-serf-lan-port=${ports[1]}`,
        "-serf-wan-port=-1",
      ],
      `-data-dir=${own.directory("consul")}`,
    ]);
    const address = `http://127.0.0.1:${port}`;
    await agent.until(async () => (await fetch(`${address}/v1/agent/self`)).ok, "Consul without a leader");
    const { code, stdout } = await shell.caravan(["status"], { CONSUL_HTTP_ADDR: address });
    expect(code).toBe(1);
    expect(stdout).toContain("laptop is down.");
    expect(stdout).toContain("down: consul: nobody leads\n  fix: start the servers that are stopped");
  });

  test("a sealed Vault is down to status, wait and doctor, and env gives no false token", async () => {
    await servers.client("vault").demand("sys/seal", { method: "PUT" });
    const status = await shell.caravan(["status"]);
    expect(status.code).toBe(1);
    expect(status.stdout).toContain("down: vault: sealed\n  fix: see that its servers can use the seal key");
    const waited = await shell.json(["wait", "--timeout", "1s"]);
    expect(waited).toMatchObject({ code: 1, answer: { error: { kind: "timeout" } } });
    expect(waited.stderr).toContain("waiting: vault: sealed");
    const doctor = await shell.caravan(["doctor"]);
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(/^problem +vault of laptop +sealed\n +fix: see that its servers/m);
    // Without a token of their own, Consul and Nomad are asked by way of Vault.
    const env = await shell.caravan(["env"], { CONSUL_HTTP_TOKEN: "" });
    expect(env.stdout).not.toContain("CONSUL_HTTP_TOKEN");
    expect(env).toMatchObject({ code: 1, stderr: expect.stringMatching(/no token for consul.*\n {2}fix: /) });
    await servers.unseal();
    expect((await shell.caravan(["wait"])).code).toBe(0);
  });

  test("who does not answer is down", async () => {
    await servers.stop("consul");
    const status = await shell.json(["status"]);
    expect(status.code).toBe(1);
    expect(status.answer).toMatchObject({ verdict: "down", findings: [{ about: "consul" }] });
    const doctor = await shell.caravan(["doctor"]);
    expect(doctor.stdout).toMatch(/^problem +consul of laptop +no answer: .*ECONNREFUSED/m);
  });
});
