import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import {
  type EnvironmentValues,
  environmentFile,
  environmentVariable,
  files,
  nodeFiles,
  type ServerNodeProps,
  units,
} from "../../lib/node";
import { run, type Scope, suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { environmentValues, server } from "./examples";

const needs = {
  vault: findTool("vault"),
  consul: findTool("consul"),
  nomad: findTool("nomad"),
  moto_server: findTool("moto_server"),
  "systemd-nspawn": findTool("systemd-nspawn"),
  script: findTool("script"),
  "root, to boot a container": process.getuid?.() === 0 || undefined,
};

const props: ServerNodeProps = {
  ...server,
  servers: { main: { count: 1, runs: ["vault", "consul", "nomad"] } },
  discovery: "addresses",
  software: { from: "baked" },
};

/** Hard to carry through bash and systemd. */
const awkward = 'a "quote" $(id) `id` \\ ü\nand a second line';

/** What first boot does until agents can start, in short: a CA, certificates, gossip keys. */
const firstBoot = `#!/bin/bash
set -e; cd /var/lib/caravan; exec > boot.log 2>&1
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3 -subj /CN=caravan -keyout ca.key -out ca.pem
install -m 644 ca.pem ${files.clusterCa.path}
sign() {
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -keyout k -out r
  openssl x509 -req -in r -CA ca.pem -CAkey ca.key -days 3 -out c -extfile <(echo "subjectAltName=DNS:$2,DNS:localhost,IP:127.0.0.1"; echo extendedKeyUsage=serverAuth,clientAuth)
  cat c ca.pem k > new; chown vault-agent:$1 new; chmod 640 new; mv new /etc/$1.d/tls/$1.pem
}
declare -f sign > sign.sh
sign vault vault.prod.caravan.internal; sign consul server.eu-central-1.consul; sign nomad server.global.nomad
key=$(openssl rand -base64 32)
echo "{\\"encrypt\\":\\"$key\\",\\"bootstrap_expect\\":1}" > ${files.consulSecret.path}
echo "{\\"server\\":{\\"encrypt\\":\\"$key\\",\\"bootstrap_expect\\":1}}" > ${files.nomadSecret.path}
chgrp consul ${files.consulSecret.path}; chgrp nomad ${files.nomadSecret.path}; chmod 640 /etc/*.d/secret/secret.json
systemctl start --no-block vault consul nomad
until curl -s --cacert ca.pem https://127.0.0.1:8200/v1/sys/health >/dev/null; do sleep 0.5; done
systemctl start --no-block vault-agent
`;

/** Runs in the container, and leaves a line of \`name=value\` for each thing that the tests ask. */
const observe = `set -u
echo '10.9.0.10 vault.prod.caravan.internal' >> /etc/hosts; ip addr add 10.9.0.10/24 dev host0; ip link set host0 up; ip route add default via 10.9.0.1
systemd-sysusers; systemd-tmpfiles --create /etc/tmpfiles.d/caravan.conf
systemctl start moto; until curl -sf http://127.0.0.1:15999/moto-api/ >/dev/null; do sleep 0.2; done
for name in VAULT_AWSKMS_SEAL_KEY_ID AWSKMS_WRAPPER_KEY_ID; do
  key=$(curl -sS http://127.0.0.1:15999/ -H 'X-Amz-Target: TrentService.CreateKey' -H 'Content-Type: application/x-amz-json-1.1' \\
    -H 'Authorization: AWS4-HMAC-SHA256 Credential=x/20260101/eu-central-1/kms/aws4_request, SignedHeaders=host, Signature=a' -d '{}' | jq -r .KeyMetadata.Arn)
  sed -i "s|^$name=.*|$name=\\"$key\\"|" ${files.environment.path}
done
printf 'AWS_ACCESS_KEY_ID="x"\\nAWS_SECRET_ACCESS_KEY="y"\\nAWS_KMS_ENDPOINT="http://127.0.0.1:15999"\\n' >> ${files.environment.path}
systemctl daemon-reload; systemctl enable --now ${units.firstBoot} $(cd /etc/systemd/system; ls caravan-renewed-*.path)
ask() { curl -sS --cacert ${files.clusterCa.path} "$@"; }
until ask -X POST -d '{"recovery_shares":1,"recovery_threshold":1}' https://127.0.0.1:8200/v1/sys/init | grep -q root_token; do sleep 0.5; done
for n in $(seq 60); do ask https://127.0.0.1:8200/v1/sys/leader | grep -q '"is_self":true' && ask https://127.0.0.1:4646/v1/status/leader | grep -q 4647 &&
  ask https://127.0.0.1:8501/v1/status/leader | grep -q 8300 && break; sleep 0.5; done
echo "vault=$(ask https://127.0.0.1:8200/v1/sys/leader | jq .is_self)"
echo "nomad=$(ask https://127.0.0.1:4646/v1/status/leader)"; echo "consul=$(ask https://127.0.0.1:8501/v1/status/leader)"
for u in vault consul nomad vault-agent caravan-first-boot; do echo "state-$u=$(systemctl is-active $u)"; done
of() { tr '\\n\\0' '|\\n' < "/proc/$(systemctl show -p MainPID --value $1)/environ"; }
echo "value=$(of nomad | sed -n 's/^${environmentVariable("bucket")}=//p')"
echo "vault-sees-nomads-key=$(of vault | grep -c '^AWSKMS_WRAPPER_KEY_ID=')"; echo "node-id=$(cat /var/lib/vault/node-id)"
for u in vault consul nomad vault-agent; do
  p=/proc/$(systemctl show -p MainPID --value $u); echo "who-$u=$(stat -c %U $p) $(awk '/^Seccomp:|^NoNewPrivs:|^CapBnd:/ { printf "%s ", $2 }' $p/status)"
  echo "core-$u=$(awk '/core file/ { print $5 $6 }' $p/limits)"
done
serial() { echo | openssl s_client -connect 127.0.0.1:8501 2>/dev/null | openssl x509 -noout -serial; }
before=$(serial); pid=$(systemctl show -p MainPID --value consul); cd /var/lib/caravan; . ./sign.sh; sign consul server.eu-central-1.consul >/dev/null 2>&1
for n in $(seq 20); do [ "$(serial)" = "$before" ] || break; sleep 0.5; done
echo "renewed=$([ "$(serial)" != "$before" ] && echo yes) $([ "$pid" = "$(systemctl show -p MainPID --value consul)" ] && echo same-process)"
# One that takes two seconds to begin, which SIGHUP ends as it ends Consul in its first moments.
mkdir -p /run/systemd/system/consul.service.d; printf '[Service]\\nExecStart=\\nExecStart=/bin/sh -c "sleep 2; exec %s"\\n' \
  "$(sed -n 's/^ExecStart=//p' /etc/systemd/system/consul.service)" > /run/systemd/system/consul.service.d/slow.conf; systemctl daemon-reload
systemctl restart consul; pid=$(systemctl show -p MainPID --value consul)
systemctl start ${units.renewed("consul")} && [ "$pid" = "$(systemctl show -p MainPID --value consul)" ] && echo "early-reload=borne"
rm -r /run/systemd/system/consul.service.d; systemctl daemon-reload
systemd-cat -t caravan echo one; sleep 1
(cd /usr/local/lib/caravan; . ./common.sh; cursor=/root/cursor; me=i-0; eval "$(sed -n '/^ship() /,/^}/p' log.sh)"
  tell() { jq -c 'map(.message)' "$2" >> /root/told; }; ship; ship; systemd-cat -t caravan echo two; sleep 1; ship)
echo "told-first=$(head -n 1 /root/told)"; echo "told-then=$(tail -n +2 /root/told | tr -d '\\n')"
systemctl restart nomad && echo "restarted=$(systemctl is-active nomad)"
kill -9 "$(systemctl show -p MainPID --value consul)"; sleep 1; echo "killed=$(systemctl is-active consul)"
systemctl poweroff`;

/** This machine's own tree, with what is written laid over it, booted with systemd in a container; what `observe` saw. */
async function boot(scope: Scope, programs: readonly string[], moto: string): Promise<Record<string, string>> {
  const base = scope.directory("container");
  const seed = scope.directory("seed");
  const values: EnvironmentValues = { ...environmentValues, bucket: awkward };
  const unit = (lines: string) => ({ mode: "0644", content: lines });
  const all: Record<string, { mode: string; content: string }> = {
    ...Object.fromEntries(nodeFiles(props).map(({ path, mode, content }) => [path, { mode, content }])),
    [files.environment.path]: { mode: "0644", content: environmentFile(values) },
    [files.firstBoot.path]: { mode: "0755", content: firstBoot },
    "/root/observe.sh": { mode: "0755", content: observe },
    "/etc/systemd/system/moto.service": unit(`[Service]\nExecStart=${moto} -H 127.0.0.1 -p 15999\n`),
    "/etc/systemd/system/observe.service": unit(
      "[Unit]\nAfter=multi-user.target\n[Service]\nStandardOutput=file:/root/seen\nStandardError=null\nExecStart=/bin/bash /root/observe.sh\n",
    ),
  };
  for (const [path, { mode, content }] of Object.entries(all)) {
    mkdirSync(dirname(join(seed, path)), { recursive: true });
    writeFileSync(join(seed, path), content);
    chmodSync(join(seed, path), Number.parseInt(mode, 8));
  }
  const script = [
    "set -e",
    `mount -t tmpfs container ${base}; mkdir ${base}/{up,work,root}`,
    `mount -t overlay root -o lowerdir=/,upperdir=${base}/up,workdir=${base}/work ${base}/root`,
    `cp -r ${seed}/. ${base}/root/`,
    `mkdir -p ${base}/root/etc/systemd/system/multi-user.target.wants`,
    `ln -s ../observe.service ${base}/root/etc/systemd/system/multi-user.target.wants/`,
    ...programs.map((program) => `install -m 755 ${program} ${base}/root/usr/bin/`),
    // nspawn wants a terminal.
    `timeout 200 script -qfc 'systemd-nspawn -D ${base}/root --boot --register=no --keep-unit --network-veth --machine=caravan-test' ${base}/console </dev/null >/dev/null || true`,
    `tail -n 40 ${base}/console >&2; cat ${base}/root/root/seen`,
  ].join("\n");
  const { stdout, stderr } = await run(
    "unshare",
    ["--mount", "--net", "--propagation", "private", "bash", "-c", script],
    { timeoutMs: 240_000 },
  );
  const seen = Object.fromEntries([...stdout.matchAll(/^([a-z-]+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
  if (seen["killed"] === undefined) throw new Error(`the container did not get to its end\n${stdout}\n${stderr}`);
  return seen;
}

describeWith("units run by systemd", needs, (found) => {
  const scope = suiteScope();
  let seen: Record<string, string>;

  beforeAll(async () => {
    seen = await boot(scope, [found.vault, found.consul, found.nomad], found.moto_server);
  });

  test("in their sandboxes, Vault, Consul and Nomad lead a cluster of one, and Vault Agent waits for its sign-in", () => {
    expect(seen).toMatchObject({
      vault: "true",
      consul: '"10.9.0.10:8300"',
      nomad: '"10.9.0.10:4647"',
      "state-vault": "active",
      "state-consul": "active",
      "state-nomad": "active",
      "state-vault-agent": "active",
      "state-caravan-first-boot": "active",
    });
    for (const user of ["vault", "consul", "nomad", "vault-agent"]) {
      // No capability, no new privileges, system calls filtered, no core dump.
      expect({ user, is: seen[`who-${user}`], core: seen[`core-${user}`] }).toEqual({
        user,
        is: `${user} 0000000000000000 1 2 `,
        core: "00",
      });
    }
  });

  test("systemd reads the environment file as bash does", () => {
    expect(seen["value"]).toBe(awkward.replace("\n", "|"));
  });

  test("Vault does not see the key of Nomad's keyring, and keeps an id of its own", () => {
    expect(seen["vault-sees-nomads-key"]).toBe("0");
    expect(seen["node-id"]).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  test("a new certificate reaches the agent by its path unit, without a restart", () => {
    expect(seen["renewed"]).toBe("yes same-process");
  });

  test("what units say is taken from the journal, each line once", () => {
    expect(JSON.parse(seen["told-first"] ?? "")).toEqual(
      expect.arrayContaining([expect.stringMatching(/^caravan software: programs at their versions/), "one"]),
    );
    expect(seen["told-then"]).toBe('["two"]');
  });

  test("a new certificate does not end a Consul that has just begun", () => {
    expect(seen["early-reload"]).toBe("borne");
  });

  test("an agent that is restarted or dies comes back", () => {
    expect(seen["restarted"]).toBe("active");
    expect(["activating", "active"]).toContain(seen["killed"]);
  });
});
