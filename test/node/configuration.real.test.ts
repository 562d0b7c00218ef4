import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { files, type NodeProps, runsOf, units } from "../../lib/node";
import { keyVariables } from "../../lib/node/environment-file";
import { nodeFiles } from "../../lib/node/node-files";
import { productUnits } from "../../lib/node/system/product-units";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { anyNode } from "./arbitraries";
import { everything, server, worker } from "./examples";
import { Hosts } from "./hosts";

const needs = {
  vault: findTool("vault"),
  consul: findTool("consul"),
  nomad: findTool("nomad"),
  "systemd-analyze": findTool("systemd-analyze"),
  "root, for network namespaces": process.getuid?.() === 0 || undefined,
};

/** A certificate authority, a certificate and a key where the configuration looks for them, as first boot leaves them. */
const certificates = `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1 \
    -keyout /run/key -out /run/ca.pem 2>/dev/null
  for p in vault consul nomad; do mkdir -p /etc/$p.d/tls && cat /run/ca.pem /run/key > /etc/$p.d/tls/$p.pem; done`;

const sealNames = Object.values(keyVariables).flatMap(({ seal }) => seal.split(" "));

describeWith("files by the judgement of the programs", needs, (found) => {
  const scope = suiteScope();
  let hosts: Hosts;
  let machine = 0;

  /** A machine with a node's files on it, and nothing of another node. */
  const place = async (props: NodeProps): Promise<string> => {
    const name = `node${machine++ % 2}`;
    const old =
      "/etc/{vault,vault-agent,consul,nomad}.d/*.json /etc/caravan /etc/systemd/system/{vault,consul,nomad,caravan}*";
    await hosts.shell(
      name,
      `rm -rf ${old}; mkdir -p /etc/caravan /var/lib/vault; cp /run/ca.pem ${files.clusterCa.path}`,
    );
    hosts.write(name, nodeFiles(props));
    return name;
  };
  const says = async (name: string, ...command: string[]) => {
    const { code, stdout, stderr } = await hosts.run(name, command);
    return `${code === 0 ? "" : `exit code ${code}\n`}${stdout}${stderr}`;
  };
  const judgement = async (props: NodeProps) => {
    const name = await place(props);
    const runs = runsOf(props);
    const [nomad, consul, vault, agent] = await Promise.all([
      runs.includes("nomad") && says(name, found.nomad, "config", "validate", "/etc/nomad.d"),
      runs.includes("consul") && says(name, found.consul, "validate", "/etc/consul.d"),
      runs.includes("vault") && startOf(name, found.vault, "server", files.vaultConfig.path),
      startOf(name, found.vault, "agent", files.vaultAgentConfig.path),
    ]);
    return { nomad, consul, vault, agent };
  };
  /** What a program of Vault's says of its configuration when it starts; it gets no further here, for want of a cloud. */
  const startOf = async (name: string, vault: string, what: string, path: string) => {
    const output = await says(
      name,
      ...[
        "timeout",
        "-s",
        "KILL",
        "1",
        "env",
        ...sealNames.map((name) => `${name}=none`),
        vault,
        what,
        `-config=${path}`,
      ],
    );
    return /unknown or unsupported|error (?:parsing|loading)|invalid/i.test(output) ? output : "accepted";
  };
  const accepted = (props: NodeProps) => {
    const runs = runsOf(props);
    const valid = /^Configuration is valid!\n(WARNING: Number of bootstrap servers .*\n)?$/;
    return {
      nomad: runs.includes("nomad") && expect.stringMatching(valid),
      consul: runs.includes("consul") && "Configuration is valid!\n",
      vault: runs.includes("vault") && "accepted",
      agent: "accepted",
    };
  };

  beforeAll(async () => {
    hosts = await Hosts.start(scope, { node0: "10.9.0.10", node1: "10.9.0.11" });
    for (const name of ["node0", "node1"]) {
      await hosts.shell(name, certificates);
    }
  });

  test.each(Object.entries({ server, worker, ...everything }))(
    "%s: the programs accept their configuration",
    async (_, props) => {
      expect(await judgement(props)).toEqual(accepted(props));
    },
  );

  test("any valid props give files that the programs accept", async () => {
    await fc.assert(
      fc.asyncProperty(anyNode, async (props) => {
        expect(await judgement(props)).toEqual(accepted(props));
      }),
      // Each try takes a second: the first counterexample has to do.
      { numRuns: Number(process.env["CARAVAN_TEST_RUNS"] ?? 15), endOnFailure: true },
    );
  });

  test("a mistake in a file is seen", async () => {
    const name = await place(server);
    hosts.write(name, [{ ...files.nomadPeers, content: '{"server":{"no_such_thing":1}}' }]);
    hosts.write(name, [{ ...files.consulPeers, content: '{"no_such_thing":1}' }]);
    expect(await says(name, found.nomad, "config", "validate", "/etc/nomad.d")).toMatch(/no_such_thing/);
    expect(await says(name, found.consul, "validate", "/etc/consul.d")).toMatch(/no_such_thing/);
    hosts.write(name, [
      { ...files.vaultConfig, content: '{"no_such_thing":1,"storage":{"inmem":{}},"disable_mlock":true}' },
    ]);
    expect(await startOf(name, found.vault, "server", files.vaultConfig.path)).toMatch(/no_such_thing/);
  });

  test.each(Object.entries({ server, worker, ...everything }))(
    "%s: systemd finds nothing wrong in the units",
    async (_, props) => {
      const name = await place(props);
      // Programs that a node has and this machine may lack.
      const programs =
        "/usr/bin/vault /usr/bin/consul /usr/bin/nomad /usr/sbin/nft /usr/local/lib/caravan/first-boot.sh /usr/local/bin/caravan-node";
      const docker =
        "[ -e /etc/systemd/system/docker.service ] || printf '[Service]\\nExecStart=/bin/true\\n' > /etc/systemd/system/docker.service";
      await hosts.shell(
        name,
        `mkdir -p /usr/local/lib/caravan; for p in ${programs}; do [ -e $p ] || install -m 755 /bin/true $p; done; ${docker}`,
      );
      const own = nodeFiles(props)
        .map(({ path }) => path)
        .filter((path) => /^\/etc\/systemd\/system\/[^/]+$/.test(path));
      expect(await says(name, "systemd-analyze", "verify", "--man=no", ...own)).toBe("");

      const services = own.filter((path) => path.endsWith(".service"));
      const exposure = await says(name, "systemd-analyze", "security", "--offline=true", ...services);
      const levels = [...exposure.matchAll(/exposure level for (\S+): ([\d.]+)/g)].map(([, unit, level]) => [
        unit,
        Number(level),
      ]);
      console.info(`${name}: ${levels.map(([unit, level]) => `${unit} ${level}`).join(", ")}`);
      const sandboxed = Object.entries(productUnits(props)).filter(
        ([, unit]) => unit["Service"]?.["User"] !== undefined,
      );
      expect(sandboxed.length).toBeGreaterThan(0);
      for (const [unit] of sandboxed) expect(Object.fromEntries(levels)[unit]).toBeLessThan(2);
    },
  );

  test("every user and directory is made, and belongs to whom the table says", async () => {
    const name = await place(server);
    await hosts.shell(name, "systemd-sysusers 2>/dev/null; systemd-tmpfiles --create /etc/tmpfiles.d/caravan.conf");
    const list = await hosts.shell(
      name,
      "stat -c '%n %a %U:%G' /etc/vault.d{,/tls,/vault.json} /etc/consul.d/secret /var/lib/{vault,consul,nomad} /run/caravan",
    );
    expect(list.trim().split("\n")).toEqual([
      "/etc/vault.d 755 root:root",
      "/etc/vault.d/tls 2750 vault-agent:vault",
      "/etc/vault.d/vault.json 640 root:vault",
      "/etc/consul.d/secret 2750 vault-agent:consul",
      "/var/lib/vault 700 vault:vault",
      "/var/lib/consul 700 consul:consul",
      "/var/lib/nomad 700 nomad:nomad",
      "/run/caravan 700 root:root",
    ]);
    const user = await hosts.shell(name, "getent passwd vault | cut -d: -f6,7");
    expect(user.trim()).toBe("/nonexistent:/usr/sbin/nologin");
  });

  test("names of units are those of the table", () => {
    const names = Object.keys(productUnits(server));
    expect(names).toEqual([units.vault, units.consul, units.nomad, units.vaultAgent]);
  });
});
