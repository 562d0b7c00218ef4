import type { ApiLogConfig, ApiResources, ApiTaskGroup } from "../generated/api";
import type { Place } from "../problems";
import { expectAtLeast, expectOneOf, expectRange, isMissing, known, knownNumber, knownText } from "./expect";
import { checkAffinities, checkConstraints } from "./placement";

export function checkResources(resources: ApiResources, place: Place): void {
  const { CPU, Cores, MemoryMB, MemoryMaxMB, SecretsMB, Devices } = resources;
  expectAtLeast(place.at("cores"), Cores, 1);
  if (knownNumber(Cores) === undefined) expectAtLeast(place.at("cpu"), CPU, 1, "MHz");
  if ((knownNumber(Cores) ?? 0) > 0 && CPU !== undefined) {
    place.at("cpu").report({ given: CPU, allowed: "cpu or cores", fix: "keep one of the two" });
  }
  expectAtLeast(place.at("memory"), MemoryMB, 10, "MiB");
  const [reserved, most] = [MemoryMB === undefined ? 300 : knownNumber(MemoryMB), knownNumber(MemoryMaxMB)];
  if (reserved !== undefined && most !== undefined && most !== 0 && most !== -1 && most < reserved) {
    place.at("memoryMax").report({ given: most, allowed: `memory (${reserved}) or more`, fix: "raise it" });
  }
  expectRange(place.at("secrets"), SecretsMB, 0, reserved ?? Number.POSITIVE_INFINITY, "MiB, within memory");
  const affinities = ["none", "prefer", "require"];
  expectOneOf(place.at("numa", "affinity"), resources.NUMA?.Affinity, affinities);
  Devices?.forEach((device, index) => {
    const at = place.at("device", index);
    const name = knownText(device.Name);
    if (isMissing(device.Name) || (name !== undefined && name.split("/").length > 3)) {
      const allowed = "type, vendor/type or vendor/type/model";
      at.at("name").report({ given: device.Name, allowed, fix: 'write it as "nvidia/gpu"' });
    }
    expectAtLeast(at.at("count"), device.Count, 1);
    checkConstraints(device.Constraints, at);
    checkAffinities(device.Affinities, at);
  });
}

export function checkLogs({ MaxFiles = 10, MaxFileSizeMB = 10 }: ApiLogConfig, group: ApiTaskGroup, place: Place) {
  expectAtLeast(place.at("maxFiles"), MaxFiles, 1);
  expectAtLeast(place.at("maxFileSize"), MaxFileSizeMB, 1, "MiB");
  const disk = group.EphemeralDisk?.SizeMB ?? 300;
  if (!known(MaxFiles) || !known(MaxFileSizeMB) || !known(disk)) return;
  const needed = MaxFiles * MaxFileSizeMB;
  if (MaxFiles < 1 || MaxFileSizeMB < 1 || needed < disk) return;
  const fix = "keep fewer or smaller files, or raise ephemeralDisk.size of the group";
  place.report({ given: `${needed} MiB`, allowed: `less than the group's disk of ${disk} MiB`, fix });
}
