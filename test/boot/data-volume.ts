import { join } from "node:path";
import { expect } from "vitest";
import { run, type Scope } from "../support/temporary";
import type { Cluster } from "./cluster";
import type { Host } from "./host";

/** A disk as a file. Returns the numbers of its device. */
export async function disk(scope: Scope): Promise<string> {
  const file = join(scope.directory("disk"), "disk");
  const script = `truncate -s 512M ${file} && device=$(losetup --find --show ${file}) && echo $device $(stat -c '%Hr %Lr' $device)`;
  const { code, stdout, stderr } = await run("sh", ["-c", script]);
  if (code !== 0) throw new Error(`no loop device: ${stderr}`);
  const [device = "", ...numbers] = stdout.trim().split(" ");
  scope.defer(async () => {
    await run("losetup", ["--detach", device]);
  });
  return numbers.join(" ");
}

/** Waits until a server has attached the volume for data; then the cloud shows it the disk. */
export async function attached(cluster: Cluster, server: Host, device: string): Promise<void> {
  const volume = cluster.dataVolume ?? "";
  await expect.poll(() => cluster.cloud.attachedTo(volume), { timeout: 240_000 }).toBe(server.instance.instanceId);
  const path = `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volume.replace("-", "")}`;
  await server.exec("sh", "-ec", `mkdir -p /dev/disk/by-id; mknod ${path} b ${device}`);
}
