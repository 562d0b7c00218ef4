import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../support/scope";

const SUITE = "bookworm";

/** What debootstrap can install by itself: it resolves no virtual packages. */
const BASE = "ca-certificates,curl,dbus,iproute2,jq,kmod,logrotate,mount,netbase,openssl,procps,systemd,systemd-sysv";

/** What apt adds: cloud-init, what a cloud's image or `install.sh` brings besides the products, and a clock that tests can set. */
const ADDED = [
  "cloud-init",
  "containernetworking-plugins",
  "faketime",
  "gnupg",
  "iptables",
  "nftables",
  "systemd-resolved",
];

/** Run in the tree, once. */
const FINISH = [
  "set -e",
  "export DEBIAN_FRONTEND=noninteractive LC_ALL=C",
  "apt-get update -qq",
  `apt-get install -y -qq --no-install-recommends ${ADDED.join(" ")}`,
  "apt-get clean",
  "rm -rf /var/lib/apt/lists/*",
  "systemctl enable cloud-init-local cloud-init cloud-config cloud-final systemd-resolved",
  "systemctl disable apt-daily.timer apt-daily-upgrade.timer",
  // Each host finds its own identity.
  ": > /etc/machine-id",
  "rm -f /etc/hostname /var/lib/dbus/machine-id",
].join("\n");

/** For all attempts together, and for those who wait for another process' attempt. */
const BUILD_MS = 540_000;
const ATTEMPTS = 2;

/**
 * A Debian tree with systemd and cloud-init, the lower layer of every host's disk. Built once, by one process while others wait,
 * and kept in the user's cache, by the hash of its recipe.
 */
export async function debianTree(): Promise<string> {
  const recipe = createHash("sha256")
    .update([SUITE, BASE, ...ADDED, FINISH].join("\n"))
    .digest("hex")
    .slice(0, 12);
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const tree = join(cache, "cdktf-caravan", `debian-${SUITE}-${recipe}`);
  const lock = `${tree}.lock`;
  mkdirSync(dirname(tree), { recursive: true });
  const end = Date.now() + BUILD_MS;
  while (!existsSync(tree)) {
    if (!take(lock)) {
      if (Date.now() > end) throw new Error(`another process still builds ${tree}, or died`);
      await new Promise((resolve) => setTimeout(resolve, 500));
      continue;
    }
    try {
      await build(tree, end);
    } finally {
      rmSync(lock, { force: true, recursive: true });
    }
  }
  return tree;
}

/** A mirror may fail once. */
async function build(tree: string, end: number): Promise<void> {
  const begun = `${tree}.begun`;
  const from = await mirror();
  for (let attempt = 1; ; attempt++) {
    rmSync(begun, { recursive: true, force: true });
    try {
      await demand("debootstrap", ["--variant=minbase", `--include=${BASE}`, SUITE, begun, from], end);
      await demand("chroot", [begun, "/bin/sh", "-c", FINISH], end);
      return renameSync(begun, tree);
    } catch (error) {
      if (attempt < ATTEMPTS && Date.now() < end) continue;
      const log = join(begun, "debootstrap", "debootstrap.log");
      const told = existsSync(log) ? readFileSync(log, "utf8").slice(-2_000) : "";
      throw new Error(`no Debian tree from the mirror ${from}, in ${attempt} attempts: ${error}\n${told}`);
    }
  }
}

/** The Debian mirror that this machine itself uses. */
async function mirror(): Promise<string> {
  const format = "$(REPO_URI) $(RELEASE)";
  const { stdout } = await run("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]);
  const own = stdout.split("\n").find((line) => line.endsWith(` ${SUITE}`));
  return own?.split(" ")[0] ?? "http://deb.debian.org/debian";
}

/** A lock that names its owner: that of a process which is gone holds nobody. */
function take(lock: string): boolean {
  try {
    mkdirSync(lock);
    writeFileSync(join(lock, "pid"), String(process.pid));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const pid = join(lock, "pid");
    if (existsSync(pid) && !existsSync(`/proc/${readFileSync(pid, "utf8")}`)) {
      rmSync(pid, { force: true });
      try {
        rmdirSync(lock);
      } catch {
        // Another process was faster.
      }
    }
    return false;
  }
}

async function demand(command: string, args: readonly string[], end: number): Promise<void> {
  const timeoutMs = Math.max(end - Date.now(), 1_000);
  const { code, stdout, stderr } = await run(command, args, { timeoutMs });
  if (code !== 0) throw new Error(`${command} ${args[0]}: exit code ${code}\n${`${stdout}${stderr}`.slice(-4_000)}`);
}
