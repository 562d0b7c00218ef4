import type { IResolveContext } from "cdktf";
import { encode, HclToken, inExpression } from "../core/hcl-encode";

const NANOSECONDS = { ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12, d: 8.64e13 };

/**
 * A time that only Terraform knows, in nanoseconds: Nomad's API takes numbers only, and Terraform has no function for
 * it. A text that is no time fails the plan (`sum` of nothing).
 */
export class TerraformDuration extends HclToken {
  constructor(private readonly text: string) {
    super();
  }

  resolve(context: IResolveContext): string {
    const text = inExpression(context, () => encode(this.text, context));
    const units = Object.entries(NANOSECONDS).map(([unit, count]) => `${unit} = ${count}`);
    const parts = `regexall("([0-9]+)(ms|[smhd])", ${text})`;
    const sum = `sum([for part in ${parts} : part[0] * {${units.join(", ")}}[part[1]]])`;
    return context.suppressBraces ? sum : `\${${sum}}`;
  }
}
