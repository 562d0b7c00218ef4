import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { run, type Scope } from "../support/temporary";

/** A package whose only program says its version as the real one does. */
export interface FakePackage {
  readonly name: string;
  readonly version: string;
  /** Path of a program and what it prints. */
  readonly program?: readonly [path: string, prints: string];
  /** More files, by path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A signed Debian repository in a directory, as a company's mirror is. */
export interface PackageMirror {
  readonly directory: string;
  readonly fingerprint: string;
}

async function succeed(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, { env });
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}

/** Builds packages and signs their index, the same in each component. The key lies beside it as `gpg`, where a mirror has it. */
export async function packageMirror(
  scope: Scope,
  codename: string,
  components: readonly string[],
  packages: readonly FakePackage[],
) {
  const directory = scope.directory("mirror");
  const architecture = (await succeed("dpkg", ["--print-architecture"])).trim();
  const index = await Promise.all(packages.map((one) => build(scope, directory, architecture, one)));
  const dist = `dists/${codename}`;
  const text = index.join("\n");
  const lists = components.map((component) => `${component}/binary-${architecture}/Packages`);
  for (const list of lists) {
    mkdirSync(dirname(join(directory, dist, list)), { recursive: true });
    writeFileSync(join(directory, dist, list), text);
  }
  const release = [
    `Suite: ${codename}`,
    `Codename: ${codename}`,
    `Components: ${components.join(" ")}`,
    `Architectures: ${architecture}`,
    "Date: Mon, 01 Jan 2024 00:00:00 UTC",
    "SHA256:",
    ...lists.map((list) => ` ${createHash("sha256").update(text).digest("hex")} ${Buffer.byteLength(text)} ${list}`),
    "",
  ].join("\n");
  writeFileSync(join(directory, dist, "Release"), release);

  const env = { ...process.env, GNUPGHOME: scope.directory("gpg") };
  await succeed(
    "gpg",
    ["--batch", "--pinentry-mode", "loopback", "--passphrase", "", "--quick-gen-key", "mirror", "rsa2048"],
    env,
  );
  const keys = await succeed("gpg", ["--list-keys", "--with-colons"], env);
  await succeed(
    "gpg",
    ["--batch", "--clearsign", "-o", join(directory, dist, "InRelease"), join(directory, dist, "Release")],
    env,
  );
  await succeed("gpg", ["--armor", "--export", "-o", join(directory, "gpg")], env);
  await succeed("gpgconf", ["--kill", "all"], env);
  return { directory, fingerprint: /^fpr:+([0-9A-F]{40}):/m.exec(keys)?.[1] ?? "" } satisfies PackageMirror;
}

async function build(scope: Scope, directory: string, architecture: string, one: FakePackage): Promise<string> {
  const { name, version, program, files = {} } = one;
  const tree = scope.directory("package");
  const control = [
    `Package: ${name}`,
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    "Maintainer: test <test@example.com>",
    `Description: ${name} of a test`,
    "",
  ].join("\n");
  const all = { ...files, ...(program === undefined ? {} : { [program[0]]: `#!/bin/sh\necho '${program[1]}'\n` }) };
  for (const [path, content] of Object.entries({ "DEBIAN/control": control, ...all })) {
    const at = join(tree, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, content, { mode: path === program?.[0] ? 0o755 : 0o644 });
  }
  const file = `${name}_${version.replace(/[^\w.+~-]/g, "_")}.deb`;
  await succeed("dpkg-deb", ["--root-owner-group", "-Znone", "--build", tree, join(directory, file)]);
  const sha = createHash("sha256")
    .update(readFileSync(join(directory, file)))
    .digest("hex");
  return `${control}Filename: ${file}\nSize: ${statSync(join(directory, file)).size}\nSHA256: ${sha}\n`;
}
