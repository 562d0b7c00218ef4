import { randomUUID } from "node:crypto";
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ObjectStore } from "./object-store";

/** Objects as files of one directory. */
export class FileStore implements ObjectStore {
  constructor(readonly name: string) {}

  async read(key: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.name, key), "utf8");
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async write(key: string, text: string): Promise<void> {
    await this.place(key, text, async (written, file) => {
      await rename(written, file);
      return true;
    });
  }

  async create(key: string, text: string): Promise<boolean> {
    return this.place(key, text, async (written, file) => {
      try {
        // A link, other than a rename, fails where there is a file.
        await link(written, file);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
        throw error;
      }
    });
  }

  async list(prefix: string): Promise<readonly string[]> {
    const directory = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    try {
      const entries = await readdir(join(this.name, directory), { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile() && !entry.name.endsWith(PARTIAL))
        .map((entry) => join(entry.parentPath, entry.name).slice(join(this.name, "/").length))
        .filter((key) => key.startsWith(prefix))
        .sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  /** Whoever reads sees the whole object or none. */
  private async place(
    key: string,
    text: string,
    put: (written: string, file: string) => Promise<boolean>,
  ): Promise<boolean> {
    const file = join(this.name, key);
    const written = `${file}.${randomUUID()}${PARTIAL}`;
    await mkdir(dirname(file), { recursive: true });
    try {
      await writeFile(written, text, { mode: 0o600 });
      return await put(written, file);
    } finally {
      await rm(written, { force: true });
    }
  }
}

const PARTIAL = ".partial";

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}
