import { CaravanError } from "../core/errors";
import { hcl } from "../core/hcl";
import { archive } from "./archive";
import { type EnvironmentValues, environmentFile } from "./environment-file";
import { type NodeFile, nodeFiles } from "./node-files";
import type { NodeProps } from "./node-props";
import { directories, files } from "./paths";

/** AWS takes 16 KiB of user data before base64: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html */
export const userDataLimit = 16 * 1024;

const archivePath = `${directories.state.path}/node.tar.gz`;

/** The longest environment file that is allowed for when the size is judged at synth, where its values are not yet known. */
const ENVIRONMENT_ROOM = 2400;

export interface CloudInit {
  /** What a node is given as user data: text; a launch template wants it in base64. Its only Terraform values are those given. */
  readonly userData: string;
  /** Bytes of the document without the environment file. */
  readonly staticBytes: number;
}

/**
 * The cloud-init document of a node: the environment file, and everything else packed. All nodes of a group get the same.
 *
 * @throws CaravanError if the document would not fit in a cloud's user data.
 */
export function cloudInit(props: NodeProps, values: EnvironmentValues): CloudInit {
  const packed = nodeFiles(props);
  const [before, after] = document(packed, Buffer.from(archive(packed)).toString("base64"));
  const staticBytes = Buffer.byteLength(before + after);
  if (staticBytes + ENVIRONMENT_ROOM > userDataLimit) {
    throw new CaravanError(
      `cloud-init document of ${props.role} group "${props.group}": ${staticBytes} bytes and ${ENVIRONMENT_ROOM} for the environment ` +
        `file are more than the ${userDataLimit} that a cloud takes; shorten caBundle or extend, or put them into the image`,
    );
  }
  const environment = hcl.callString("base64encode", environmentFile(values));
  return { userData: `${hcl.text(before)}${environment}${hcl.text(after)}`, staticBytes };
}

/** The document around the environment file, which stands in it in base64: no character of a value can end the line it is on. */
export function document(packed: readonly NodeFile[], archived: string): readonly [string, string] {
  const enabled = packed
    .filter(({ content }) => content.includes("\n[Install]\n"))
    .map(({ path }) => path.slice(path.lastIndexOf("/") + 1));
  const before = [
    "#cloud-config",
    // First boot names the node.
    "preserve_hostname: true",
    "ssh_pwauth: false",
    "disable_root: true",
    "write_files:",
    `- path: ${files.environment.path}`,
    "  encoding: b64",
    "  content: ",
  ].join("\n");
  const after = [
    "",
    `- path: ${archivePath}`,
    "  permissions: '0600'",
    "  encoding: b64",
    `  content: ${archived}`,
    "runcmd:",
    `- tar -xzf ${archivePath} -C / --no-same-owner --no-overwrite-dir`,
    "- systemd-sysusers",
    "- systemd-tmpfiles --create /etc/tmpfiles.d/caravan.conf",
    "- swapoff -a",
    "- systemctl mask --now swap.target ssh.service ssh.socket sshd.service",
    "- systemctl daemon-reload",
    "- systemctl restart systemd-modules-load.service systemd-journald.service",
    "- sysctl --system",
    `- systemctl enable --now --no-block ${enabled.join(" ")}`,
    "",
  ].join("\n");
  return [before, after];
}
