import { Token } from "cdktf";
import type { PropsCheck, Rule } from "../../core/errors";
import { matching } from "../../core/rules";

/** A processor's architecture, in the words of all clouds; Azure's are `x64` and `Arm64`. */
export type AzureArchitecture = "x86_64" | "arm64";

export const defaultInstanceType = "Standard_D2s_v5";

/** Family, processors, features, version: https://learn.microsoft.com/en-us/azure/virtual-machines/vm-naming-conventions */
const SIZE = /^Standard_([A-Z]+)(\d+)(?:-\d+)?([a-z]*)(?:_[A-Z0-9]+)*?(?:_v(\d+))?$/;

/** A size of machines. Which there are differs by region and grows; the form does not. */
export const instanceType: Rule<string> = matching(
  new RegExp(SIZE.source.slice(1, -1)),
  'a size of virtual machines with its capitals, such as "Standard_D2s_v5"',
  "write it as `az vm list-skus --resource-type virtualMachines` does",
);

interface Size {
  readonly family: string;
  /** What each letter stands for is in the naming conventions. */
  readonly features: string;
  readonly version: number;
}

function sizeOf(type: string): Size {
  const [, family = "", , features = "", version = "1"] = SIZE.exec(type) ?? [];
  return { family, features, version: Number(version) };
}

/** The processor of a size: a `p` among its features stands for one of ARM's. */
export function architectureOf(type: string): AzureArchitecture {
  return sizeOf(type).features.includes("p") ? "arm64" : "x86_64";
}

/**
 * Whether machines of a size can prove what they started from (secure boot and a virtual TPM). Those with ARM's processors can from
 * their sixth version on: https://learn.microsoft.com/en-us/azure/virtual-machines/trusted-launch
 */
export function hasTrustedLaunch(type: string): boolean {
  return architectureOf(type) === "x86_64" || sizeOf(type).version >= 6;
}

/** The kind of disk that a size takes: those without an `s` take no premium disks. */
export function diskTypeOf(type: string): "Premium_LRS" | "StandardSSD_LRS" {
  return sizeOf(type).features.includes("s") ? "Premium_LRS" : "StandardSSD_LRS";
}

/**
 * Whether a size has accelerated networking. All have from their second version on, but for the first of the small and the burstable:
 * https://learn.microsoft.com/en-us/azure/virtual-network/accelerated-networking-overview
 */
export function hasAcceleratedNetworking(type: string): boolean {
  const { family, version } = sizeOf(type);
  return !["A", "B"].includes(family) || (family === "B" && version >= 2);
}

/**
 * Checks the size of a group. A scale set has one.
 *
 * @returns its architecture, if it is known
 */
export function checkInstanceTypes(
  check: PropsCheck,
  property: string,
  types: readonly string[],
): AzureArchitecture | undefined {
  const [first, ...more] = types;
  if (first === undefined || more.length > 0) {
    check.add({
      property,
      given: types,
      allowed: "one size: a scale set of machines that are all alike has no second",
      fix: `name one, such as "${defaultInstanceType}", and make a group for each other with the same nodePool`,
    });
    return undefined;
  }
  const right = check.required(property, first, instanceType);
  return right && !Token.isUnresolved(first) ? architectureOf(first) : undefined;
}
