import { Token } from "cdktf";
import type { PropsCheck, Rule } from "../../core/errors";
import { matching } from "../../core/rules";

/** A processor's architecture, in the words of every cloud's props. */
export type GcpArchitecture = "x86_64" | "arm64";

export const defaultInstanceType = "e2-standard-2";

/**
 * A machine type: series, kind and size, joined by hyphens. Which there are differs by zone and grows; the form does not:
 * https://cloud.google.com/compute/docs/machine-resource
 */
export const instanceType: Rule<string> = matching(
  /(?:[a-z]\d+[a-z]*-(?:micro|small|medium|[a-z]+(?:-[a-z0-9]+){1,3})|(?:custom-|[a-z]\d+[a-z]*-custom-)\d+-\d+(?:-ext)?)/,
  'a machine type of Compute Engine: series, kind, size, such as "e2-standard-4"',
  "write it as `gcloud compute machine-types list` does",
);

/** What stands before the first hyphen: `"c4a"` of `"c4a-standard-4"`. */
function seriesOf(type: string): string {
  return type.split("-")[0] ?? "";
}

/**
 * The processor of a machine type. Series with Arm's processors are few and marked by an `a` at their end, but so are some that
 * have none: https://cloud.google.com/compute/docs/instances/arm-on-compute
 */
export function architectureOf(type: string): GcpArchitecture {
  return /^(t2a|c4a|n4a|a4x)/.test(seriesOf(type)) ? "arm64" : "x86_64";
}

/**
 * The kind of its disks. From the fourth generation on series take Hyperdisk only; those before take balanced persistent disks:
 * https://cloud.google.com/compute/docs/disks#machine_series_support
 */
export function diskTypeOf(type: string): "hyperdisk-balanced" | "pd-balanced" {
  return /^([cnmagh]4|x4)/.test(seriesOf(type)) ? "hyperdisk-balanced" : "pd-balanced";
}

/** Whether a machine moves to another host when its own is maintained. Machines with accelerators and whole hosts end instead. */
export function movesOnMaintenance(type: string): boolean {
  return !/^[ag]\d/.test(seriesOf(type)) && !type.endsWith("-metal");
}

/**
 * Checks the machine types of a group: each well formed, all of one architecture and with one kind of disk, since they share an
 * image and a template.
 *
 * @returns the architecture, if it is known
 */
export function checkInstanceTypes(
  check: PropsCheck,
  property: string,
  types: readonly string[],
): GcpArchitecture | undefined {
  if (types.length === 0) {
    check.add({
      property,
      given: types,
      allowed: "one machine type or more",
      fix: `name one: "${defaultInstanceType}"`,
    });
  }
  const wrong = types.filter((type) => !check.required(property, type, instanceType) && !Token.isUnresolved(type));
  const known = types.filter((type) => !Token.isUnresolved(type));
  const [first] = known;
  if (wrong.length > 0 || first === undefined) return undefined;
  const alike: readonly [string, (type: string) => string][] = [
    ["processor", architectureOf],
    ["kind of disk", diskTypeOf],
  ];
  for (const [what, of] of alike) {
    const other = known.find((type) => of(type) !== of(first));
    if (other !== undefined) {
      check.add({
        property,
        given: types,
        allowed: `machine types of one ${what}; ${first} has ${of(first)} and ${other} has ${of(other)}`,
        fix: `make a group for each ${what}`,
      });
      return undefined;
    }
  }
  return architectureOf(first);
}
