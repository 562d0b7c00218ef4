import { X509Certificate } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Intention, Mesh } from "../../lib/platform";
import type { MeshAuthority } from "../../lib/platform/consul/mesh-authority";
import { productPrograms } from "../support/hashicorp/programs";
import { type Servers, startConsul, startVault } from "../support/hashicorp/servers";
import { resynthesize } from "../support/synth";
import { run, type Scope, suiteScope } from "../support/temporary";
import type { Terraform } from "../support/terraform";
import { describeWith, findTool } from "../support/tools";
import { platformDirectory, terraformFor } from "./platform";

const { vault, consul } = productPrograms;
const needs = { vault, consul, terraform: findTool("terraform"), root: process.getuid?.() === 0 ? true : undefined };

/** Consul reads credentials below this directory only. */
const SECRETS = "/run/secrets";

/** Actions without what makes ids unique. */
const bare = (actions: readonly string[]) => actions.map((action) => action.replace(/_[0-9A-F]{8}$/, ""));

const graph: readonly Intention[] = [
  { from: "web", to: "api" },
  { from: "api", to: "db" },
  { from: "*", to: "metrics" },
  { from: "batch", to: "metrics", action: "deny" },
  { from: "batch", to: "*" },
  { from: "batch", to: "api", action: "deny" },
];

/** What the graph says of a connection: the line that names both decides, then who is called, then who calls. */
function allows(from: string, to: string): boolean {
  const lines = [
    [from, to],
    ["*", to],
    [from, "*"],
  ].map(([source, destination]) => graph.find((line) => line.from === source && line.to === destination));
  const decides = lines.find((line) => line !== undefined);
  return decides !== undefined && decides.action !== "deny";
}

interface Root {
  readonly ID: string;
  readonly Active: boolean;
  readonly RootCert: string;
  readonly IntermediateCerts: readonly string[] | null;
}

describeWith("the mesh's authority in Vault", needs, (programs) => {
  const scope = suiteScope();
  let servers: Pick<Servers, "vault" | "consul">;
  let terraform: Terraform;
  let cwd: string;
  let authMethod: MeshAuthority["authMethod"];

  beforeAll(async () => {
    const [vault, consul] = await Promise.all([startVault(scope, programs.vault), startConsul(scope, programs.consul)]);
    servers = { vault, consul };
    authMethod = await letConsulIn(scope);
    await consul.must("PUT", "agent/service/register", { Name: "web", Port: 8080 });
    cwd = scope.directory("platform");
    terraform = terraformFor(scope, programs.terraform, cwd, servers);
    given({});
    await terraform.init();
  });

  /** What somebody does on servers that exist: a role of Vault whose id and secret stand on Consul's servers. */
  async function letConsulIn(own: Scope): Promise<MeshAuthority["authMethod"]> {
    const { vault } = servers;
    await vault.must("POST", "sys/auth/approle", { type: "approle" });
    await vault.must("POST", "auth/approle/role/consul", { token_policies: ["mesh-authority"], token_ttl: "1h" });
    const { data: id } = await vault.must("GET", "auth/approle/role/consul/role-id");
    const { data: secret } = await vault.must("POST", "auth/approle/role/consul/secret-id", {});
    const directory = join(SECRETS, `caravan-${process.pid}`);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    own.defer(() => rmSync(directory, { recursive: true, force: true }));
    const file = (name: string, content: string) => {
      writeFileSync(join(directory, name), content, { mode: 0o600 });
      return join(directory, name);
    };
    return {
      type: "approle",
      roleIdFile: file("role-id", id.role_id),
      secretIdFile: file("secret-id", secret.secret_id),
    };
  }

  function given(authority: MeshAuthority): void {
    const mesh: Mesh = { intentions: graph, authority: { ...authority, authMethod } };
    resynthesize(platformDirectory(scope, servers, { consul: { mesh } }), cwd);
  }

  async function applied(): Promise<readonly string[]> {
    const { actions } = await terraform.plan();
    await terraform.apply();
    expect((await terraform.plan()).actions).toEqual([]);
    return actions;
  }

  const roots = async (): Promise<{ all: readonly Root[]; active: Root }> => {
    const { Roots } = (await servers.consul.must("GET", "connect/ca/roots")) as { Roots: readonly Root[] };
    const active = Roots.find((root) => root.Active);
    if (active === undefined) throw new Error("no root is active");
    return { all: Roots, active };
  };

  /** The certificate that a workload gets now, with those between it and the root. */
  const leaf = async (service: string): Promise<readonly string[]> => {
    const { CertPEM } = await servers.consul.must("GET", `agent/connect/ca/leaf/${service}?max-age=0`);
    return String(CertPEM).match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
  };

  /** Whether a chain leads to a root, as a peer that trusts only that root sees it. */
  const leadsTo = (chain: readonly string[], { RootCert, IntermediateCerts }: Root): boolean => {
    const pool = [...chain.slice(1), ...(IntermediateCerts ?? []), RootCert].map((pem) => new X509Certificate(pem));
    const root = new X509Certificate(RootCert);
    const climb = (one: X509Certificate, left: number): boolean =>
      one.fingerprint256 === root.fingerprint256 ||
      (left > 0 &&
        pool.some(
          (above) => above !== one && one.checkIssued(above) && one.verify(above.publicKey) && climb(above, left - 1),
        ));
    return climb(new X509Certificate(chain[0] ?? ""), 4);
  };

  let builtIn: Root;
  let first: Root;
  let underFirst: readonly string[];

  test("takes over from Consul's own, which vouches for it, by a method instead of a token", async () => {
    builtIn = (await roots()).active;
    const before = await leaf("web");
    expect(leadsTo(before, builtIn)).toBe(true);
    const made = bare(await applied()).filter((action) => action.includes("mesh-authority"));
    expect(made).toEqual([
      "create consul_certificate_authority.mesh-authority",
      "create vault_mount.mesh-authority_intermediate",
      "create vault_mount.mesh-authority_root-1",
      "create vault_pki_secret_backend_root_cert.mesh-authority_root-1-certificate",
      "create vault_policy.mesh-authority_policy",
    ]);
    first = (await roots()).active;
    expect(new X509Certificate(first.RootCert).subject).toBe("CN=Mesh root 1 of dev");
    underFirst = await leaf("web");
    expect(leadsTo(underFirst, first)).toBe(true);
    // A peer that has not heard of the new root yet.
    expect(leadsTo(underFirst, builtIn)).toBe(true);
    expect(leadsTo(before, builtIn)).toBe(true);
  });

  test("who may call whom is what the graph says, pair by pair", async () => {
    const names = ["web", "api", "db", "metrics", "batch", "unheard-of"];
    const wrong: string[] = [];
    for (const from of names) {
      for (const to of names.filter((name) => name !== from)) {
        const { Allowed } = await servers.consul.must(
          "GET",
          `connect/intentions/check?source=${from}&destination=${to}`,
        );
        if (Allowed !== allows(from, to)) wrong.push(`${from} to ${to}: ${Allowed}`);
      }
    }
    expect(wrong).toEqual([]);
    const env = { CONSUL_HTTP_ADDR: servers.consul.address, CONSUL_HTTP_TOKEN: servers.consul.token };
    const asked = (from: string) => run(programs.consul, ["intention", "check", from, "api"], { env });
    expect((await asked("web")).stdout.trim()).toBe("Allowed");
    expect((await asked("batch")).stdout.trim()).toBe("Denied");
  });

  test("a certificate of it opens the connections that the graph allows, and no other", async () => {
    const authorize = (uri: string) =>
      servers.consul.must("POST", "agent/connect/authorize", {
        Target: "api",
        ClientCertURI: uri,
        ClientCertSerial: "01",
      });
    const uri = (new X509Certificate(underFirst[0] ?? "").subjectAltName ?? "").replace("URI:", "");
    expect((await authorize(uri)).Authorized).toBe(true);
    expect((await authorize(uri.replace("/svc/web", "/svc/pay"))).Authorized).toBe(false);
  });

  test("a new root is added, and nothing changes for anybody", async () => {
    given({ roots: { "1": {}, "2": {} }, active: "1" });
    expect(bare(await applied())).toEqual([
      "create vault_mount.mesh-authority_root-2",
      "create vault_pki_secret_backend_root_cert.mesh-authority_root-2-certificate",
      "update vault_policy.mesh-authority_policy",
    ]);
    expect((await roots()).active.ID).toBe(first.ID);
    expect((await leaf("web")).slice(1)).toEqual(underFirst.slice(1));
  });

  test("it is made active: new certificates are below it, old ones go on, each trusts the other", async () => {
    given({ roots: { "1": {}, "2": {} }, active: "2" });
    // Of the provider's making: it forgets the old configuration, which calls nothing, and sets the new.
    expect(await applied()).toEqual(["delete-create consul_certificate_authority.mesh-authority"]);
    const { active, all } = await roots();
    expect(new X509Certificate(active.RootCert).subject).toBe("CN=Mesh root 2 of dev");
    expect(all.map(({ ID }) => ID)).toContain(first.ID);
    const underSecond = await leaf("web");
    expect(leadsTo(underSecond, active)).toBe(true);
    expect(leadsTo(underSecond, first)).toBe(true);
    expect(leadsTo(underFirst, first)).toBe(true);
    expect(leadsTo(underFirst, active)).toBe(false);
  });

  test("the old one is dropped when nothing below it is left, and certificates are still signed", async () => {
    given({ roots: { "2": {} } });
    expect(bare(await applied())).toEqual([
      "delete vault_mount.mesh-authority_root-1",
      "delete vault_pki_secret_backend_root_cert.mesh-authority_root-1-certificate",
      "update vault_policy.mesh-authority_policy",
    ]);
    await servers.consul.must("PUT", "agent/service/register", { Name: "api", Port: 8081 });
    expect(leadsTo(await leaf("api"), (await roots()).active)).toBe(true);
  });
});
