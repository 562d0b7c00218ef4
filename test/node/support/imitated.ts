import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EnvironmentValues, NodeCloud } from "../../../lib/node";
import { CLOUD, type Ground, type Host, type Names, Network } from "./network";

/** What a node's identity asked of its cloud. */
interface Asked {
  readonly who: string;
  /** As the cloud's permissions name it. */
  readonly action: string;
  /** What it was asked of: a key, a secret, a group. */
  readonly of: string;
}

/** A network with a cloud that is imitated where no program does it. The limits stand in README.md. */
export abstract class ImitatedNetwork extends Network {
  abstract readonly cloud: NodeCloud;
  /** What nodes are told. */
  abstract readonly values: EnvironmentValues;

  protected constructor(ground: Ground, names: Names) {
    super(ground, names);
    const signer = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=signer"];
    execFileSync("openssl", [...signer, "-keyout", this.signer, "-out", this.signerCertificate], { stdio: "ignore" });
  }

  /** A host that runs as a machine of a group. */
  abstract host(role: "server" | "worker", group: string): Promise<Host>;

  /** A command that prints what a node shows Vault to sign in under a role. */
  abstract proofOf(role: string): string;
  /** Who a group's nodes are in that proof. */
  abstract subjectOf(role: string): string;

  /** The identities of nodes, by their groups. */
  protected abstract readonly identities: Readonly<Record<string, string>>;

  /**
   * The rights that nodes made use of, each once and sorted: `"server-main: use-key <key>"`. What no right allows stands there as it
   * was asked.
   *
   * @param rights What each right allows, as the cloud's permissions name it; `*` is anything.
   */
  rightsUsed(rights: Readonly<Record<string, readonly string[]>>): string[] {
    const calls = this.file("calls");
    const lines = existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : [];
    const groups = new Map(Object.entries(this.identities).map(([group, who]) => [who, group]));
    const allows = (pattern: string, action: string) =>
      new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`).test(action);
    const used = lines
      .map((line): Asked => JSON.parse(line))
      .filter(({ who }) => who !== ADMINISTRATOR)
      .map(({ who, action, of }) => {
        const right = Object.entries(rights).find(([, all]) => all.some((pattern) => allows(pattern, action)));
        return `${groups.get(who) ?? who}: ${right?.[0] ?? action} ${of}`;
      });
    return [...new Set(used)].sort();
  }

  /** Starts the imitation, a program of Node's. */
  protected imitate(script: string): Promise<void> {
    const files = [this.file("world"), this.file("told")];
    const tls = [this.certificate, this.certificateKey, this.signerCertificate];
    const command = [process.execPath, join(__dirname, script), ...files, CLOUD, ...tls];
    return this.program(command, script, `https://${CLOUD}/`);
  }

  /** Tells the imitation what there is. */
  protected tellCloud(world: object): void {
    writeFileSync(this.file("world"), JSON.stringify({ ...world, calls: this.file("calls") }));
  }

  protected get signer(): string {
    return this.file("signer.key");
  }

  protected file(name: string): string {
    return join(this.ground.directory, name);
  }

  private get signerCertificate(): string {
    return this.file("signer.pem");
  }
}

/** Who looks at the cloud for a test. */
export const ADMINISTRATOR = "administrator";
