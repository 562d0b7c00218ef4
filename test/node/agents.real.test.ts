import { beforeAll, expect, test } from "vitest";
import { consulRoles, files, type NodeProps, nodeSecrets, pkiRole, units, vaultMounts } from "../../lib/node";
import { vaultAgentConfiguration } from "../../lib/node/configuration/vault-agent";
import { nodeFiles } from "../../lib/node/node-files";
import { productUnits } from "../../lib/node/system/product-units";
import { type RunningProcess, suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { server as aServer, worker as aWorker } from "./examples";
import { Hosts } from "./hosts";

const SERVER = "10.9.0.10";
const WORKER = "10.9.0.11";
const KMS = "http://127.0.0.1:15999";

const cluster = {
  servers: { main: { count: 1, runs: ["vault", "consul", "nomad"] } },
  discovery: "addresses",
} as const;
const server: NodeProps = { ...aServer, ...cluster };
const worker: NodeProps = { ...aWorker, ...cluster, nodePool: "batch", labels: { zone: "a" } };

const needs = {
  vault: findTool("vault"),
  consul: findTool("consul"),
  nomad: findTool("nomad"),
  moto_server: findTool("moto_server"),
  jq: findTool("jq"),
  python3: findTool("python3"),
  "root, for network namespaces": process.getuid?.() === 0 || undefined,
};

/** Signs a server's certificate as first boot does: certificate, CA, key in one file. */
const sign = `sign() { # PRODUCT NAMES
  cd /root; openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=\${2%%,*}" -keyout k -out r 2>/dev/null
  openssl x509 -req -in r -CA ca.pem -CAkey ca.key -days 30 -out c 2>/dev/null -extfile <(
    echo "subjectAltName=DNS:\${2//,/,DNS:},DNS:localhost,IP:127.0.0.1,IP:${SERVER}"; echo extendedKeyUsage=serverAuth,clientAuth)
  cat c ca.pem k > /etc/$1.d/tls/$1.pem; chown vault-agent:$1 /etc/$1.d/tls/$1.pem; chmod 640 /etc/$1.d/tls/$1.pem; }`;

describeWith("agents started from the rendered files", needs, (found) => {
  const scope = suiteScope();
  const running: Record<string, RunningProcess> = {};
  /** What each agent told systemd. */
  const notices: Record<string, RunningProcess> = {};
  let hosts: Hosts;

  /** Starts a unit's own command as its own user, with its own environment. */
  const start = (machine: string, props: NodeProps, unit: string) => {
    const { Service: service } = productUnits(props)[unit] ?? {};
    const user = service?.["User"];
    const unset = String(service?.["UnsetEnvironment"] ?? "");
    const command = String(service?.["ExecStart"]).replace("/usr/bin/", "");
    const pre = String(service?.["ExecStartPre"] ?? "-true").slice(1);
    const script = [
      "set -a; . /etc/caravan/node; . /etc/caravan/environment; set +a",
      unset === "" ? "" : `unset ${unset}`,
      pre,
      `exec ${user === undefined ? "" : `env HOME=/nonexistent setpriv --reuid=${user} --regid=${user} --clear-groups --no-new-privs `}${command}`,
    ].join("\n");
    const notice = hosts.start(machine, ["python3", "-uc", notified, `/run/${unit}`]);
    if (service?.["Type"] === "notify") notices[`${machine} ${unit}`] = notice;
    const environment = { AWS_KMS_ENDPOINT: KMS, NOTIFY_SOCKET: `/run/${unit}`, ...credentials };
    const process = hosts.start(
      machine,
      ["bash", "-c", `while [ ! -S /run/${unit} ]; do sleep 0.05; done\n${script}`],
      environment,
    );
    running[`${machine} ${unit}`] = process;
    return process;
  };
  /** Waits for a script to succeed on a machine, as long as the agent lives that it waits for. */
  const until = (machine: string, unit: string, script: string, agent = `${machine} ${unit}`) =>
    running[agent]?.until(
      async () => (await hosts.run(machine, ["bash", "-euo", "pipefail", "-c", script])).code === 0,
      `${unit} on ${machine}`,
    );

  beforeAll(async () => {
    hosts = await Hosts.start(scope, { server: SERVER, worker: WORKER });
    for (const [name, props] of Object.entries({ server, worker })) {
      hosts.write(name, nodeFiles(props));
      const names = ["vault", "consul", "nomad"].map((product) => `${product}.prod.caravan.internal`).join(" ");
      await hosts.shell(
        name,
        `systemd-sysusers 2>/dev/null; systemd-tmpfiles --create /etc/tmpfiles.d/caravan.conf; echo '${SERVER} ${names}' >> /etc/hosts`,
      );
    }
    const moto = hosts.start("server", [found.moto_server, "-H", "127.0.0.1", "-p", "15999"]);
    await hosts.shell(
      "server",
      `cd /root; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=caravan" -keyout ca.key -out ca.pem 2>/dev/null
       cp ca.pem ${files.clusterCa.path}; chmod 644 ${files.clusterCa.path}; ${sign}
       sign vault vault.prod.caravan.internal
       sign consul server.eu-central-1.consul,consul.prod.caravan.internal
       sign nomad server.global.nomad,nomad.prod.caravan.internal`,
    );
    hosts.write("worker", [
      { ...files.clusterCa, content: await hosts.shell("server", "cat /root/ca.pem") },
      { ...files.environment, content: "\n" },
      { ...files.consulPeers, content: JSON.stringify({ retry_join: [SERVER] }) },
      { ...files.nomadPeers, content: JSON.stringify({ client: { server_join: { retry_join: [SERVER] } } }) },
    ]);
    await hosts.shell("worker", "systemd-tmpfiles --create /etc/tmpfiles.d/caravan.conf");
    await moto.until(async () => (await hosts.run("server", ["curl", "-sf", `${KMS}/moto-api/`])).code === 0, "moto");
    const create = `curl -sS ${KMS}/ -H 'X-Amz-Target: TrentService.CreateKey' -H 'Content-Type: application/x-amz-json-1.1' \
      -H 'Authorization: AWS4-HMAC-SHA256 Credential=x/20260101/eu-central-1/kms/aws4_request, SignedHeaders=host, Signature=a' -d '{}' | jq -r .KeyMetadata.Arn`;
    await hosts.shell(
      "server",
      `printf 'VAULT_AWSKMS_SEAL_KEY_ID="%s"\\nAWSKMS_WRAPPER_KEY_ID="%s"\\n' "$(${create})" "$(${create})" > ${files.environment.path}
       uuid() { tr -d '\n' < /proc/sys/kernel/random/uuid; }
       uuid > /root/consul.token; uuid > /root/nomad.token; openssl rand -base64 32 | tr -d '\\n' > /root/gossip
       jq -n --rawfile k /root/gossip '{encrypt: $k, bootstrap_expect: 1}' > ${files.consulSecret.path}
       jq -n --rawfile k /root/gossip '{server: {encrypt: $k, bootstrap_expect: 1}}' > ${files.nomadSecret.path}
       chown vault-agent:consul ${files.consulSecret.path}; chown vault-agent:nomad ${files.nomadSecret.path}
       chmod 640 ${files.consulSecret.path} ${files.nomadSecret.path}`,
    );
  });

  test("Vault unseals itself by the key of the environment file, and warns of nothing", async () => {
    const vault = start("server", server, units.vault);
    await until("server", units.vault, api("vault", "sys/seal-status"));
    await hosts.shell(
      "server",
      `${api("vault", "sys/init", `-X POST -d '{"recovery_shares":1,"recovery_threshold":1}'`)} | jq -r .root_token | tr -d '\\n' > /root/vault.token`,
    );
    await until("server", units.vault, `${api("vault", "sys/leader")} | jq -e .is_self`);
    expect(vault.output).not.toMatch(/unknown or unsupported|duplicate header/);
    const status = await hosts.shell("server", `${api("vault", "sys/leader")} | jq -r '.leader_address'`);
    expect(status.trim()).toBe(`https://${SERVER}:8200`);
    const headers = await hosts.shell(
      "server",
      `curl -sSI --cacert ${files.clusterCa.path} https://localhost:8200/v1/sys/health`,
    );
    expect(headers).toMatch(/strict-transport-security: max-age=31536000/i);
  });

  test("Consul leads and denies who has no token", async () => {
    start("server", server, units.consul);
    await until("server", units.consul, `${api("consul", "status/leader")} | jq -e '. != ""'`);
    await hosts.shell(
      "server",
      `jq -n --arg t "$(cat /root/consul.token)" '{BootstrapSecret: $t}' | ${api("consul", "acl/bootstrap", "-X PUT -d @- --retry 5 --retry-all-errors")}`,
    );
    const kv = await hosts.run("server", [
      "bash",
      "-c",
      `${api("consul", "kv/a").replace("-sSf", "-sS")} -o /dev/null -w '%{http_code}'`,
    ]);
    expect(kv.stdout).toBe("403");
  });

  test("Nomad leads, its keyring wrapped by the key of the environment file", async () => {
    const nomad = start("server", server, units.nomad);
    await until("server", units.nomad, `${api("nomad", "status/leader")} | jq -e '. != ""'`);
    await hosts.shell(
      "server",
      `jq -n --arg t "$(cat /root/nomad.token)" '{BootstrapSecret: $t}' | ${api("nomad", "acl/bootstrap", "-X POST -d @- --retry 5 --retry-all-errors")}`,
    );
    await nomad.until(async () => nomad.output.includes("initialized keyring"), "the keyring");
    expect(nomad.output).not.toMatch(/could not add initial key|"@level":"error"/);
  });

  test("Vault Agent writes a worker's files for those who read them, and for nobody else", async () => {
    const consulRole = (name: string, policy: string) =>
      `${as("consul")} -X PUT -d '${JSON.stringify({ Name: name, Rules: policy })}' https://127.0.0.1:8501/v1/acl/policy
       vault write ${vaultMounts.consul}/roles/${name} consul_policies=${name} ttl=1h max_ttl=24h`;
    await hosts.shell(
      "server",
      `export VAULT_ADDR=https://127.0.0.1:8200 VAULT_CACERT=${files.clusterCa.path} VAULT_TOKEN=$(cat /root/vault.token)
       vault secrets enable -path=${vaultMounts.pki} -max-lease-ttl=8760h pki
       cat /root/ca.pem /root/ca.key | vault write ${vaultMounts.pki}/issuers/import/bundle pem_bundle=-
       vault write ${vaultMounts.pki}/roles/${pkiRole("consul", "worker")} allowed_domains=client.eu-central-1.consul,localhost allow_bare_domains=true key_type=ec key_bits=256 max_ttl=720h
       vault write ${vaultMounts.pki}/roles/${pkiRole("nomad", "worker")} allowed_domains=client.global.nomad,localhost allow_bare_domains=true key_type=ec key_bits=256 max_ttl=720h
       vault secrets enable -path=${vaultMounts.secrets} -version=2 kv
       until vault kv put -mount=${vaultMounts.secrets} ${nodeSecrets.consulGossip.path} ${nodeSecrets.consulGossip.field}=@/root/gossip; do sleep .2; done
       ${as("nomad")} -X POST -d '{"NodePool":"batch","TTL":"10m"}' https://127.0.0.1:4646/v1/acl/identity/client-introduction-token | jq -j .JWT > /root/jwt
       vault kv put -mount=${vaultMounts.secrets} ${nodeSecrets.introduction("general").path} ${nodeSecrets.introduction("general").field}=@/root/jwt
       vault secrets enable -path=${vaultMounts.consul} consul
       vault write ${vaultMounts.consul}/config/access address=127.0.0.1:8501 scheme=https ca_cert=@${files.clusterCa.path} token=@/root/consul.token
       ${consulRole(consulRoles.agent("general"), 'node_prefix "" { policy = "write" } service_prefix "" { policy = "read" }')}
       ${consulRole(consulRoles.nomadClient("general"), 'agent_prefix "" { policy = "read" } node_prefix "" { policy = "read" } service_prefix "" { policy = "write" }')}
       ${consulRole(consulRoles.dns, 'node_prefix "" { policy = "read" } service_prefix "" { policy = "read" }')}`,
    );
    // The cloud's sign-in is the only thing that is not here: the agent gets a token instead.
    const configuration = vaultAgentConfiguration(worker);
    hosts.write("worker", [
      { path: "/run/token", mode: "0644", content: await hosts.shell("server", "cat /root/vault.token") },
      {
        ...files.vaultAgentConfig,
        content: JSON.stringify({
          ...configuration,
          auto_auth: { method: [{ type: "token_file", config: { token_file_path: "/run/token" } }] },
        }),
      },
    ]);
    await hosts.shell("worker", `chown root:vault-agent ${files.vaultAgentConfig.path}`);
    const agent = start("worker", worker, units.vaultAgent);
    const expected = [
      files.consulCertificate,
      files.consulSecret,
      files.nomadCertificate,
      files.nomadSecret,
      files.nomadIntroduction,
    ];
    await until("worker", units.vaultAgent, expected.map(({ path }) => `test -s ${path}`).join(" && "));
    const list = await hosts.shell("worker", `stat -c '%n %a %U %G' ${expected.map(({ path }) => path).join(" ")}`);
    expect(list.trim().split("\n")).toEqual(
      expected.map(({ path, mode, owner, group }) => `${path} ${mode.replace(/^0/, "")} ${owner} ${group}`),
    );
    expect(agent.output).not.toMatch(/unknown or unsupported|"@level":"error"/);
    const names = await hosts.shell(
      "worker",
      `openssl x509 -noout -ext subjectAltName -in ${files.consulCertificate.path}`,
    );
    expect(names).toContain(
      "DNS:client.eu-central-1.consul, DNS:localhost, IP Address:127.0.0.1, IP Address:10.9.0.11",
    );
  });

  test("a worker's Consul joins with its own certificate and tokens, and answers names", async () => {
    start("worker", worker, units.consul);
    await until("worker", units.consul, `${api("consul", "status/leader")} | jq -e '. != ""'`);
    await until(
      "server",
      units.consul,
      `${as("consul")} https://127.0.0.1:8501/v1/agent/members | jq -e '[.[] | select(.Status == 1)] | length == 2'`,
    );
    const answer = await hosts.shell("worker", resolve("consul.service.consul", WORKER));
    expect(JSON.parse(answer)).toEqual([SERVER]);
  });

  test("a worker's Nomad is introduced to its pool, knows where its jobs ask names, and runs nothing raw", async () => {
    const nomad = start("worker", worker, units.nomad);
    await until(
      "server",
      units.nomad,
      `${as("nomad")} https://127.0.0.1:4646/v1/nodes | jq -e '.[] | select(.Status == "ready" and .NodePool == "batch")'`,
      `worker ${units.nomad}`,
    );
    const node = JSON.parse(
      await hosts.shell(
        "server",
        `${as("nomad")} "https://127.0.0.1:4646/v1/node/$(${as("nomad")} https://127.0.0.1:4646/v1/nodes | jq -r '.[0].ID')"`,
      ),
    );
    expect(node.Meta).toMatchObject({
      zone: "a",
      "caravan.group": "general",
      "connect.sidecar_image": "docker.io/envoyproxy/envoy:v1.35.8",
    });
    expect(node.Attributes["consul.dns.port"]).toBe("8600");
    expect(node.Attributes["unique.consul.dns.addr"]).toBe(WORKER);
    expect(node.Attributes["driver.raw_exec"]).toBeUndefined();
    // There is no container engine on the machine of the test.
    const errors = nomad.output.split("\n").filter((line) => line.includes('"@level":"error"'));
    expect(errors.filter((line) => !line.includes("Cannot connect to the Docker daemon"))).toEqual([]);
  });

  test.each(["vault", "consul", "nomad"] as const)(
    "%s serves a new certificate after SIGHUP, without a restart",
    async (product) => {
      const port = { vault: 8200, consul: 8501, nomad: 4646 }[product];
      const served = `openssl s_client -connect 127.0.0.1:${port} </dev/null 2>/dev/null | openssl x509 -noout -serial`;
      const before = await hosts.shell("server", served);
      const name = {
        vault: "vault.prod.caravan.internal",
        consul: "server.eu-central-1.consul",
        nomad: "server.global.nomad",
      }[product];
      await hosts.shell("server", `${sign}; sign ${product} ${name}; pkill -HUP -x ${product} --ns $$ --nslist net`);
      await until("server", units[product], `[ "$(${served})" != "${before.trim()}" ]`);
    },
  );

  test("who is of Type=notify tells systemd when it is ready: units that wait for it get their turn", async () => {
    expect(Object.keys(notices)).toHaveLength(4);
    for (const [unit, notice] of Object.entries(notices)) {
      await notice.until(async () => notice.output.includes("READY=1"), `${unit} says that it is ready`, 5_000);
    }
  });

  test("SIGTERM means leave: Consul and Nomad take a worker out of the cluster", async () => {
    await hosts.shell(
      "worker",
      "pkill -TERM -x nomad --ns $$ --nslist net; sleep 2; pkill -TERM -x consul --ns $$ --nslist net",
    );
    await until(
      "server",
      units.nomad,
      `${as("nomad")} https://127.0.0.1:4646/v1/nodes | jq -e '.[0].SchedulingEligibility == "ineligible"'`,
    );
    await until(
      "server",
      units.consul,
      `${as("consul")} https://127.0.0.1:8501/v1/agent/members | jq -e '[.[] | select(.Status == 1)] | length == 1'`,
    );
  });
});

/** Prints what arrives at a socket such as systemd hands to a service of Type=notify. */
const notified = `import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1] + ".new"); os.chmod(sys.argv[1] + ".new", 0o777); os.rename(sys.argv[1] + ".new", sys.argv[1])
while True: print(s.recv(4096).decode(), flush=True)`;

const credentials = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };

function api(product: "vault" | "consul" | "nomad", path: string, options = ""): string {
  const port = { vault: 8200, consul: 8501, nomad: 4646 }[product];
  return `curl -sSf --cacert ${files.clusterCa.path} ${options} https://127.0.0.1:${port}/v1/${path}`;
}

/** curl with the product's bootstrap token. */
function as(product: "consul" | "nomad"): string {
  return `curl -sSf --cacert ${files.clusterCa.path} -H "X-${product === "consul" ? "Consul" : "Nomad"}-Token: $(cat /root/${product}.token)"`;
}

/** Asks Consul's DNS on an address, as jobs in a network of their own do. */
function resolve(name: string, at: string): string {
  const script = `const r = new (require("dns").promises.Resolver)(); r.setServers(["${at}:8600"]); r.resolve4("${name}").then((a) => console.log(JSON.stringify(a)))`;
  return `${process.execPath} -e '${script}'`;
}
