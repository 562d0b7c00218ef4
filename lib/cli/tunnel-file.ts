import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CaravanError } from "../core/errors";

type Variables = Readonly<Record<string, string>>;

interface TunnelFile {
  /** Process of the `caravan tunnel` that holds it open. */
  readonly pid: number;
  readonly variables: Variables;
}

/**
 * Variables of the tunnel to an environment that another `caravan` of this person holds open on this machine; none where there
 * is none.
 */
export function openTunnels(name: string): Variables {
  try {
    demandOwn();
    const { pid, variables } = JSON.parse(readFileSync(fileOf(name), "utf8")) as TunnelFile;
    process.kill(pid, 0);
    return variables;
  } catch {
    return {};
  }
}

/** Says where a tunnel of this process is. Returns what unsays it. */
export function announceTunnel(name: string, variables: Variables): () => void {
  mkdirSync(directory(), { recursive: true, mode: 0o700 });
  demandOwn();
  const file = fileOf(name);
  const content: TunnelFile = { pid: process.pid, variables };
  writeFileSync(file, JSON.stringify(content), { mode: 0o600 });
  return () => rmSync(file, { force: true });
}

function directory(): string {
  return join(process.env["XDG_RUNTIME_DIR"] || tmpdir(), `caravan-${process.getuid?.() ?? 0}`);
}

/** In a directory that all may write to, somebody else may have been there first and lead this person elsewhere. */
function demandOwn(): void {
  const found = lstatSync(directory());
  const uid = process.getuid?.() ?? found.uid;
  if (found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0) return;
  throw new CaravanError(
    `${directory()} is not yours alone. Remove it, or set XDG_RUNTIME_DIR to a directory that is.`,
  );
}

function fileOf(name: string): string {
  return join(directory(), `tunnel-${createHash("sha256").update(name).digest("hex").slice(0, 16)}.json`);
}
