import type { ApiCheckRestart, ApiService, ApiServiceCheck, ApiTaskGroup } from "../generated/api";
import type { Place } from "../problems";
import { checkConnect, type ServiceOwner } from "./connect";
import { expectAtLeast, expectOneOf, expectText, isLater, isMissing, known, knownText, SECOND, time } from "./expect";
import { networkMode, portLabels } from "./network";
import { checkIdentity } from "./secrets";

const ON_UPDATE = ["require_healthy", "ignore_warnings", "ignore"];

export function checkService(service: ApiService, owner: ServiceOwner, place: Place): void {
  checkName(service, place.at("name"));
  expectOneOf(place.at("provider"), service.Provider, ["consul", "nomad"]);
  expectOneOf(place.at("onUpdate"), service.OnUpdate, ON_UPDATE);
  checkAddress(service, owner, place);
  checkPort(service.PortLabel, service.AddressMode, owner, place.at("port"));
  checkTaskName(service, owner, place.at("task"));
  if (service.Kind !== undefined) {
    const kinds = ["api-gateway", "ingress-gateway", "mesh-gateway", "terminating-gateway", "connect-proxy"];
    expectOneOf(place.at("kind"), service.Kind, [...kinds, ""]);
  }
  if (service.CheckRestart !== undefined) checkCheckRestart(service.CheckRestart, place.at("checkRestart"));
  if (service.Identity !== undefined) checkIdentity(service.Identity, place.at("identity"), true);
  service.Checks?.forEach((check, index) => {
    checkCheck(check, service, owner, place.at("check", index));
  });
  checkProvider(service, place);
  if (service.Connect !== undefined) checkConnect(service, service.Connect, owner, place.at("connect"));
}

function checkName({ Name: name }: ApiService, place: Place): void {
  if (name === undefined || isLater(name)) return;
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(name)) {
    const allowed = "1 to 63 letters, digits and inner hyphens (RFC 1123)";
    place.report({ given: name, allowed, fix: "rename it: names are looked up by DNS" });
  }
}

function checkAddress({ Address, AddressMode }: ApiService, { task }: ServiceOwner, place: Place): void {
  expectOneOf(place.at("addressMode"), AddressMode, ["alloc", "alloc_ipv6", "auto", "driver", "host"]);
  const mode = knownText(AddressMode);
  if (Address !== undefined && mode !== undefined && mode !== "auto") {
    place
      .at("addressMode")
      .report({ given: mode, allowed: '"auto" where address is set', fix: "remove one of the two" });
  }
  if (mode === "driver" && task === undefined) {
    const fix = 'use "alloc", or move the service to the task';
    place.at("addressMode").report({ given: mode, allowed: "it in a service of a task", fix });
  }
  if (task !== undefined) expectNoAlloc(mode, place.at("addressMode"));
}

/** A task has no address of its own: the group has. */
function expectNoAlloc(mode: string | undefined, place: Place): void {
  if (mode === undefined || !mode.startsWith("alloc")) return;
  place.report({ given: mode, allowed: "it in a service of the group", fix: "move the service to the group" });
}

function checkPort(label: string | undefined, mode: string | undefined, owner: ServiceOwner, place: Place): void {
  if (label === undefined || label === "" || isLater(label)) return;
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

function checkTaskName({ TaskName: name }: ApiService, { group, task }: ServiceOwner, place: Place): void {
  if (name === undefined || isLater(name)) return;
  if (task !== undefined) {
    if (task.Name !== undefined && name !== task.Name) {
      place.report({ given: name, allowed: `${task.Name}, to which the service belongs`, fix: "remove it" });
    }
    return;
  }
  expectTask(name, group, place);
}

function expectTask(name: string, group: ApiTaskGroup, place: Place): void {
  const names = (group.Tasks ?? []).map((task) => task.Name ?? "");
  if (!names.includes(name)) place.report({ given: name, allowed: names.join(", "), fix: "name a task of the group" });
}

function checkProvider(service: ApiService, place: Place): void {
  if (service.Provider !== "nomad") return;
  if (service.Connect !== undefined) {
    const fix = "remove it, or register the service in Consul";
    place.at("connect").report({ given: "connect", allowed: "it with Consul only", fix });
  }
  const ofConsul = (at: Place, given: unknown) =>
    at.report({ given, allowed: "it with Consul only", fix: "remove it" });
  if (service.OnUpdate === "ignore_warnings") ofConsul(place.at("onUpdate"), service.OnUpdate);
  if (service.CheckRestart?.IgnoreWarnings === true) ofConsul(place.at("checkRestart", "ignoreWarnings"), true);
  if (service.Identity !== undefined) ofConsul(place.at("identity"), service.Identity);
  service.Checks?.forEach((check, index) => {
    const at = place.at("check", index);
    if (check.OnUpdate === "ignore_warnings") ofConsul(at.at("onUpdate"), check.OnUpdate);
    if (check.CheckRestart?.IgnoreWarnings === true) ofConsul(at.at("checkRestart", "ignoreWarnings"), true);
    if (knownText(check.Type) !== undefined && !["tcp", "http"].includes(check.Type ?? "")) {
      const fix = "use one of them, or register the service in Consul";
      at.at("type").report({ given: check.Type, allowed: '"tcp" and "http" in Nomad\'s own catalog', fix });
    }
    const counts = {
      successBeforePassing: check.SuccessBeforePassing,
      failuresBeforeCritical: check.FailuresBeforeCritical,
      failuresBeforeWarning: check.FailuresBeforeWarning,
      tlsServerName: check.TLSServerName,
      expose: check.Expose === true ? true : undefined,
    };
    for (const [word, value] of Object.entries(counts)) {
      if (known(value) && value !== 0) ofConsul(at.at(word), value);
    }
  });
}

function checkCheck(check: ApiServiceCheck, service: ApiService, owner: ServiceOwner, place: Place): void {
  const type = knownText(check.Type);
  if (isMissing(check.Type)) {
    place
      .at("type")
      .report({ given: check.Type, allowed: '"http", "tcp", "grpc", "script"', fix: "say how it checks" });
  }
  expectOneOf(place.at("type"), type, ["http", "tcp", "grpc", "script"]);
  expectOneOf(place.at("onUpdate"), check.OnUpdate, ON_UPDATE);
  expectOneOf(place.at("initialStatus"), check.InitialStatus, ["passing", "warning", "critical", ""]);
  expectOneOf(place.at("addressMode"), check.AddressMode, ["alloc", "alloc_ipv6", "driver", "host"]);
  checkTimes(check, place);
  if (type === "http") checkHttp(check, place);
  if (type === "script") checkScript(check, service, owner, place);
  else checkCheckPort(check, service, owner, place.at("port"));
  if (check.TaskName !== undefined && owner.task === undefined && !isLater(check.TaskName)) {
    expectTask(check.TaskName, owner.group, place.at("task"));
  }
  if (owner.task !== undefined) expectNoAlloc(knownText(check.AddressMode), place.at("addressMode"));
  checkInMesh(check, service, owner, place);
  if (check.CheckRestart !== undefined) checkCheckRestart(check.CheckRestart, place.at("checkRestart"));
  const restart = check.CheckRestart ?? service.CheckRestart;
  if (restart !== undefined) {
    checkRestartOnUpdate(check.OnUpdate ?? service.OnUpdate, restart, place.at("onUpdate"));
  }
}

function checkInMesh(check: ApiServiceCheck, service: ApiService, { group }: ServiceOwner, place: Place): void {
  const { Type: type, Expose } = check;
  const { Connect } = service;
  if (Connect?.SidecarService !== undefined && type === "tcp") {
    const fix = "use http or grpc with expose: true; Consul checks the proxy itself by TCP already";
    place.at("type").report({ given: type, allowed: "no TCP check behind a sidecar", fix });
  }
  if (Expose !== true) return;
  if (knownText(type) !== undefined && type !== "http" && type !== "grpc") {
    place.at("expose").report({ given: true, allowed: "it on HTTP and gRPC checks", fix: "remove it" });
  }
  if (Connect?.SidecarService === undefined) {
    place.at("expose").report({ given: true, allowed: "it behind a sidecar", fix: "remove it" });
    return;
  }
  const port = knownText(service.PortLabel);
  const fixed = (group.Networks ?? []).flatMap(({ ReservedPorts = [] }) => ReservedPorts.map(({ Label }) => Label));
  if (port !== undefined && !isLater(port) && !/^\d+$/.test(port) && !fixed.includes(port)) {
    const fix = "name the port of the service by its number: behind a sidecar nothing else reaches it";
    place.at("expose").report({ given: `it on port "${port}"`, allowed: "it on a number or a static port", fix });
  }
}

function checkTimes({ Interval, Timeout }: ApiServiceCheck, place: Place): void {
  for (const [word, value] of Object.entries({ interval: Interval, timeout: Timeout })) {
    if (value === undefined || (known(value) && value < SECOND)) {
      const given = value === undefined ? undefined : time(value);
      place.at(word).report({ given, allowed: "1s or more", fix: "give a time" });
    }
  }
}

function checkHttp({ Path }: ApiServiceCheck, place: Place): void {
  expectText(place.at("path"), Path, 'give the path: "/health"');
  const path = knownText(Path);
  if (path !== undefined && /^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    place
      .at("path")
      .report({ given: path, allowed: "a path without scheme and host", fix: "leave out what precedes it" });
  }
}

function checkScript(check: ApiServiceCheck, service: ApiService, { task }: ServiceOwner, place: Place): void {
  expectText(place.at("command"), check.Command, "name the program");
  if (task === undefined && check.TaskName === undefined && service.TaskName === undefined) {
    const allowed = "a task of the group, in which the program runs";
    place.at("task").report({ given: undefined, allowed, fix: "name it" });
  }
  const counts = {
    successBeforePassing: check.SuccessBeforePassing,
    failuresBeforeCritical: check.FailuresBeforeCritical,
    failuresBeforeWarning: check.FailuresBeforeWarning,
  };
  for (const [word, value] of Object.entries(counts)) {
    if (known(value) && value > 0) {
      place.at(word).report({ given: value, allowed: "it on checks that Consul makes itself", fix: "remove it" });
    }
  }
}

function checkCheckPort(check: ApiServiceCheck, service: ApiService, owner: ServiceOwner, place: Place): void {
  if (isMissing(check.PortLabel) && isMissing(service.PortLabel)) {
    place.report({ given: undefined, allowed: "a port of the check or its service", fix: "name one" });
    return;
  }
  const bridge = networkMode(owner.group) !== "host";
  checkPort(check.PortLabel, check.AddressMode ?? (bridge ? "alloc" : undefined), owner, place);
}

function checkCheckRestart({ Limit }: ApiCheckRestart, place: Place): void {
  expectAtLeast(place.at("limit"), Limit, 0);
}

function checkRestartOnUpdate(onUpdate: string | undefined, restart: ApiCheckRestart, place: Place): void {
  const fix = "let the restart ignore as much, or remove one of the two";
  if (onUpdate === "ignore") place.report({ given: onUpdate, allowed: "it without checkRestart", fix });
  if (onUpdate === "ignore_warnings" && restart.IgnoreWarnings !== true && known(restart.IgnoreWarnings ?? false)) {
    place.report({ given: onUpdate, allowed: "it with checkRestart.ignoreWarnings", fix });
  }
}
