import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../support/temporary";

const SUITE = "bookworm";

/** What debootstrap can install by itself: it resolves no virtual packages. */
const BASE = "ca-certificates,curl,dbus,iproute2,jq,kmod,logrotate,mount,netbase,openssl,procps,systemd,systemd-sysv";

/** What apt adds: cloud-init, and what a cloud's image or `install.sh` brings besides the products. */
const ADDED = ["cloud-init", "containernetworking-plugins", "gnupg", "iptables", "nftables", "systemd-resolved"];

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

const BUILD_MS = 540_000;

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
      await build(tree);
    } finally {
      rmSync(lock, { force: true, recursive: true });
    }
  }
  return tree;
}

async function build(tree: string): Promise<void> {
  const begun = `${tree}.begun`;
  rmSync(begun, { recursive: true, force: true });
  await demand("debootstrap", ["--variant=minbase", `--include=${BASE}`, SUITE, begun, await mirror()]);
  await demand("chroot", [begun, "/bin/sh", "-c", FINISH]);
  renameSync(begun, tree);
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

async function demand(command: string, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await run(command, args, { timeoutMs: BUILD_MS });
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}: exit code ${code}\n${stdout}${stderr}`.slice(-8_000));
}
