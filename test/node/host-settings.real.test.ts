import { beforeAll, expect, test } from "vitest";
import { files, nodeFiles } from "../../lib/node";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { server, worker } from "./examples";
import { Hosts } from "./hosts";

const needs = {
  nft: findTool("nft"),
  logrotate: findTool("logrotate"),
  python3: findTool("python3"),
  "root, for network namespaces": process.getuid?.() === 0 || undefined,
};

const METADATA = "169.254.169.254";

describeWith("settings of the host", needs, (found) => {
  const scope = suiteScope();
  let hosts: Hosts;
  /** Process whose network is a job's, behind the worker. */
  let job: string;

  const reaches = async (user: string, machine = "worker") => {
    const ask = `setpriv --reuid=${user} --regid=${user} --clear-groups curl -s -m 1 http://${METADATA}/`;
    return (await hosts.run(machine, ["bash", "-c", ask])).stdout === "credentials";
  };
  const jobReaches = async (what: string) =>
    (await hosts.run("worker", ["nsenter", "-t", job, "-n", "curl", "-s", "-m", "1", `http://${what}/`])).stdout ===
    "credentials";

  beforeAll(async () => {
    hosts = await Hosts.start(scope, { worker: "10.9.0.10", cloud: "10.9.0.11" });
    hosts.write("worker", nodeFiles(worker));
    await hosts.shell(
      "worker",
      `systemd-sysusers 2>/dev/null; ip route add ${METADATA} via 10.9.0.11; sysctl -qw net.ipv4.ip_forward=1`,
    );
    await hosts.shell("cloud", `ip addr add ${METADATA}/32 dev eth0; ip route add 172.26.64.0/20 via 10.9.0.10`);
    hosts.write("cloud", [{ path: "/root/web/index.html", mode: "0644", content: "credentials" }]);
    const web = hosts.start("cloud", [found.python3, "-m", "http.server", "-d", "/root/web", "80"]);
    await web.until(
      async () => (await hosts.run("cloud", ["curl", "-sf", `http://${METADATA}/`])).code === 0,
      "the metadata service",
    );
    const network = hosts.start("worker", ["unshare", "--net", "sh", "-c", "echo pid $$; exec sleep infinity"]);
    await network.until(async () => /pid \d+/.test(network.output), "a job's network");
    job = /pid (\d+)/.exec(network.output)?.[1] ?? "";
    await hosts.shell(
      "worker",
      `ip link add job0 type veth peer name eth0 netns ${job}; ip addr add 172.26.64.1/20 dev job0; ip link set job0 up
       nsenter -t ${job} -n sh -c 'ip addr add 172.26.64.2/20 dev eth0; ip link set eth0 up; ip route add default via 172.26.64.1'`,
    );
  });

  test("without the rules, everybody reaches the metadata address", async () => {
    expect(await reaches("nomad")).toBe(true);
    expect(await jobReaches(METADATA)).toBe(true);
  });

  test("with them, only who signs in with the node's identity does, and no job", async () => {
    await hosts.shell("worker", `nft -f ${files.metadata.path}`);
    for (const user of ["root", "consul", "vault-agent"])
      expect({ user, reaches: await reaches(user) }).toEqual({ user, reaches: true });
    for (const user of ["vault", "nomad"])
      expect({ user, reaches: await reaches(user) }).toEqual({ user, reaches: false });
    expect(await jobReaches(METADATA)).toBe(false);
    expect(await jobReaches("10.9.0.11")).toBe(true);
  });

  test("they can be loaded again, as on a restart of their unit", async () => {
    await hosts.shell("worker", `nft -f ${files.metadata.path}; nft -f ${files.metadata.path}`);
    expect((await hosts.shell("worker", "nft list tables")).trim()).toBe("table inet caravan");
  });

  test("Vault's audit log is rotated, stays Vault's, and Vault is told", async () => {
    hosts.write("cloud", nodeFiles(server));
    hosts.write("cloud", [{ path: "/bin/systemctl", mode: "0755", content: '#!/bin/sh\necho "$*" >> /root/told\n' }]);
    await hosts.shell(
      "cloud",
      `systemd-sysusers 2>/dev/null; systemd-tmpfiles --create /etc/tmpfiles.d/caravan.conf
       echo '{}' > /var/log/vault/audit.log; chown vault:vault /var/log/vault/audit.log; chmod 600 /var/log/vault/audit.log
       logrotate --force /etc/logrotate.d/vault`,
    );
    const list = await hosts.shell(
      "cloud",
      "stat -c '%n %a %U:%G %s' /var/log/vault/audit.log /var/log/vault/audit.log.1; cat /root/told",
    );
    expect(list.trim().split("\n")).toEqual([
      "/var/log/vault/audit.log 600 vault:vault 0",
      "/var/log/vault/audit.log.1 600 vault:vault 3",
      "kill --signal=HUP vault.service",
    ]);
  });
});
