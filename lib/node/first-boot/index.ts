import { createHash } from "node:crypto";
import { access } from "../access";
import type { CloudName } from "../cloud/clouds";
import { handOver, handOverFile } from "../hand-over";
import { type NodeProps, runsOf, type ServerNodeProps } from "../node-props";
import { directories, files } from "../paths";
import { staticScript } from "../static-script";

/** A file of a node whose bytes are known at synth. Root owns it. */
export interface StaticFile {
  readonly path: string;
  /** As chmod takes it. */
  readonly mode: string;
  readonly content: string;
}

const begin = ["common.sh", "first-boot.sh", "log.sh"];
const everyNode = ["leave.sh", "status.sh"];
const workersOnly = ["worker.sh"];
const serversOnly = [
  "disk.sh",
  "document.sh",
  "certificates.sh",
  "hand-over.sh",
  "vault.sh",
  "consul.sh",
  "snapshot.sh",
  "restore.sh",
  "recover.sh",
  "turn.sh",
  "rotate.sh",
  "introduce.sh",
];

/** First boot's scripts in user data: a worker's whole, and of a server's what comes before its library. */
export function firstBootFiles(props: NodeProps): StaticFile[] {
  const { name } = props.cloud;
  if (props.role === "worker") {
    return [...[...begin, `${name}.sh`, ...workersOnly, ...everyNode].map(script), caravanNode()];
  }
  const { key, content } = serverLibrary(props);
  return [
    ...[...begin, `${name}.sh`, `${name}-store.sh`].map(script),
    { path: `${directories.library.path}/library`, mode: "0644", content: key.slice(LIBRARY.length) },
    ...(comesWithLibrary(name) ? [{ path: KEPT_LIBRARY, mode: "0600", content }] : []),
  ];
}

/** Where a server keeps its library, for the bucket may hold that of a newer recipe only when it boots again. */
const KEPT_LIBRARY = `${directories.state.path}/library`;

/**
 * Whether a server is born with its library, as one that boots again has it. On Azure the cluster's container is reached by servers only,
 * not by whoever applies, and user data has room.
 */
function comesWithLibrary(cloud: CloudName): boolean {
  return cloud === "azure";
}

/** Where the libraries stand in the cluster's bucket. */
const LIBRARY = "library/";

/**
 * What of a server has no room in user data: the steps of its first boot, the hand-overs, which grow with the groups, and
 * `caravan-node`. An object of the cluster's bucket, named by its SHA-256, which first boot checks. It holds no secret.
 */
export function serverLibrary(props: ServerNodeProps): { readonly key: string; readonly content: string } {
  const who = access({ ...props, workers: props.workers ?? {} });
  const lists = runsOf(props).flatMap((product): StaticFile[] => {
    const writes = handOver(who, product);
    if (writes === undefined) return [];
    return [{ path: `${directories.handOver.path}/${product}.jsonl`, mode: "0644", content: handOverFile(writes) }];
  });
  const all = [
    ...lists,
    ...recoveryPgpKeys(props),
    ...[...everyNode, ...serversOnly, `${props.cloud.name}-volume.sh`].map(script),
    caravanNode(),
  ];
  const content = JSON.stringify(Object.fromEntries(all.map((file) => [file.path, file.content])));
  return { key: `${LIBRARY}${createHash("sha256").update(content).digest("hex")}`, content };
}

function recoveryPgpKeys({ recoveryPgpKeys: keys }: ServerNodeProps): StaticFile[] {
  const { path, mode } = files.recoveryPgpKeys;
  return keys === undefined ? [] : [{ path, mode, content: JSON.stringify(keys) }];
}

function caravanNode(): StaticFile {
  return { ...script("operate.sh"), path: files.caravanNode.path, mode: files.caravanNode.mode };
}

function script(name: string): StaticFile {
  const path = `${directories.library.path}/${name}`;
  return {
    path,
    mode: ["first-boot.sh", "log.sh"].includes(name) ? "0755" : "0644",
    content: staticScript(`first-boot/${name}`),
  };
}
