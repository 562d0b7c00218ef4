import { gzipSync } from "fflate";
import { CaravanError } from "../core/errors";
import { hcl } from "../core/hcl";
import { checkNode } from "./check/check-node";
import type { CloudName } from "./cloud/clouds";
import { type EnvironmentValues, environmentFile } from "./environment-file";
import { type NodeFile, nodeFiles } from "./node-files";
import type { NodeProps } from "./node-props";
import { files } from "./paths";

/**
 * Bytes that a cloud takes as user data, before base64:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html,
 * https://learn.microsoft.com/en-us/azure/virtual-machines/custom-data,
 * https://cloud.google.com/compute/docs/metadata/setting-custom-metadata#limitations (there in base64)
 */
export const userDataLimits: Readonly<Record<CloudName, number>> = {
  aws: 16 * 1024,
  azure: 65_535,
  gcp: (256 * 1024 * 3) / 4,
};

/** What is kept free for the environment file, whose values are not known at synth. */
const ENVIRONMENT_ROOM = 2048;

export interface CloudInit {
  /** User data in base64, as a launch template takes it. Only the environment file in it is known after apply. */
  readonly userDataBase64: string;
  /** Bytes of user data without the environment file. */
  readonly staticBytes: number;
}

/**
 * The cloud-init document of a node: every file it begins with, what to do with them, and the environment file.
 *
 * It is two gzip members in a row, which cloud-init reads as one document. The first is made at synth and is the same on every
 * machine, for its deflate is plain JavaScript (Node's zlib differs between its builds). The second, made by Terraform, ends the
 * document with the environment file; since the first is a multiple of three bytes long, their base64 texts can be joined.
 *
 * @throws InvalidPropsError if the node's props are wrong, CaravanError if the document would not fit in a cloud's user data.
 */
export function cloudInit(props: NodeProps, values: EnvironmentValues): CloudInit {
  checkNode(props);
  const member = compressed(cloudConfig(nodeFiles(props)));
  const userDataLimit = userDataLimits[props.cloud.name];
  if (member.length + ENVIRONMENT_ROOM > userDataLimit) {
    throw new CaravanError(
      `cloud-init document of ${props.role} group "${props.group}": ${member.length} bytes, and ${ENVIRONMENT_ROOM} for the ` +
        `environment file, are more than the ${userDataLimit} that a cloud takes; shorten caBundle or extend, or bake caBundle ` +
        "into the image",
    );
  }
  const environment = hcl.callString("base64gzip", hcl.call("base64encode", environmentFile(values)));
  return { userDataBase64: `${Buffer.from(member).toString("base64")}${environment}`, staticBytes: member.length };
}

/** The document but for its end: the environment file in base64, no character of which can end the line it stands on. */
export function cloudConfig(packed: readonly NodeFile[]): string {
  const enabled = packed
    .filter(({ content }) => content.includes("\n[Install]\n"))
    .map(({ path }) => path.slice(path.lastIndexOf("/") + 1));
  return [
    "#cloud-config",
    // First boot names the node.
    "preserve_hostname: true",
    "ssh_pwauth: false",
    "disable_root: true",
    "runcmd:",
    "- systemd-sysusers",
    // The directories first, then owner and mode of what cloud-init wrote as root.
    "- systemd-tmpfiles --create /etc/tmpfiles.d/caravan.conf",
    "- swapoff -a",
    "- systemctl mask --now swap.target ssh.service ssh.socket sshd.service",
    "- systemctl daemon-reload",
    "- systemctl restart systemd-modules-load.service systemd-journald.service",
    "- sysctl --system",
    `- systemctl enable --now --no-block ${enabled.join(" ")}`,
    "write_files:",
    ...packed.map(
      ({ path, mode, content }) => `- path: ${path}\n  permissions: '${mode}'\n  content: ${quoted(content)}`,
    ),
    `- path: ${files.environment.path}`,
    "  encoding: b64",
    "  content: ",
  ].join("\n");
}

/** A text as YAML's double quotes hold it, in ASCII. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[^\x20-\x7e]/gu, (character) => {
    const point = character.codePointAt(0) ?? 0;
    return point > 0xffff ? `\\U${hex(point, 8)}` : `\\u${hex(point, 4)}`;
  });
}

function hex(point: number, width: number): string {
  return point.toString(16).padStart(width, "0");
}

/** Where the name of a file stands in a gzip member: https://www.rfc-editor.org/rfc/rfc1952#section-2.3 */
const NAME_AT = 10;

/** One gzip member, made a multiple of three bytes long by the name in its header, which nobody reads. */
function compressed(text: string): Uint8Array {
  const member = gzipSync(Buffer.from(text, "utf8"), { level: 9, mtime: 0, filename: "a" });
  const missing = (3 - (member.length % 3)) % 3;
  return Buffer.concat([member.subarray(0, NAME_AT), Buffer.from("a".repeat(missing)), member.subarray(NAME_AT)]);
}
