import { Token } from "cdktf";
import type { Place } from "./problems";

type Entry = Readonly<Record<string, unknown>>;

/** Drivers whose options are typed here: what each cannot do without. */
const REQUIRED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  docker: [["image"]],
  podman: [["image"]],
  exec: [["command"]],
  exec2: [["command"]],
  raw_exec: [["command"]],
  java: [["class", "jarPath"]],
  qemu: [["imagePath"]],
};

/** Maps of the user's own keys, which the drivers take as a block. */
const FREE = new Set(["cgroupV1Override", "config", "labels", "options", "portMap", "storageOpt", "sysctl", "ulimit"]);

/**
 * The options of a task's driver, as Nomad's own parser would hand them over: words with underscores, each block a list
 * of one object. Options of other drivers stay as they are.
 */
export function renderDriverConfig(task: Entry, place: Place): { readonly Config?: unknown } {
  const { Driver: driver, Config: config } = task;
  if (typeof driver !== "string" || !Object.hasOwn(REQUIRED, driver))
    return config === undefined ? {} : { Config: config };
  if (!isObject(config)) {
    place.at("config").report({ given: config, allowed: "an object", fix: `give the options of ${driver}` });
    return {};
  }
  for (const choices of REQUIRED[driver] ?? []) {
    if (choices.some((word) => isGiven(config[word]))) continue;
    const names = choices.join(" or ");
    const at = choices.length === 1 ? place.at("config", ...choices) : place.at("config");
    at.report({
      given: choices.length === 1 ? config[names] : config,
      allowed: `a text for ${names}: ${driver} cannot start without it`,
      fix: `give ${names}`,
    });
  }
  return { Config: renderOptions(config) };
}

function renderOptions(options: Entry): Entry {
  return Object.fromEntries(
    Object.entries(options)
      .filter(([, value]) => value !== undefined)
      .map(([word, value]) => [snakeCase(word), FREE.has(word) ? asBlock(value) : renderOption(value)]),
  );
}

function renderOption(value: unknown): unknown {
  if (isObject(value)) return [renderOptions(value)];
  if (Array.isArray(value) && !Token.isUnresolved(value)) {
    return value.map((element) => (isObject(element) ? renderOptions(element) : element));
  }
  return value;
}

const asBlock = (value: unknown) => (isObject(value) ? [value] : value);

const snakeCase = (word: string) => word.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const isGiven = (value: unknown) => Token.isUnresolved(value) || (typeof value === "string" && value !== "");

function isObject(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !Token.isUnresolved(value);
}
