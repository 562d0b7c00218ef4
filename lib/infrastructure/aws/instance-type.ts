import { Token } from "cdktf";
import type { PropsCheck, Rule } from "../../core/errors";
import { matching } from "../../core/rules";

/** A processor's architecture, as EC2 calls it. */
export type AwsArchitecture = "x86_64" | "arm64";

export const defaultInstanceType = "m7i.large";

/**
 * An instance type: family, dot, size. Which there are differs by region and grows; the form does not:
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
 */
export const instanceType: Rule<string> = matching(
  /(?=[a-z-]*\d)[a-z][a-z0-9]*(?:-[a-z0-9]+)?\.(?:nano|micro|small|medium|large|(?:[1-9]\d*)?xlarge|metal(?:-\d+xl)?)/,
  'an instance type of EC2: family, dot, size, such as "m7g.large"',
  "write it as `aws ec2 describe-instance-types` does, in lower case",
);

/**
 * The processor of an instance type. AWS marks its own arm64 processors by a `g` among the letters behind the generation
 * (`m7g`, `c7gn`, `im4gn`), and Nvidia's by `gb` (`p6e-gb200`); `a1` is older than that. A `g` in front (`g5`) is a GPU.
 * Mac machines, which cannot be nodes, are not told apart.
 */
export function architectureOf(type: string): AwsArchitecture {
  const [family = ""] = type.split(".");
  const [, options = ""] = /^[a-z]+\d+([a-z]*)(?:-|$)/.exec(family) ?? [];
  return family === "a1" || options.includes("g") || /-gb\d/.test(family) ? "arm64" : "x86_64";
}

/**
 * Checks the instance types of a group: each well formed, all of one architecture, since they share an image.
 *
 * @returns the architecture, if it is known
 */
export function checkInstanceTypes(
  check: PropsCheck,
  property: string,
  types: readonly string[],
): AwsArchitecture | undefined {
  if (types.length === 0) {
    check.add({
      property,
      given: types,
      allowed: "one instance type or more",
      fix: `name one: "${defaultInstanceType}"`,
    });
  }
  const wrong = types.filter((type) => !check.required(property, type, instanceType) && !Token.isUnresolved(type));
  const known = types.filter((type) => !Token.isUnresolved(type));
  const [first] = known;
  if (wrong.length > 0 || first === undefined) return undefined;
  const other = known.find((type) => architectureOf(type) !== architectureOf(first));
  if (other !== undefined) {
    check.add({
      property,
      given: types,
      allowed: `instance types of one processor; ${first} is ${architectureOf(first)} and ${other} is ${architectureOf(other)}`,
      fix: "make a group for each processor",
    });
    return undefined;
  }
  return architectureOf(first);
}
