import { join } from "node:path";
import { expect } from "vitest";
import type { Scope } from "../support/temporary";
import type { Cluster } from "./cluster";
import type { Host } from "./host";

/**
 * A disk as a file. Returns the numbers of its device. A device that is detached while it is open is given back when the last who
 * has it open closes it: however the test ends, its holder and whoever has mounted it end too.
 */
export async function disk(scope: Scope): Promise<string> {
  const file = join(scope.directory("disk"), "disk");
  const script = `
    truncate -s 512M ${file}
    device=$(losetup --find --show ${file})
    exec 9<>$device
    losetup --detach $device
    stat -c 'numbers %Hr %Lr' $device
    exec sleep infinity`;
  const holder = scope.process("setpriv", ["--pdeathsig=KILL", "sh", "-ec", script]);
  const numbers = () => /^numbers (\d+ \d+)\n/m.exec(holder.output)?.[1];
  await holder.until(async () => numbers() !== undefined, "a loop device");
  return numbers() ?? "";
}

/** Waits until a server has attached the volume for data; then the cloud shows it the disk. */
export async function attached(cluster: Cluster, server: Host, device: string): Promise<void> {
  const volume = cluster.dataVolume ?? "";
  await expect.poll(() => cluster.cloud.attachedTo(volume), { timeout: 240_000 }).toBe(server.instance.instanceId);
  const path = `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volume.replace("-", "")}`;
  await server.exec("sh", "-ec", `mkdir -p /dev/disk/by-id; mknod ${path} b ${device}`);
}
