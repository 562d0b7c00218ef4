import type { ApiJob, ApiTask, ApiTaskGroup } from "../generated/api";
import type { Place } from "../problems";
import { isLater, known } from "./expect";
import { portLabels } from "./network";

/** Where a service stands. */
export interface ServiceOwner {
  readonly job: ApiJob;
  readonly group: ApiTaskGroup;
  /** Absent for a group's own services. */
  readonly task?: ApiTask;
}

/** What services and checks may do while an update runs. */
export const ON_UPDATE = ["require_healthy", "ignore_warnings", "ignore"];

/** A task has no address of its own: the group has. */
export function expectNoAlloc(mode: string | undefined, place: Place): void {
  if (mode === undefined || !mode.startsWith("alloc")) return;
  place.report({ given: mode, allowed: "it in a service of the group", fix: "move the service to the group" });
}

export function checkPort(
  label: string | undefined,
  mode: string | undefined,
  owner: ServiceOwner,
  place: Place,
): void {
  if (!known(label) || label === "" || (owner.task === undefined && isLater(label))) return;
  const labels = portLabels(owner.group);
  if (labels.includes(label)) return;
  const number = /^\d+$/.test(label);
  // With a mode of its own a number is the port inside; a sidecar maps it as well.
  if (number && (owner.task === undefined || mode === "driver" || mode?.startsWith("alloc"))) {
    if (Number(label) < 1 || Number(label) > 65535) {
      place.report({ given: label, allowed: "1 to 65535", fix: "choose a port within" });
    }
    return;
  }
  const allowed = labels.length === 0 ? "a label of the group's network, which has no port" : labels.join(", ");
  place.report({ given: label, allowed, fix: "open the port in the group's network, or name one of these" });
}

export function expectTask(name: string, group: ApiTaskGroup, place: Place): void {
  const names = (group.Tasks ?? []).map((task) => task.Name ?? "");
  if (!names.includes(name)) place.report({ given: name, allowed: names.join(", "), fix: "name a task of the group" });
}
