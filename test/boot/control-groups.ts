import { existsSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";

const MOUNTED = "/sys/fs/cgroup";

/**
 * Control groups of one host, in every hierarchy of this machine that lets it have one. Without them all hosts would share the
 * groups of their units, and none could tell its own processes.
 */
export class ControlGroups {
  private readonly paths: readonly string[];

  constructor(name: string) {
    this.paths = hierarchies().map((root) => join(root, name));
  }

  /** Shell lines after which the shell, and what it becomes, is in these groups. */
  get enter(): string {
    return this.paths.map((path) => `mkdir -p ${path} && echo $$ > ${path}/cgroup.procs || :`).join("\n");
  }

  /** Removes them with all below them, once nobody is in them. */
  remove(): void {
    for (const path of this.paths) removeBelow(path);
  }
}

/** Where groups of the test's own may stand: the group of this process, in each hierarchy. */
function hierarchies(): string[] {
  const own = readFileSync("/proc/self/cgroup", "utf8").trim().split("\n");
  return own.flatMap((line) => {
    const [, controllers = "", path = "/"] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    // A new group has no processors and no memory to run in until somebody says which.
    if (controllers === "cpuset") return [];
    const roots = controllers === "" ? ["unified", ""] : [controllers.replace(/^name=/, "")];
    return roots
      .map((root) => join(MOUNTED, root))
      .filter((root) => existsSync(join(root, "cgroup.procs")))
      .slice(0, 1)
      .map((root) => join(root, path));
  });
}

function removeBelow(path: string): void {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeBelow(join(path, entry.name));
  }
  try {
    rmdirSync(path);
  } catch {
    // Somebody is still in it. It stays, and weighs nothing.
  }
}
