import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Scope } from "../support/scope";
import type { Cluster } from "./cluster";
import type { Host } from "./host";

/** Keeps every argument and variable that it sees of any process in the room, each once. Runs as a process of its own. */
const WATCH = `
const { appendFileSync, readdirSync, readFileSync } = require("node:fs");
const [file] = process.argv.slice(1);
const seen = new Set();
setInterval(() => {
  for (const pid of readdirSync("/proc")) {
    if (!/^\\d+$/.test(pid)) continue;
    for (const what of ["cmdline", "environ"]) {
      let text;
      try { text = readFileSync("/proc/" + pid + "/" + what, "utf8"); } catch { continue; }
      if (text === "" || seen.has(text)) continue;
      seen.add(text);
      appendFileSync(file, text.replaceAll("\\0", "\\n") + "\\n");
    }
  }
}, 25);
`;

/** Looks at the arguments and environment of all hosts' processes, 40 times a second, from now on. Returns what reads them. */
export function watchProcesses(scope: Scope, cluster: Cluster): () => string {
  const file = join(scope.directory("seen"), "processes");
  cluster.cloud.network.start(process.execPath, ["-e", WATCH, file], { PATH: process.env["PATH"] });
  return () => readFileSync(file, "utf8");
}

/** Every secret that first boot made, by a name for people; also in base64, and the longer ones as JSON has them. */
export async function secretsOf(cluster: Cluster): Promise<ReadonlyMap<string, string>> {
  const document = JSON.parse(await cluster.object("document")) as {
    tokens: Record<string, string>;
    gossip: Record<string, string>;
    ca: { key: string }[];
  };
  const recovery = JSON.parse(await cluster.secret("recoveryKeysSecret")) as Record<string, string[]>;
  const kept = await Promise.all(
    ["operate", "snapshot"].map(async (name): Promise<[string, string]> => {
      const { SecretID } = JSON.parse(await cluster.object(`token/nomad-${name}`)) as { SecretID: string };
      return [`Nomad's token ${name}`, SecretID];
    }),
  );
  const made: [string, string][] = [
    ...Object.entries(document.tokens),
    ...Object.entries(document.gossip).map(([name, key]): [string, string] => [`gossip of ${name}`, key]),
    ...document.ca.flatMap(({ key }) =>
      key
        .split("\n")
        .filter((line) => line.length > 40)
        .map((line, index): [string, string] => [`the CA's key, line ${index + 1}`, line]),
    ),
    ...kept,
    ...Object.entries(recovery).flatMap(([name, keys]) =>
      keys.map((key, index): [string, string] => [`${name} ${index + 1}`, key]),
    ),
  ];
  const encoded = made.flatMap(([name, secret]): [string, string][] => [
    [`${name}, in base64`, Buffer.from(secret).toString("base64").replace(/.{4}$/, "")],
    [`${name}, in JSON`, JSON.stringify(secret).slice(1, -1)],
  ]);
  return new Map([...made, ...encoded]);
}

/** What nobody may see, whatever its value: tokens of Vault, signed identities, private keys. */
const SHAPES: readonly (readonly [string, RegExp])[] = [
  ["a token of Vault", /\bhv[sbr]\.[\w-]{20,}/],
  ["a signed identity", /\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}/],
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
];

/** Names of the secrets in a text. */
export function found(text: string, secrets: ReadonlyMap<string, string>): string[] {
  const known = [...secrets].filter(([, secret]) => text.includes(secret)).map(([name]) => name);
  return [...known, ...SHAPES.filter(([, shape]) => shape.test(text)).map(([name]) => name)];
}

/** User data as it is, and unpacked: its members of gzip, and what of them is base64. */
export function unpacked(userData: Uint8Array): string {
  const text = gunzipSync(userData).toString("utf8");
  const inner = text.match(/[A-Za-z0-9+/]{60,}={0,2}/g) ?? [];
  const decoded = inner.map((part) => {
    const bytes = Buffer.from(part, "base64");
    try {
      return gunzipSync(bytes).toString("utf8");
    } catch {
      return bytes.toString("utf8");
    }
  });
  return [text, ...decoded].join("\n");
}

/** Files of a host that any user may read and that hold one of the secrets. */
export async function readableByAll(host: Host, secrets: ReadonlyMap<string, string>): Promise<string[]> {
  const list = "/root/secrets-to-find";
  await host.write(list, `${[...new Set(secrets.values())].join("\n")}\n`);
  const places = "/boot /etc /home /media /mnt /opt /root /run /srv /tmp /usr/local /var";
  const nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";
  const shapes = "hv[sbr]\\.[A-Za-z0-9_-]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY-----";
  const script = `
    ${nobody} grep -rlIE -D skip -e '${shapes}' ${places} 2>/dev/null
    ${nobody} grep -rlF -D skip -f - ${places} <${list} 2>/dev/null
    rm ${list}`;
  return [...new Set((await host.exec("sh", "-c", script)).split("\n").filter(Boolean))].sort();
}
