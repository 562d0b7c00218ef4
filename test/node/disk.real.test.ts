import { join } from "node:path";
import { expect, test } from "vitest";
import { staticScript } from "../../lib/node/static-script";
import { run, suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";

/** What the step stands on, as far as it matters to a disk. What a whole machine does with it is in `test/boot`. */
const STAND = `set -euo pipefail
log() { echo "$*" >&2; }
fail() { log "$*"; exit 1; }
systemd-run() { mount "\${@:5}"; }
state=$PWD/state tmp=$PWD
mkdir -p "$state"
data_device() { echo "$DEVICE"; }
`;

const NEEDED = ["losetup", "mkfs.ext4", "e2fsck", "blkid", "unshare", "mkswap"];

describeWith(
  "the disk for data",
  {
    root: process.getuid?.() === 0 ? true : undefined,
    ...Object.fromEntries(NEEDED.map((tool) => [tool, findTool(tool)])),
  },
  () => {
    const scope = suiteScope();

    /** Runs a script where `$DEVICE` is a disk of 64 MiB, and `$FILE` its bytes; mounts go with it. */
    const on = async (script: string) => {
      const cwd = scope.directory("disk");
      const file = join(cwd, "file");
      const body = [
        `truncate -s 64M ${file}`,
        `export FILE=${file} DEVICE=$(losetup --find --show ${file})`,
        // Of this device, whatever a script calls $DEVICE later.
        'trap "umount state/data 2>/dev/null || :; losetup --detach $DEVICE" EXIT',
        STAND,
        staticScript("first-boot/disk.sh"),
        script,
      ].join("\n");
      return run("unshare", ["--mount", "--propagation", "private", "bash", "-c", body], { cwd });
    };

    test("that is new gets a filesystem, once, and keeps what is written to it", async () => {
      const { code, stdout, stderr } = await on(`
        mount_data; echo precious >$data/file; umount $data
        mount_data; cat $data/file`);
      expect(stderr).toBe("made a filesystem on the new volume for data\n");
      expect(stdout).toBe("precious\n");
      expect(code).toBe(0);
    });

    test("that has grown is used whole", async () => {
      const { code, stdout, stderr } = await on(`
        mount_data; before=$(df --output=size $data | tail -1); umount $data
        truncate -s 256M $FILE; losetup --set-capacity $DEVICE
        mount_data; (($(df --output=size $data | tail -1) > 3 * before)) && echo grown`);
      expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: "grown\n" });
    });

    test("that lost power is repaired", async () => {
      const { code, stdout } = await on(`
        mount_data; echo precious >$data/file; sync; cp $FILE copy; umount $data; cat copy >$FILE
        mount_data; cat $data/file`);
      expect({ code, stdout }).toEqual({ code: 0, stdout: "precious\n" });
    });

    test.each([
      ["swap", "mkswap $DEVICE >/dev/null"],
      ["an encrypted disk", "printf 'LUKS\\xba\\xbe\\x00\\x01' | dd of=$DEVICE conv=notrunc status=none"],
      ["what nobody knows", "printf data | dd of=$DEVICE bs=1k seek=100 conv=notrunc status=none"],
      ["a partition table", "printf '\\x55\\xaa' | dd of=$DEVICE bs=1 seek=510 conv=notrunc status=none"],
    ])("that holds %s is left as it is", async (_, prepare) => {
      const { code, stdout, stderr } = await on(`
        ${prepare}; sync; before=$(sha256sum <$FILE)
        if (mount_data); then echo mounted; fi
        sync; [ "$(sha256sum <$FILE)" = "$before" ] && echo untouched`);
      expect(stderr).toMatch(/is left as it is/);
      expect({ code, stdout }).toEqual({ code: 0, stdout: "untouched\n" });
    });

    test("whose filesystem is beyond simple repair is not mounted", async () => {
      const { code, stdout, stderr } = await on(`
        mkfs.ext4 -q $DEVICE && dd if=/dev/urandom of=$DEVICE bs=1k seek=2 count=4000 conv=notrunc status=none
        (mount_data) || echo refused`);
      expect(stderr).toMatch(/the filesystem on \S+ is broken/);
      expect({ code, stdout }).toEqual({ code: 0, stdout: "refused\n" });
    });

    test("that cannot be read is not taken for a new one", async () => {
      const { code, stderr } = await on("DEVICE=$PWD/nothing; mount_data");
      expect(stderr).toContain("cannot read the volume for data");
      expect(code).toBe(1);
    });
  },
);
