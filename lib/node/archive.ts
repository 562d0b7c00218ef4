import { gzipSync } from "fflate";

/** A file in an archive. All belong to root; who else they belong to is set on the node. */
export interface ArchivedFile {
  /** Absolute path on the node: at most 99 characters of ASCII. */
  readonly path: string;
  /** As chmod takes it. */
  readonly mode: string;
  readonly content: string;
}

const BLOCK = 512;

/**
 * A tar archive (POSIX ustar), compressed. The same files give the same bytes on every machine and in every year: no times, no
 * owners, files by path, and a deflate that is plain JavaScript, since Node's zlib differs between its builds.
 */
export function archive(files: readonly ArchivedFile[]): Uint8Array {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const parts = sorted.flatMap(({ path, mode, content }) => {
    const bytes = Buffer.from(content, "utf8");
    return [header(path.replace(/^\//, ""), mode, bytes.length), bytes, Buffer.alloc(-bytes.length & (BLOCK - 1))];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]), { level: 9, mtime: 0 });
}

function header(name: string, mode: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const put = (at: number, text: string) => block.write(text, at, "latin1");
  put(0, name);
  put(100, octal(Number.parseInt(mode, 8), 8));
  put(108, octal(0, 8));
  put(116, octal(0, 8));
  put(124, octal(size, 12));
  put(136, octal(0, 12));
  put(148, " ".repeat(8));
  put(156, "0");
  put(257, "ustar\u000000");
  put(
    148,
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      7,
    )} `,
  );
  return block;
}

/** A number as a tar header holds it: octal digits and a NUL. */
function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, "0")}\0`;
}
