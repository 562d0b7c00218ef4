import { execFileSync } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Product } from "../../lib/node/products";
import { ProductClient } from "../../lib/operate/product-client";
import { freePort, type RunningProcess, type Scope } from "../support/temporary";

export interface Programs {
  readonly vault: string;
  readonly consul: string;
  readonly nomad: string;
}

/**
 * One server each of Vault, Consul and Nomad on loopback, with TLS by a CA of their own and ACL, as a node configures them but
 * for what needs a cloud: Vault is unsealed by a key of its own.
 */
export class Servers {
  readonly tokens: Record<Product, string> = { vault: "", consul: randomUUID(), nomad: randomUUID() };

  private constructor(
    readonly ca: string,
    readonly urls: Readonly<Record<Product, string>>,
    private readonly begin: (product: Product) => RunningProcess,
    private readonly processes: Record<Product, RunningProcess>,
    private readonly directory: string,
  ) {}

  static async start(scope: Scope, programs: Programs): Promise<Servers> {
    const directory = scope.directory("servers");
    makeCertificates(directory);
    const port = Object.fromEntries(
      await Promise.all(
        ["vault", "vaultCluster", "consul", "consulRpc", "consulSerf", "nomad", "nomadRpc", "nomadSerf"].map(
          async (name) => [name, await freePort()] as const,
        ),
      ),
    );
    const tls = {
      cert: join(directory, "server.pem"),
      key: join(directory, "server.key"),
      ca: join(directory, "ca.pem"),
    };
    const at = (name: string) => join(directory, name);
    const configurations = {
      vault: {
        disable_mlock: true,
        api_addr: `https://127.0.0.1:${port["vault"]}`,
        cluster_addr: `https://127.0.0.1:${port["vaultCluster"]}`,
        listener: [
          {
            tcp: {
              address: `127.0.0.1:${port["vault"]}`,
              cluster_address: `127.0.0.1:${port["vaultCluster"]}`,
              tls_cert_file: tls.cert,
              tls_key_file: tls.key,
            },
          },
        ],
        storage: {
          raft: {
            path: scope.directory("vault"),
            node_id: "one",
            performance_multiplier: 1,
            autopilot_reconcile_interval: "1s",
            autopilot_update_interval: "1s",
          },
        },
      },
      consul: {
        server: true,
        bootstrap_expect: 1,
        data_dir: scope.directory("consul"),
        bind_addr: "127.0.0.1",
        client_addr: "127.0.0.1",
        datacenter: "dc1",
        performance: { raft_multiplier: 1 },
        ports: {
          http: -1,
          https: port["consul"],
          dns: -1,
          grpc: -1,
          grpc_tls: -1,
          server: port["consulRpc"],
          serf_lan: port["consulSerf"],
          serf_wan: -1,
        },
        acl: { enabled: true, default_policy: "deny", tokens: {} },
        encrypt: randomBytes(32).toString("base64"),
        tls: { defaults: { ca_file: tls.ca, cert_file: tls.cert, key_file: tls.key, verify_outgoing: true } },
      },
      nomad: {
        data_dir: scope.directory("nomad"),
        bind_addr: "127.0.0.1",
        advertise: { http: "127.0.0.1", rpc: "127.0.0.1", serf: "127.0.0.1" },
        server: { enabled: true, bootstrap_expect: 1, raft_multiplier: 1, encrypt: randomBytes(32).toString("base64") },
        ports: { http: port["nomad"], rpc: port["nomadRpc"], serf: port["nomadSerf"] },
        acl: { enabled: true },
        tls: { http: true, rpc: true, ca_file: tls.ca, cert_file: tls.cert, key_file: tls.key },
      },
    };
    for (const [name, configuration] of Object.entries(configurations)) {
      writeFileSync(at(`${name}.json`), JSON.stringify(configuration));
    }
    const env = { PATH: process.env["PATH"], HOME: directory };
    const begin = (product: Product) => {
      const verb = product === "vault" ? "server" : "agent";
      const option = product === "consul" ? "-config-file" : "-config";
      return scope.process(programs[product], [verb, `${option}=${at(`${product}.json`)}`], { env });
    };
    const processes = { vault: begin("vault"), consul: begin("consul"), nomad: begin("nomad") };
    const urls = {
      vault: `https://127.0.0.1:${port["vault"]}`,
      consul: `https://127.0.0.1:${port["consul"]}`,
      nomad: `https://127.0.0.1:${port["nomad"]}`,
    };
    const servers = new Servers(readFileSync(tls.ca, "utf8"), urls, begin, processes, directory);
    await Promise.all([servers.openVault(), servers.bootstrap("consul"), servers.bootstrap("nomad")]);
    return servers;
  }

  /** A client that has all rights, or those of a token. */
  client(product: Product, token?: string): ProductClient {
    return new ProductClient(
      product,
      { url: this.urls[product], ca: this.ca },
      async () => token ?? this.tokens[product],
    );
  }

  /** The endpoints as an environment is connected to. */
  get endpoints() {
    const endpoint = (product: Product) => ({ url: this.urls[product], ca: this.ca });
    return { vault: endpoint("vault"), consul: endpoint("consul"), nomad: endpoint("nomad") };
  }

  async stop(product: Product): Promise<void> {
    await this.processes[product].stop();
  }

  /** Stops a product and starts it again; Vault is unsealed. */
  async restart(product: Product): Promise<void> {
    await this.stop(product);
    this.processes[product] = this.begin(product);
    if (product !== "vault") return this.ready(product, "status/leader", `${product} answers`);
    await this.ready("vault", "sys/seal-status", "Vault answers");
    await this.unseal();
  }

  /** Unseals a Vault that was sealed. */
  async unseal(): Promise<void> {
    const key = readFileSync(join(this.directory, "unseal"), "utf8");
    await this.client("vault").demand("sys/unseal", { method: "PUT", body: { key }, token: null });
    await this.ready("vault", "sys/health", "Vault leads");
  }

  private async openVault(): Promise<void> {
    await this.ready("vault", "sys/seal-status", "Vault answers");
    const client = this.client("vault");
    const made = await client.demand<{ root_token: string; keys: string[] }>("sys/init", {
      method: "PUT",
      body: { secret_shares: 1, secret_threshold: 1 },
      token: null,
    });
    this.tokens.vault = made.root_token;
    writeFileSync(join(this.directory, "unseal"), made.keys[0] ?? "", { mode: 0o600 });
    await this.unseal();
  }

  private async bootstrap(product: "consul" | "nomad"): Promise<void> {
    const client = this.client(product);
    await this.processes[product].until(
      async () => {
        const { status } = await client.ask("acl/bootstrap", {
          method: "PUT",
          body: { BootstrapSecret: this.tokens[product] },
          token: null,
        });
        return status === 200;
      },
      `${product} is bootstrapped`,
      60_000,
    );
  }

  private ready(product: Product, path: string, what: string): Promise<void> {
    const asked = async () => (await this.client(product).ask(path, { token: null })).status === 200;
    return this.processes[product].until(asked, what, 60_000);
  }
}

/** A CA, and one certificate for everything that listens here. */
function makeCertificates(directory: string): void {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: directory, stdio: "ignore" });
  const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...ec,
    "-days",
    "30",
    "-subj",
    "/CN=ca",
    "-addext",
    "basicConstraints=critical,CA:TRUE",
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
  );
  openssl("req", ...ec, "-subj", "/CN=server", "-keyout", "server.key", "-out", "server.csr");
  const names =
    "DNS:localhost,DNS:server.dc1.consul,DNS:server.global.nomad,DNS:vault.prod.caravan.internal,DNS:consul.prod.caravan.internal,DNS:nomad.prod.caravan.internal,IP:127.0.0.1";
  writeFileSync(join(directory, "extensions"), `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`);
  openssl(
    "x509",
    "-req",
    "-in",
    "server.csr",
    "-CA",
    "ca.pem",
    "-CAkey",
    "ca.key",
    "-CAcreateserial",
    "-days",
    "10",
    "-extfile",
    "extensions",
    "-out",
    "server.pem",
  );
}
