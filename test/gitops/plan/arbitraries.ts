import fc from "fast-check";
import type { ResourceChange, TerraformPlan, ValueChange } from "../../../lib/gitops/plan/terraform-plan";

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
const leaf = fc.oneof(fc.string({ maxLength: 12 }), fc.integer(), fc.boolean(), fc.constant(null));
const value = fc.dictionary(
  name,
  fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.dictionary(name, leaf, { maxKeys: 3 })),
  {
    maxKeys: 4,
  },
);

function valueChange(): fc.Arbitrary<ValueChange> {
  return fc
    .constantFrom<ValueChange["actions"]>(
      ["create"],
      ["update"],
      ["delete"],
      ["delete", "create"],
      ["create", "delete"],
      ["no-op"],
    )
    .chain((actions) =>
      fc.record({
        actions: fc.constant(actions),
        before: actions[0] === "create" && actions.length === 1 ? fc.constant(null) : value,
        after: actions[0] === "delete" && actions.length === 1 ? fc.constant(null) : value,
        after_unknown: fc.oneof(fc.constant({}), fc.dictionary(name, fc.constant(true), { maxKeys: 2 })),
      }),
    );
}

/** Random plans, as Terraform says them. */
export function plans(): fc.Arbitrary<TerraformPlan> {
  const change: fc.Arbitrary<ResourceChange> = fc
    .record({ type: name, name, change: valueChange() })
    .map(({ type, name, change }) => ({ address: `${type}.${name}`, mode: "managed", type, change }));
  return fc
    .uniqueArray(change, { maxLength: 8, selector: ({ address }) => address })
    .map((resource_changes) => ({ format_version: "1.2", resource_changes }));
}
