import type { ApiTask, ApiTaskGroup, ApiVolumeRequest } from "../generated/api";
import type { Place } from "../problems";
import { expectOneOf, expectText, isMissing, known, knownNumber, knownText } from "./expect";

const CSI_ACCESS = [
  "single-node-reader-only",
  "single-node-writer",
  "multi-node-reader-only",
  "multi-node-single-writer",
  "multi-node-multi-writer",
];
const HOST_ACCESS = [
  "single-node-writer",
  "single-node-reader-only",
  "single-node-single-writer",
  "single-node-multi-writer",
];
const ATTACHMENTS = ["file-system", "block-device"];
const ONE_USER = ["single-node-writer", "single-node-single-writer", "single-node-reader-only"];

export function checkVolumes(group: ApiTaskGroup, jobType: string, place: Place): void {
  for (const [label, volume] of Object.entries(group.Volumes ?? {})) {
    const at = place.at("volume", label);
    if (isMissing(volume.Type)) at.at("type").report({ given: undefined, allowed: '"host", "csi"', fix: "say which" });
    expectOneOf(at.at("type"), volume.Type, ["host", "csi"]);
    expectText(at.at("source"), volume.Source, "name the volume");
    if (volume.Type === "host") checkHostVolume(volume, at);
    if (volume.Type === "csi") checkCsiVolume(volume, group, at);
    if (volume.PerAlloc === true) checkPerAlloc(volume, group, jobType, at);
  }
}

function checkHostVolume(volume: ApiVolumeRequest, place: Place): void {
  expectOneOf(place.at("accessMode"), volume.AccessMode, HOST_ACCESS);
  expectOneOf(place.at("attachmentMode"), volume.AttachmentMode, ATTACHMENTS);
  if (volume.MountOptions !== undefined) {
    place
      .at("mountOptions")
      .report({ given: volume.MountOptions, allowed: "none for a host volume", fix: "remove them" });
  }
}

function checkCsiVolume(volume: ApiVolumeRequest, group: ApiTaskGroup, place: Place): void {
  const { AccessMode, AttachmentMode, ReadOnly, MountOptions } = volume;
  expectText(place.at("accessMode"), AccessMode, "say how many nodes use it");
  expectText(place.at("attachmentMode"), AttachmentMode, 'use "file-system" or "block-device"');
  if (!isMissing(AccessMode)) expectOneOf(place.at("accessMode"), AccessMode, [...CSI_ACCESS, ...HOST_ACCESS]);
  if (!isMissing(AttachmentMode)) expectOneOf(place.at("attachmentMode"), AttachmentMode, ATTACHMENTS);
  if (knownText(AccessMode)?.endsWith("reader-only") && ReadOnly !== true && known(ReadOnly ?? false)) {
    place.at("readOnly").report({ given: ReadOnly, allowed: `true with ${AccessMode}`, fix: "set it to true" });
  }
  if (AttachmentMode === "block-device" && MountOptions !== undefined) {
    place.at("mountOptions").report({ given: MountOptions, allowed: "none for a block device", fix: "remove them" });
  }
  const count = knownNumber(group.Count) ?? 1;
  if (volume.PerAlloc !== true && count > 1 && ONE_USER.includes(AccessMode ?? "") && known(volume.PerAlloc ?? false)) {
    const fix = `use perAlloc for a volume each, or another mode: the group has a count of ${count}`;
    place.at("accessMode").report({ given: AccessMode, allowed: "a mode for more than one allocation", fix });
  }
}

function checkPerAlloc(volume: ApiVolumeRequest, group: ApiTaskGroup, jobType: string, place: Place): void {
  const report = (allowed: string, fix: string) => place.at("perAlloc").report({ given: true, allowed, fix });
  if (jobType === "system" || jobType === "sysbatch") report("it in service and batch jobs", "remove it");
  if (volume.Sticky === true) report("it without sticky", "keep one of the two");
  if ((knownNumber(group.Update?.Canary) ?? 0) > 0) {
    report("it without canaries, which would need the same volume", "set canary to 0, or share the volume");
  }
}

export function checkVolumeMounts(task: Pick<ApiTask, "VolumeMounts">, group: ApiTaskGroup, place: Place): void {
  const labels = Object.keys(group.Volumes ?? {});
  task.VolumeMounts?.forEach((mount, index) => {
    const at = place.at("volumeMount", index);
    const volume = knownText(mount.Volume);
    if (isMissing(mount.Volume) || (volume !== undefined && !labels.includes(volume))) {
      const allowed = labels.length === 0 ? "a volume of the group, which has none" : labels.join(", ");
      at.at("volume").report({ given: mount.Volume, allowed, fix: "name a volume of the group" });
    }
    expectText(at.at("destination"), mount.Destination, "say where in the task it is mounted");
    expectOneOf(at.at("propagationMode"), mount.PropagationMode, ["private", "host-to-task", "bidirectional", ""]);
    expectOneOf(at.at("selinuxLabel"), mount.SELinuxLabel, ["Z", "z", ""]);
  });
}
