import { cpSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { files, type NodeProps, nodeFiles } from "../../lib/node";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { server, worker } from "./examples";
import { Hosts } from "./hosts";
import { type FakePackage, type PackageMirror, packageMirror } from "./package-mirror";

const needs = {
  "apt-get": findTool("apt-get"),
  "dpkg-deb": findTool("dpkg-deb"),
  gpg: findTool("gpg"),
  python3: findTool("python3"),
  "update-ca-certificates": findTool("update-ca-certificates"),
  "root, for network namespaces": process.getuid?.() === 0 || undefined,
};

const product = (name: string, version: string, title: string, more = ""): FakePackage => ({
  name,
  version: `${version}-1`,
  program: [`/usr/bin/${name}`, `${title} v${version}${more}`],
  files: { [`/etc/${name}.d/${name}.hcl`]: "# an example of the package's\n" },
});

/** What comes from the distribution's own repository, which the test has not: installed before, as far as it is not there. */
const distribution = [
  "ca-certificates",
  "curl",
  "gnupg",
  "jq",
  "logrotate",
  "nftables",
  "openssl",
  "systemd-resolved",
  "iptables",
];

/** What the vendors and the distribution have, newer versions among it. */
const packages: readonly FakePackage[] = [
  // As the real one says it, built by hand; the vendor's has a hash before the comma.
  product("vault", "1.19.5", "Vault", ", built 2025-05-29T09:17:06Z"),
  product("vault", "1.21.0", "Vault"),
  product("consul", "1.22.5", "Consul"),
  product("consul", "2.0.0", "Consul"),
  product("nomad", "1.11.3", "Nomad"),
  product("nomad", "1.11.4", "Nomad"),
  { name: "consul-cni", version: "1.9.0-1", program: ["/opt/cni/bin/consul-cni", "CNI plugin"] },
  { name: "containernetworking-plugins", version: "1.1.1+ds1-3", files: { "/usr/lib/cni/bridge": "" } },
  { name: "docker-ce", version: "5:28.5.2-1~debian.12~bookworm" },
  {
    name: "docker-ce-cli",
    version: "5:28.5.2-1~debian.12~bookworm",
    program: ["/usr/bin/docker", "Docker version 28.5.2, build x"],
  },
  { name: "docker-ce", version: "5:29.0.0-1~debian.12~bookworm" },
  { name: "containerd.io", version: "1.7.0" },
  ...distribution.map((name): FakePackage => ({ name, version: "0.0.1" })),
];

const MIRROR = "10.9.0.12";

describeWith("programs installed from a mirror", needs, (found) => {
  const scope = suiteScope();
  let hosts: Hosts;
  let mirror: PackageMirror;
  let caBundle: string;

  const props = (base: NodeProps, fingerprint: string, docker = fingerprint): NodeProps => ({
    ...base,
    caBundle,
    software: {
      from: "install",
      hashicorp: { url: "https://mirror.example.com/hashicorp", fingerprint },
      docker: {
        url: "https://mirror.example.com/docker",
        keyUrl: "https://mirror.example.com/hashicorp/gpg",
        fingerprint: docker,
      },
    },
  });
  const place = (machine: string, node: NodeProps) => {
    hosts.write(machine, nodeFiles(node));
    return hosts;
  };
  const install = async (machine: string, ...args: string[]) => {
    const { code, stdout, stderr } = await hosts.run(machine, [files.install.path, ...args]);
    return `${code === 0 ? "" : `exit code ${code}: `}${stdout}${stderr}`;
  };

  beforeAll(async () => {
    hosts = await Hosts.start(scope, {
      mirror: MIRROR,
      worker: "10.9.0.10",
      server: "10.9.0.11",
      baked: "10.9.0.13",
      proxied: "10.9.0.14",
    });
    const codename = (await hosts.shell("mirror", '. /etc/os-release; echo -n "$VERSION_CODENAME"')).trim();
    const os = (await hosts.shell("mirror", '. /etc/os-release; echo -n "$ID"')).trim();
    const main = await packageMirror(scope, codename, ["main", "stable"], packages);
    mirror = main;
    const root = scope.directory("web");
    cpSync(main.directory, join(root, "hashicorp"), { recursive: true });
    // One key signs both, as with a company's mirror.
    cpSync(main.directory, join(root, "docker", os), { recursive: true });
    await hosts.shell(
      "mirror",
      `cd /root; openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=company -keyout ca.key -out ca.pem 2>/dev/null
       openssl req -newkey rsa:2048 -nodes -subj /CN=mirror.example.com -keyout key -out csr 2>/dev/null
       openssl x509 -req -in csr -CA ca.pem -CAkey ca.key -days 2 -out cert -extfile <(echo subjectAltName=DNS:mirror.example.com) 2>/dev/null`,
    );
    caBundle = await hosts.shell("mirror", "cat /root/ca.pem");
    await hosts.shell(
      "mirror",
      `cat > /root/serve.py <<'PY'
import http.server, ssl, sys, os
os.chdir(sys.argv[1])
server = http.server.ThreadingHTTPServer(("0.0.0.0", 443), http.server.SimpleHTTPRequestHandler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); context.load_cert_chain("/root/cert", "/root/key")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
PY`,
    );
    hosts.copy("mirror", root, "/srv/web");
    const web = hosts.start("mirror", [found.python3, "/root/serve.py", "/srv/web"]);
    for (const machine of ["worker", "server", "baked", "proxied"]) {
      hosts.copy(machine, root, "/run/web");
      // Behind the proxy nobody knows where the mirror is.
      if (machine !== "proxied") await hosts.shell(machine, `echo '${MIRROR} mirror.example.com' >> /etc/hosts`);
      await hosts.shell(
        machine,
        `rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/apt/apt.conf.d/*proxy*
         for p in vault consul nomad docker; do rm -f "$(command -v $p)" /usr/bin/$p; done; mkdir -p /etc/apt/sources.list.d
         echo 'Acquire::EnableSrvRecords "false";' > /etc/apt/apt.conf.d/00-no-names-but-hosts
         for p in ${distribution.join(" ")}; do dpkg-query -W -f '\${db:Status-Status}' $p 2>/dev/null | grep -qx installed || dpkg -i /run/web/hashicorp/"$p"_*.deb >/dev/null; done`,
      );
    }
    await web.until(
      async () => (await hosts.run("mirror", ["curl", "-sfk", "https://127.0.0.1/hashicorp/gpg"])).code === 0,
      "the mirror",
    );
  });

  test("a key with another fingerprint is refused, and nothing is installed", async () => {
    place("server", props(server, "798AEC654E5C15428C8E42EEAA16FCBCA621E701"));
    expect(await install("server")).toMatch(
      new RegExp(
        `exit code 1: [\\s\\S]*the key at https://mirror.example.com/hashicorp/gpg has the fingerprint ${mirror.fingerprint}, not 798AEC65\\S+: nothing of hashicorp is installed`,
      ),
    );
    expect((await hosts.run("server", ["ls", "/etc/apt/sources.list.d", "/usr/bin/vault"])).stdout).toBe(
      "/etc/apt/sources.list.d:\n",
    );
  });

  test("a server gets the pinned versions although newer ones are there, and no example of a package beside its files", async () => {
    place("server", props(server, mirror.fingerprint));
    expect(await install("server")).toContain("programs at their versions: vault consul nomad\n");
    const versions = await hosts.shell(
      "server",
      "for p in vault consul nomad; do $p version; done; ls /etc/{vault,consul,nomad}.d/*.hcl 2>/dev/null || true",
    );
    expect(versions).toBe("Vault v1.19.5, built 2025-05-29T09:17:06Z\nConsul v1.22.5\nNomad v1.11.3\n");
    expect(await hosts.shell("server", "apt-mark showhold")).toBe("consul\nnomad\nvault\n");
  });

  test("a second run has nothing to do", async () => {
    await hosts.shell("server", "rm -rf /etc/apt/sources.list.d");
    expect(await install("server")).toBe("caravan software: programs at their versions: vault consul nomad\n");
  });

  test("a worker gets the container engine and the CNI plugins too", async () => {
    place("worker", props(worker, mirror.fingerprint));
    expect(await install("worker")).toContain("programs at their versions: vault worker consul nomad\n");
    expect(await hosts.shell("worker", "docker --version")).toBe("Docker version 28.5.2, build x\n");
  });

  test("through a proxy, by those who know no other way, trusting a company's own authority; for arm64 by its name", async () => {
    hosts.copy("mirror", join(__dirname, "support/proxy.mjs"), "/srv/proxy.mjs");
    hosts.start("mirror", [
      ...[process.execPath, "/srv/proxy.mjs", "/srv/asked", `${MIRROR}:3128`, "mirror.example.com=127.0.0.1"],
    ]);
    const node = { ...props(server, mirror.fingerprint), proxy: { url: `http://${MIRROR}:3128` } };
    place("proxied", node);
    expect((await hosts.run("proxied", ["curl", "-s", "https://mirror.example.com/hashicorp/gpg"])).code).toBe(6);
    // As systemd gives it to first boot's unit.
    const installing = `set -a; . ${files.proxy.path}; set +a; ${files.install.path} 2>&1`;
    expect(await hosts.shell("proxied", installing)).toContain("programs at their versions: vault consul nomad\n");
    const asked = (await hosts.shell("mirror", "sort -u /srv/asked")).trim();
    expect(asked).toBe("CONNECT mirror.example.com:443");

    // There is no machine with such a processor here: what dpkg says is all that differs.
    hosts.write("proxied", [
      {
        path: "/usr/local/sbin/dpkg",
        mode: "0755",
        content: '#!/bin/sh\n[ "$1" = --print-architecture ] && echo arm64 && exit\nexec /usr/bin/dpkg "$@"\n',
      },
    ]);
    const list = "/etc/apt/sources.list.d/hashicorp.list";
    const written = `for n in $(seq 300); do [ ! -s ${list} ] || break; sleep 0.2; done; cat ${list}`;
    const asked64 = await hosts.shell(
      "proxied",
      `rm /usr/bin/vault ${list}; (${installing}) >/dev/null & ${written}; kill $!`,
    );
    expect(asked64).toMatch(/^deb \[arch=arm64 /);
  });

  test("a version that the mirror lacks is named", async () => {
    place("worker", { ...props(worker, mirror.fingerprint), versions: { nomad: "1.11.9" } });
    expect(await install("worker")).toMatch(/exit code 1: [\s\S]*cannot install .*nomad=1\.11\.9-\*/);
  });

  test("an image without the programs is told what it lacks, and nothing is installed", async () => {
    place("baked", { ...worker, software: { from: "baked" } });
    expect(await install("baked", "check")).toBe(
      "exit code 1: caravan software: not here: vault 1.19.5 (found: );consul 1.22.5 (found: );nomad 1.11.3 (found: );docker 28.5.2 (found: );" +
        "CNI plugins;consul-cni 1.9.0; make an image that has them, or let first boot install them (software: install)\n",
    );
  });
});
