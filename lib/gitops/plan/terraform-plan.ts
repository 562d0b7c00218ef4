import { CaravanError } from "../../core/errors";

/** What `terraform show -json` and `tofu show -json` say of a plan, as far as it is looked at. */
export interface TerraformPlan {
  readonly format_version?: string;
  readonly resource_changes?: readonly ResourceChange[];
  readonly output_changes?: Readonly<Record<string, ValueChange>>;
  /** Values of the root module's variables. */
  readonly variables?: Readonly<Record<string, { readonly value?: unknown }>>;
  readonly configuration?: {
    readonly root_module?: { readonly variables?: Readonly<Record<string, { readonly sensitive?: boolean }>> };
  };
  readonly complete?: boolean;
  readonly errored?: boolean;
}

export interface ResourceChange {
  readonly address: string;
  readonly previous_address?: string;
  readonly mode?: "managed" | "data";
  readonly type: string;
  /** Key of an object that was left over by a replacement. */
  readonly deposed?: string;
  readonly change: ValueChange;
}

export type Action = "no-op" | "create" | "read" | "update" | "delete" | "forget";

export interface ValueChange {
  readonly actions: readonly Action[];
  readonly before?: unknown;
  readonly after?: unknown;
  /** In the shape of `after`: true where the value is known after apply. */
  readonly after_unknown?: unknown;
  /** In the shape of `before`: true where the value is sensitive. */
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
  readonly importing?: { readonly id?: string };
}

/**
 * Reads a plan.
 *
 * @throws CaravanError for another format than 1.x: https://developer.hashicorp.com/terraform/internals/json-format
 */
export function parsePlan(text: string): TerraformPlan {
  let plan: TerraformPlan;
  try {
    plan = JSON.parse(text);
  } catch {
    throw new CaravanError("The plan is not JSON. Make it with: terraform show -json <plan file>");
  }
  const version = plan.format_version ?? "none";
  if (/^1\./.test(version)) return plan;
  throw new CaravanError(`The plan has the format ${version}; 1.x is read. Use Terraform or OpenTofu 1.11 or later.`);
}
