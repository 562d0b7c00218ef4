import type { ApiJob, ApiTask, ApiTaskArtifact, ApiTaskGroup } from "../generated/api";
import type { Place } from "../problems";
import { expectInsideAllocation, expectOneOf, expectText, isMissing, known, knownText } from "./expect";
import { checkAffinities, checkConstraints } from "./placement";
import { checkRestart } from "./policies";
import { checkLogs, checkResources } from "./resources";
import { checkIdentity, checkSecrets, checkTemplates, checkVault } from "./secrets";
import { checkService } from "./service";
import { checkVolumeMounts } from "./volume";

/** Where a task stands. */
export interface TaskOwner {
  readonly job: ApiJob;
  readonly group: ApiTaskGroup;
}

export function checkTask(task: ApiTask, { job, group }: TaskOwner, jobType: string, place: Place): void {
  checkTaskName(task.Name ?? "", place);
  expectText(place.at("driver"), task.Driver, 'name the driver: "docker"');
  checkConstraints(task.Constraints, place, { task: true });
  checkAffinities(task.Affinities, place);
  if (jobType === "system" && task.Affinities !== undefined) {
    place
      .at("affinity")
      .report({ given: "it in a system job", allowed: "none: it runs on every node", fix: "remove it" });
  }
  if (task.RestartPolicy !== undefined) {
    checkRestart({ ...group.RestartPolicy, ...task.RestartPolicy }, jobType, place.at("restart"));
  }
  checkResources(task.Resources ?? {}, place.at("resources"));
  checkLogs(task.LogConfig ?? {}, group, place.at("logs"));
  checkLifecycle(task, place.at("lifecycle"));
  task.Artifacts?.forEach((artifact, index) => {
    checkArtifact(artifact, place.at("artifact", index));
  });
  checkTemplates(task, place);
  if (task.Vault !== undefined) checkVault(task.Vault, place.at("vault"));
  checkSecrets(task, place);
  const identities = [task.Identity ?? [], task.Identities ?? []].flat();
  for (const identity of identities) {
    checkIdentity(identity, place.at("identity", ...(identities.length > 1 ? [identities.indexOf(identity)] : [])));
  }
  task.Services?.forEach((service, index) => {
    checkService(service, { job, group, task }, place.at("service", index));
  });
  checkVolumeMounts(task, group, place);
  checkActions(task, place);
  checkCsiPlugin(task, place.at("csiPlugin"));
}

function checkTaskName(name: string, place: Place): void {
  if (name === "" || /[\\/\0]/.test(name)) {
    place.report({ given: name, allowed: "a name without slashes: it is a directory", fix: "rename the task" });
  }
}

function checkLifecycle({ Lifecycle: lifecycle }: ApiTask, place: Place): void {
  if (lifecycle === undefined) return;
  if (isMissing(lifecycle.Hook)) {
    place.at("hook").report({ given: lifecycle.Hook, allowed: '"prestart", "poststart", "poststop"', fix: "say when" });
    return;
  }
  expectOneOf(place.at("hook"), lifecycle.Hook, ["prestart", "poststart", "poststop"]);
  if (lifecycle.Hook === "poststop" && lifecycle.Sidecar === true) {
    const fix = "remove it: there is nothing left to run beside";
    place.at("sidecar").report({ given: true, allowed: "false with poststop", fix });
  }
}

/** Lengths in hexadecimal digits. */
const CHECKSUMS: Readonly<Record<string, number>> = { md5: 32, sha1: 40, sha256: 64, sha512: 128 };

function checkArtifact(artifact: ApiTaskArtifact, place: Place): void {
  expectText(place.at("source"), artifact.GetterSource, "give its address");
  expectOneOf(place.at("mode"), artifact.GetterMode, ["any", "file", "dir"]);
  expectInsideAllocation(place.at("destination"), artifact.RelativeDest);
  const options = known(artifact.GetterOptions) ? artifact.GetterOptions : {};
  const checksum = knownText(options["checksum"]);
  if (checksum === undefined || checksum.includes("${")) return;
  const [type = "", value = ""] = checksum.split(":");
  const length = Object.hasOwn(CHECKSUMS, type) ? CHECKSUMS[type] : undefined;
  if (
    length === undefined ||
    value.length !== length ||
    !/^[0-9a-f]+$/i.test(value) ||
    checksum.split(":").length > 2
  ) {
    const allowed = `${Object.keys(CHECKSUMS).join(", ")}, a colon and the sum in hexadecimal digits`;
    place.at("options", "checksum").report({ given: checksum, allowed, fix: 'write it as "sha256:..."' });
  }
}

function checkActions({ Actions }: ApiTask, place: Place): void {
  for (const { Name: name = "", Command } of Actions ?? []) {
    const at = place.at("action", name);
    if (name === "" || name.length > 128 || /[\s\0]/.test(name)) {
      at.report({ given: name, allowed: "1 to 128 characters without spaces", fix: "rename it" });
    }
    expectText(at.at("command"), Command, "name the program");
  }
}

function checkCsiPlugin({ CSIPluginConfig: plugin }: ApiTask, place: Place): void {
  if (plugin === undefined) return;
  expectText(place.at("id"), plugin.ID, "give the name that volumes refer to");
  if (isMissing(plugin.Type)) {
    place.at("type").report({ given: plugin.Type, allowed: '"node", "controller", "monolith"', fix: "say which" });
  }
  expectOneOf(place.at("type"), plugin.Type, ["node", "controller", "monolith"]);
}
