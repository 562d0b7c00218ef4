import type { ApiSecret, ApiTask, ApiTemplate, ApiVault, ApiWorkloadIdentity } from "../generated/api";
import type { Place } from "../problems";
import {
  expectInsideAllocation,
  expectOneOf,
  expectText,
  isMissing,
  known,
  knownNumber,
  knownText,
  time,
} from "./expect";

const CHANGE_MODES = ["noop", "restart", "signal"];

/** What signal and mode ask of each other. */
function checkChange(mode: string | undefined, signal: string | undefined, place: Place): void {
  if (mode === "signal" && isMissing(signal)) {
    place.at("changeSignal").report({ given: signal, allowed: 'a signal such as "SIGHUP"', fix: "name it" });
  }
  if (!isMissing(signal) && mode !== "signal" && (mode === undefined || known(mode))) {
    const fix = 'set changeMode to "signal", or remove it';
    place.at("changeSignal").report({ given: signal, allowed: 'it with changeMode "signal"', fix });
  }
}

export function checkVault(vault: ApiVault, place: Place): void {
  expectOneOf(place.at("changeMode"), vault.ChangeMode, CHANGE_MODES);
  checkChange(vault.ChangeMode, vault.ChangeSignal, place);
}

/** `forService`: Nomad names it itself, so that one without a name is not the task's default one. */
export function checkIdentity(identity: ApiWorkloadIdentity, place: Place, forService = false): void {
  const { Name, ChangeMode, ChangeSignal, Filepath, File, TTL } = identity;
  const isDefault = !forService && (Name === undefined || Name === "default");
  if (known(Name) && !/^[A-Za-z0-9_-]{1,128}$/.test(Name)) {
    const allowed = "1 to 128 letters, digits, hyphens and underscores";
    place.at("name").report({ given: Name, allowed, fix: "rename it" });
  }
  expectOneOf(place.at("changeMode"), ChangeMode, CHANGE_MODES);
  checkChange(ChangeMode, ChangeSignal, place);
  if (forService && (identity.Audience === undefined || (known(identity.Audience) && identity.Audience.length === 0))) {
    place.at("aud").report({ given: identity.Audience, allowed: "1 or more", fix: 'say who accepts it: "consul.io"' });
  }
  if (Filepath !== undefined && File !== true && known(File ?? false)) {
    place.at("filepath").report({ given: Filepath, allowed: "it with file: true", fix: "set file to true" });
  }
  expectInsideAllocation(place.at("filepath"), Filepath);
  const ttl = knownNumber(TTL);
  if (isDefault && ttl !== undefined && ttl !== 0) {
    place
      .at("ttl")
      .report({ given: time(ttl), allowed: "none for the default identity", fix: "name another identity" });
  }
}

export function checkSecrets(task: ApiTask, place: Place): void {
  for (const { Name: name = "", Provider, Path, Env, Config } of task.Secrets ?? ([] as readonly ApiSecret[])) {
    const at = place.at("secret", name);
    if (!/^[A-Za-z0-9_]{1,128}$/.test(name)) {
      at.report({ given: name, allowed: "1 to 128 letters, digits and underscores", fix: "rename it" });
    }
    expectText(at.at("provider"), Provider, 'use "vault", "nomad" or a plugin\'s name');
    expectText(at.at("path"), Path, "say where the secret is");
    if (Provider === "vault" && task.Vault === undefined) {
      at.at("provider").report({
        given: "vault",
        allowed: "it in a task with vault",
        fix: "add vault: {} to the task",
      });
    }
    const isBuiltIn = Provider === "vault" || Provider === "nomad";
    if (isBuiltIn && Env !== undefined) {
      at.at("env").report({ given: Env, allowed: "it for a plugin only", fix: "remove it" });
    }
    if (!isBuiltIn && known(Provider) && Config !== undefined) {
      at.at("config").report({ given: Config, allowed: "it for vault and nomad only", fix: "use env for a plugin" });
    }
  }
}

export function checkTemplates(task: ApiTask, place: Place): void {
  const destinations = new Set<string>();
  task.Templates?.forEach((template, index) => {
    const at = place.at("template", index);
    checkTemplate(template, at);
    const destination = knownText(template.DestPath);
    if (destination === undefined) return;
    if (destinations.has(destination)) {
      at.at("destination").report({ given: destination, allowed: "one template a file", fix: "choose another path" });
    }
    destinations.add(destination);
  });
}

function checkTemplate(template: ApiTemplate, place: Place): void {
  const { EmbeddedTmpl, SourcePath, DestPath, ChangeMode, ChangeSignal, ChangeScript, Envvars, Perms, Wait } = template;
  if (isMissing(EmbeddedTmpl) && isMissing(SourcePath)) {
    place.at("data").report({ given: EmbeddedTmpl, allowed: "a template, or source", fix: "give its text" });
  }
  if (!isMissing(EmbeddedTmpl) && !isMissing(SourcePath)) {
    place.at("source").report({ given: SourcePath, allowed: "data or source", fix: "keep one of the two" });
  }
  expectText(place.at("destination"), DestPath, 'give the file: "local/app.conf"');
  expectInsideAllocation(place.at("destination"), DestPath);
  expectOneOf(place.at("changeMode"), ChangeMode, [...CHANGE_MODES, "script"]);
  checkChange(ChangeMode, ChangeSignal, place);
  if (ChangeMode === "signal" && Envvars === true) {
    const fix = 'use "restart": the environment of a running program cannot change';
    place.at("changeMode").report({ given: "signal", allowed: '"noop", "restart" or "script" with env', fix });
  }
  if (ChangeMode === "script" && ChangeScript === undefined) {
    place.at("changeScript").report({ given: undefined, allowed: "the program to run", fix: "give it" });
  }
  if (ChangeScript !== undefined) {
    expectText(place.at("changeScript", "command"), ChangeScript.Command, "name the program");
    if (ChangeMode !== "script" && (ChangeMode === undefined || known(ChangeMode))) {
      const fix = 'set changeMode to "script", or remove it';
      place.at("changeScript").report({ given: ChangeScript.Command, allowed: 'it with changeMode "script"', fix });
    }
  }
  const perms = knownText(Perms);
  if (perms !== undefined && perms !== "" && !/^[0-7]{1,4}$/.test(perms)) {
    place.at("perms").report({ given: perms, allowed: 'octal digits such as "640"', fix: "give the mode in digits" });
  }
  const [min, max] = [knownNumber(Wait?.Min), knownNumber(Wait?.Max)];
  if (min !== undefined && max !== undefined && min > max) {
    place.at("wait", "min").report({ given: time(min), allowed: `at most max (${time(max)})`, fix: "shorten it" });
  }
}
