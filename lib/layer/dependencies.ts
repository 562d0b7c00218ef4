import { type IAspect, TerraformDataSource, TerraformModule, TerraformResource, TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";

type Leaf = TerraformResource | TerraformDataSource | TerraformModule;

/**
 * Turns dependencies between constructs (`node.addDependency`), which cdktf drops, into `depends_on` of the resources
 * below them; between stacks, into the order of the stacks.
 */
export class ConstructDependencies implements IAspect {
  visit(node: IConstruct): void {
    const dependencies = node.node.dependencies;
    if (dependencies.length === 0) return;
    const stack = TerraformStack.of(node);
    const dependents = leavesBelow(node);
    for (const dependency of dependencies) {
      const other = TerraformStack.of(dependency);
      if (other === stack) dependOn(dependents, leavesBelow(dependency));
      else stack.addDependency(other);
    }
  }
}

function dependOn(dependents: readonly Leaf[], targets: readonly Leaf[]): void {
  // Where one side holds the other, what both hold would depend on itself.
  const own = new Set(dependents);
  const addresses = targets.filter((target) => !own.has(target)).map(addressOf);
  for (const dependent of dependents) {
    dependent.dependsOn = [...new Set([...(dependent.dependsOn ?? []), ...addresses])];
  }
}

function addressOf(leaf: Leaf): string {
  if (leaf instanceof TerraformModule) return `module.${leaf.friendlyUniqueId}`;
  const type = leaf.terraformResourceType;
  return `${TerraformDataSource.isTerraformDataSource(leaf) ? "data." : ""}${type}.${leaf.friendlyUniqueId}`;
}

function leavesBelow(root: IConstruct): Leaf[] {
  return root.node.findAll().filter(isLeaf);
}

function isLeaf(x: IConstruct): x is Leaf {
  return (
    TerraformResource.isTerraformResource(x) ||
    TerraformDataSource.isTerraformDataSource(x) ||
    x instanceof TerraformModule
  );
}
