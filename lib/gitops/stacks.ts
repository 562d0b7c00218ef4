import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CaravanError } from "../core/errors";
import { type Backend, backendOf } from "./backend";
import { StackGraph } from "./stack-graph";
import type { TerraformJson } from "./terraform-json";

/** A stack as synth wrote it. */
export interface SynthesizedStack {
  readonly id: string;
  /** Directory with the stack's `cdk.tf.json`, absolute. */
  readonly directory: string;
  /** Ids of the stacks that must be applied before it. */
  readonly dependencies: readonly string[];
  readonly backend: Backend;
  /** The stack's Terraform JSON. */
  readonly terraform: TerraformJson;
}

interface Manifest {
  readonly stacks?: Readonly<
    Record<
      string,
      {
        readonly constructPath: string;
        readonly workingDirectory: string;
        readonly synthesizedStackPath: string;
        readonly dependencies: readonly string[];
      }
    >
  >;
}

/**
 * Reads what a synth left in its output directory: the stacks of cdktf's `manifest.json`, where keys are ids and
 * dependencies are construct paths.
 *
 * @throws CaravanError if there is no synth to read, or a stack depends on one that is not there or on itself
 */
export function readStacks(outputDirectory: string): StackGraph<SynthesizedStack> {
  const root = resolve(outputDirectory);
  const manifest = readJson<Manifest>(join(root, "manifest.json"));
  const entries = Object.entries(manifest.stacks ?? {});
  const idByPath = new Map(entries.map(([id, { constructPath }]) => [constructPath, id]));
  return new StackGraph(
    entries.map(([id, entry]) => {
      const terraform = readJson<TerraformJson>(join(root, entry.synthesizedStackPath));
      const directory = join(root, entry.workingDirectory);
      return {
        id,
        directory,
        dependencies: entry.dependencies.map((path) => {
          const dependency = idByPath.get(path);
          if (dependency !== undefined) return dependency;
          throw new CaravanError(
            `Stack "${id}" depends on "${path}", which ${root}/manifest.json does not have. Run "caravan synth" again.`,
          );
        }),
        backend: backendOf(terraform, directory),
        terraform,
      };
    }),
  );
}

function readJson<T>(file: string): T {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new CaravanError(
      `There is no ${file}. Run "caravan synth" first, or give --output the directory of a synth.`,
    );
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new CaravanError(`${file} is not JSON. Run "caravan synth" again; a stack in HCL (cdk.tf) cannot be read.`);
  }
}

/** The environments that stacks belong to: of the given names, the longest that stands in the stack's id. */
export function environmentOf(stackId: string, environments: readonly string[]): string | undefined {
  return environments
    .filter((name) => `-${stackId}-`.includes(`-${name}-`))
    .sort((a, b) => b.length - a.length || a.localeCompare(b, "en"))[0];
}
