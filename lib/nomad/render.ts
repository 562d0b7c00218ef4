import { Token } from "cdktf";
import { hcl } from "../core/hcl";
import { duration, parseDuration, parseSize, size } from "../core/values";
import { renderDriverConfig } from "./driver-render";
import { DROPPED } from "./dropped";
import type { ApiJob } from "./generated/api";
import { words } from "./generated/words";
import { nearest } from "./nearest";
import { Findings, type Mistake, type Place } from "./problems";
import type { Job } from "./spec";
import { TerraformDuration } from "./terraform-values";
import { checkJob } from "./validate/job";

type Struct = keyof typeof words;
type Entry = Record<string, unknown>;

/** What reading a job gives: the job as the API takes it, as far as it could be read, and the mistakes in it. */
export interface Reading {
  readonly api: ApiJob;
  readonly findings: Findings;
}

/**
 * A job as Nomad's HTTP API takes it (`POST /v1/jobs`, `nomad job run -json`, `nomad_job` with `json`).
 *
 * @throws InvalidPropsError with every mistake that can be known before Nomad sees the job, each with its job, group,
 * task and field.
 */
export function renderJob(job: Job): ApiJob {
  const { api, findings } = readJob(job);
  findings.throwIfAny("Job", idOf(job));
  return api;
}

/** The mistakes in a job that Nomad would refuse, without throwing. */
export function jobProblems(job: Job): Findings["problems"] {
  return readJob(job).findings.problems;
}

export function idOf(job: Job): string {
  const id: unknown = (job as Partial<Job> | undefined)?.id;
  return typeof id === "string" && !Token.isUnresolved(id) ? id : "";
}

export function readJob(job: Job): Reading {
  const findings = new Findings(idOf(job));
  const api = (readStruct("Job", job, findings.root) ?? {}) as ApiJob;
  checkJob(api, findings.root);
  return { api, findings };
}

function readStruct(struct: Struct, value: unknown, place: Place): Entry | undefined {
  if (!isPlainObject(value)) return refuse(place, { given: value, allowed: "an object", fix: "write it as { ... }" });
  const known: Record<string, readonly [string, string]> = words[struct];
  const rendered: Entry = {};
  for (const [word, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    const entry = Object.hasOwn(known, word) ? known[word] : undefined;
    if (entry === undefined) {
      const kept = Object.keys(known).filter((candidate) => DROPPED[`${struct}.${candidate}`] === undefined);
      reportUnknownWord(place.at(word), word, kept, inner);
      continue;
    }
    const [name, kind] = entry;
    const dropped = DROPPED[`${struct}.${word}`];
    if (dropped !== undefined) {
      place.at(word).report({ given: inner, allowed: "nothing: Nomad 1.11 drops it without a word", fix: dropped });
      continue;
    }
    const at = placeOf(struct, word, place);
    const read = struct === "Task" && word === "config" ? inner : readKind(kind, inner, at);
    if (read !== undefined) rendered[name] = read;
  }
  return finish(struct, rendered, place);
}

/** Groups and tasks are places of their own. */
function placeOf(struct: Struct, word: string, place: Place): Place {
  return (struct === "Job" && word === "group") || (struct === "TaskGroup" && word === "task") ? place : place.at(word);
}

function reportUnknownWord(place: Place, word: string, known: readonly string[], given: unknown): void {
  const guess = nearest(word, known);
  place.report({
    given,
    allowed: known.length === 0 ? "nothing" : known.join(", "),
    fix: guess === undefined ? "remove it" : `write ${guess}`,
  });
}

function readKind(kind: string, value: unknown, place: Place): unknown {
  const labelled = /^labelled-(list|map):(\w+):(\w*)$/.exec(kind);
  if (labelled !== null) {
    const [, container, struct, label] = labelled as unknown as [string, string, Struct, string];
    return readLabelled(container === "map", struct, label, value, place);
  }
  if (kind.startsWith("struct:")) return readStruct(kind.slice("struct:".length) as Struct, value, place);
  const element = /^list<struct:(\w+)>$/.exec(kind)?.[1] as Struct | undefined;
  if (element !== undefined) return readBlocks(element, value, place);
  return readValue(kind, value, place);
}

function readBlocks(struct: Struct, value: unknown, place: Place): Entry[] {
  if (!Array.isArray(value)) return [readStruct(struct, value, place)].filter(isPresent);
  return value.map((element, index) => readStruct(struct, element, place.at(index))).filter(isPresent);
}

const OWNERS: Partial<Record<Struct, (place: Place, label: string) => Place>> = {
  TaskGroup: (place, label) => place.group(label),
  Task: (place, label) => place.task(label),
};

function readLabelled(asMap: boolean, struct: Struct, name: string, value: unknown, place: Place): unknown {
  if (!isPlainObject(value) || Token.isUnresolved(value)) {
    return refuse(place, { given: value, allowed: "an object with a label each", fix: "write { label: { ... } }" });
  }
  const owner = OWNERS[struct] ?? ((at: Place, label: string) => at.at(label));
  const entries = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .map(([label, inner]): [string, Entry | undefined] => [label, readStruct(struct, inner, owner(place, label))])
    .flatMap(([label, inner]) => {
      if (inner === undefined) return [];
      return [[label, name === "" ? inner : { ...inner, [name]: label }] as const];
    });
  return asMap ? Object.fromEntries(entries) : entries.map(([, inner]) => inner);
}

/** What one structure of ours becomes more than one field of the API. */
function finish(struct: Struct, rendered: Entry, place: Place): Entry {
  switch (struct) {
    case "Job":
      return { ...rendered, Name: rendered["Name"] ?? rendered["ID"] };
    case "Constraint":
    case "Affinity":
      return { Operand: "=", ...rendered };
    case "PeriodicConfig":
      return { ...rendered, SpecType: "cron" };
    case "NetworkResource":
      return splitPorts(rendered);
    case "Task":
      return splitIdentities({ ...rendered, ...renderDriverConfig(rendered, place) });
    default:
      return rendered;
  }
}

/** The API keeps static ports apart. */
function splitPorts({ DynamicPorts: ports, ...rest }: Entry): Entry {
  if (!Array.isArray(ports)) return rest;
  const isStatic = (port: Entry) => port["Value"] !== undefined;
  const lists = { ReservedPorts: ports.filter(isStatic), DynamicPorts: ports.filter((port) => !isStatic(port)) };
  return { ...rest, ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)) };
}

/** The API keeps the default identity apart. */
function splitIdentities({ Identities: identities, ...rest }: Entry): Entry {
  if (!Array.isArray(identities)) return rest;
  const isDefault = (identity: Entry) => identity["Name"] === undefined || identity["Name"] === "default";
  const own = identities.find(isDefault);
  const others = identities.filter((identity) => identity !== own);
  return {
    ...rest,
    ...(own === undefined ? {} : { Identity: own }),
    ...(others.length === 0 ? {} : { Identities: others }),
  };
}

function readValue(kind: string, value: unknown, place: Place): unknown {
  const reader = READERS[kind];
  if (reader === undefined) throw new Error(`the schema has a kind that the renderer does not know: ${kind}`);
  return reader(value, place);
}

const READERS: Record<string, (value: unknown, place: Place) => unknown> = {
  string: (value, place) => {
    if (typeof value === "string") return value;
    if (Token.isUnresolved(value)) return Token.asString(value);
    return refuse(place, { given: value, allowed: "a text", fix: 'write it in quotes: "..."' });
  },
  int: (value, place) => {
    if (Number.isSafeInteger(value)) return value;
    if (Token.isUnresolved(value)) return hcl.call("tonumber", value);
    return refuse(place, { given: value, allowed: "a whole number", fix: "write digits, without quotes" });
  },
  bool: (value, place) => {
    if (typeof value === "boolean") return value;
    if (Token.isUnresolved(value)) return hcl.call("tobool", value);
    return refuse(place, { given: value, allowed: "true or false", fix: "write it without quotes" });
  },
  duration: (value, place) => {
    if (Token.isUnresolved(value)) return new TerraformDuration(Token.asString(value));
    if (TIME.accepts(value)) return parseDuration(value, "ms") * 1_000_000;
    return refuse(place, { given: value, ...TIME });
  },
  size: (value, place) => {
    if (Number.isSafeInteger(value)) return value;
    if (Token.isUnresolved(value)) return hcl.call("tonumber", value);
    if (SIZE.accepts(value)) return parseSize(value, "MiB");
    return refuse(place, { given: value, allowed: `${SIZE.allowed}, or MiB as a number`, fix: SIZE.fix });
  },
  any: (value) => value,
  "list<string>": (value, place) => readList(value, place, "string"),
  "list<int>": (value, place) => readList(value, place, "int"),
  "map<string>": (value, place) => readMap(value, place, "string"),
  "map<list<string>>": (value, place) => readMap(value, place, "list<string>"),
  "map<any>": (value, place) => readMap(value, place, "any"),
};

const TIME = duration({ min: "0s" });
const SIZE = size({ unit: "MiB" });

function readList(value: unknown, place: Place, kind: string): unknown {
  if (Token.isUnresolved(value)) return value;
  if (!Array.isArray(value)) return refuse(place, { given: value, allowed: "a list", fix: "write it as [ ... ]" });
  return value.map((element, index) => readValue(kind, element, place.at(index))).filter(isPresent);
}

function readMap(value: unknown, place: Place, kind: string): unknown {
  if (Token.isUnresolved(value)) return value;
  if (!isPlainObject(value)) {
    return refuse(place, { given: value, allowed: "an object", fix: "write it as { key: value }" });
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, readValue(kind, inner, place.at(key))])
      .filter(([, inner]) => inner !== undefined),
  );
}

function refuse(place: Place, mistake: Mistake): undefined {
  place.report(mistake);
  return undefined;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined;
}
