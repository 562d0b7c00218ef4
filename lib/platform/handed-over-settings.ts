import { parseDuration } from "../core/values";
import type { Settings } from "../node/access-vault-objects";

/** A switch that is off by default: an import knows no difference between off and not said. */
export function set(settings: Settings, name: string): true | undefined {
  return settings[name] === true || undefined;
}

/** One that is on by default. */
export function unset(settings: Settings, name: string): false | undefined {
  return settings[name] === true ? undefined : false;
}

export function text(settings: Settings, name: string): string | undefined {
  const value = settings[name];
  return value === undefined ? undefined : String(value);
}

export function texts(settings: Settings): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
}

export function seconds(settings: Settings, name: string): number | undefined {
  const value = settings[name];
  return value === undefined ? undefined : parseDuration(String(value), "s");
}
