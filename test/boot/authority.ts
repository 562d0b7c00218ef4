import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, type Scope } from "../support/scope";

/** A certificate authority of the test, which hosts trust as they trust those of the public web. */
export class Authority {
  private constructor(private readonly directory: string) {}

  static async create(scope: Scope): Promise<Authority> {
    const authority = new Authority(scope.directory("authority"));
    await authority.openssl(
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
      ...["-subj", "/CN=Authority of a test", "-keyout", "ca.key", "-out", "ca.crt"],
    );
    return authority;
  }

  /** Its certificate, in PEM. */
  get certificate(): string {
    return readFileSync(join(this.directory, "ca.crt"), "utf8");
  }

  /** Files with a certificate for these names and addresses (`DNS:...`, `IP:...`), and its key. */
  async issue(name: string, subjects: readonly string[]): Promise<{ certificate: string; key: string }> {
    const file = (suffix: string) => join(this.directory, `${name}.${suffix}`);
    writeFileSync(file("ext"), `subjectAltName=${subjects.join(",")}\nextendedKeyUsage=serverAuth\n`);
    await this.openssl(
      ...["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", `/CN=${name}`],
      ...["-keyout", file("key"), "-out", file("csr")],
    );
    await this.openssl(
      ...["x509", "-req", "-in", file("csr"), "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"],
      ...["-extfile", file("ext"), "-out", file("crt")],
    );
    return { certificate: file("crt"), key: file("key") };
  }

  private async openssl(...args: readonly string[]): Promise<void> {
    const { code, stderr } = await run("openssl", args, { cwd: this.directory });
    if (code !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
  }
}
