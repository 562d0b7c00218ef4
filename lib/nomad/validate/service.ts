import { Token } from "cdktf";
import type { ApiService } from "../generated/api";
import type { Place } from "../problems";
import { checkCheck, checkCheckRestart } from "./check";
import { checkConnect } from "./connect";
import { expectOneOf, known, knownText } from "./expect";
import { checkIdentity } from "./secrets";
import { checkPort, expectNoAlloc, expectTask, ON_UPDATE, type ServiceOwner } from "./service-owner";

export function checkService(service: ApiService, owner: ServiceOwner, place: Place): void {
  checkName(service, owner, place.at("name"));
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

function checkName({ Name: given }: ApiService, { job, group, task }: ServiceOwner, place: Place): void {
  // What Nomad makes of a service without a name.
  const name = given ?? [job.Name, group.Name, task?.Name].filter((part) => part !== undefined).join("-");
  if (Token.isUnresolved(name)) return;
  // The node fills in `${...}`; Nomad judges the rest with a word in its place.
  if (/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(name.replace(/\$\{[^}]*\}/g, "ENV-VAR"))) return;
  const allowed = "1 to 63 letters, digits and inner hyphens (RFC 1123): names are looked up by DNS";
  const fix = given === undefined ? "name the service: this is what its job and group would make of it" : "rename it";
  place.report({ given: name, allowed, fix });
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

function checkTaskName({ TaskName: name }: ApiService, { group, task }: ServiceOwner, place: Place): void {
  if (!known(name)) return;
  if (task !== undefined) {
    if (task.Name !== undefined && name !== task.Name) {
      place.report({ given: name, allowed: `${task.Name}, to which the service belongs`, fix: "remove it" });
    }
    return;
  }
  expectTask(name, group, place);
}

/** Nomad asks itself, by these methods; Consul takes any. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"];

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
    const method = knownText(check.Method);
    if (method !== undefined && method !== "" && !METHODS.includes(method)) {
      at.at("method").report({ given: method, allowed: METHODS.join(", "), fix: "use one of them" });
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
