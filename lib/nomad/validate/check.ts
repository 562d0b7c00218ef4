import type { ApiCheckRestart, ApiService, ApiServiceCheck } from "../generated/api";
import type { Place } from "../problems";
import { expectAtLeast, expectOneOf, expectText, isLater, isMissing, known, knownText, SECOND, time } from "./expect";
import { networkMode, staticPorts } from "./network";
import { checkPort, expectNoAlloc, expectTask, ON_UPDATE, type ServiceOwner } from "./service-owner";

export function checkCheck(check: ApiServiceCheck, service: ApiService, owner: ServiceOwner, place: Place): void {
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
  if (check.TaskName !== undefined && owner.task === undefined && known(check.TaskName)) {
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
  const port = service.PortLabel === undefined ? "" : knownText(service.PortLabel);
  if (port === undefined || /^\d+$/.test(port) || staticPorts(group).includes(port) || isLater(port)) return;
  const fix = "give the port of the service as its number: behind a sidecar nothing else reaches it";
  const given = port === "" ? "it without a port of the service" : `it on port "${port}"`;
  place.at("expose").report({ given, allowed: "it on a number or a static port", fix });
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

export function checkCheckRestart({ Limit }: ApiCheckRestart, place: Place): void {
  expectAtLeast(place.at("limit"), Limit, 0);
}

function checkRestartOnUpdate(onUpdate: string | undefined, restart: ApiCheckRestart, place: Place): void {
  const fix = "let the restart ignore as much, or remove one of the two";
  if (onUpdate === "ignore") place.report({ given: onUpdate, allowed: "it without checkRestart", fix });
  if (onUpdate === "ignore_warnings" && restart.IgnoreWarnings !== true && known(restart.IgnoreWarnings ?? false)) {
    place.report({ given: onUpdate, allowed: "it with checkRestart.ignoreWarnings", fix });
  }
}
