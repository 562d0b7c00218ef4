import {
  App,
  TerraformDataSource,
  TerraformElement,
  TerraformOutput,
  TerraformProvider,
  TerraformResource,
  TerraformStack,
  TerraformVariable,
} from "cdktf";
import type { Construct, IConstruct } from "constructs";
import { SynthesisError } from "../core/errors";

/**
 * Refuses ids that reach Terraform as something else than they say. cdktf removes characters from ids, so that two
 * constructs can end at one address, where one silently overwrites the other.
 *
 * @throws SynthesisError naming the construct paths
 */
export function checkIds(stack: TerraformStack): void {
  const pathsByAddress = new Map<string, string>();
  const mistakes: string[] = [];
  for (const element of elementsOf(stack)) {
    const kind = kindOf(element);
    if (kind === undefined) continue;
    const id = element.friendlyUniqueId;
    const path = element.node.path;
    if (!/^[A-Za-z_]/.test(id)) {
      mistakes.push(
        `  "${path}" becomes ${kind}.${id}, but a Terraform name begins with a letter or an underscore. ` +
          "Put a letter in front of its id.",
      );
    }
    const address = `${kind}.${id}`;
    const other = pathsByAddress.get(address);
    if (other === undefined) {
      pathsByAddress.set(address, path);
    } else {
      mistakes.push(
        `  "${other}" and "${path}" both become ${address}: characters other than letters, digits, "_" and "-" are ` +
          "removed from ids. Rename one of them.",
      );
    }
  }
  if (mistakes.length > 0) {
    throw new SynthesisError([`Stack "${stack.node.id}" has ids that do not survive synth:`, ...mistakes].join("\n"));
  }
}

function* elementsOf(node: IConstruct): Generator<TerraformElement> {
  if (TerraformElement.isTerraformElement(node)) yield node;
  for (const child of node.node.children) {
    if (!TerraformStack.isStack(child)) yield* elementsOf(child);
  }
}

/** What stands before the name in an element's address; undefined for what has no name (providers, backends). */
function kindOf(element: TerraformElement): string | undefined {
  if (TerraformResource.isTerraformResource(element)) return element.terraformResourceType;
  if (TerraformDataSource.isTerraformDataSource(element)) return `data.${element.terraformResourceType}`;
  if (TerraformOutput.isTerraformOutput(element)) return "output";
  if (element instanceof TerraformVariable) return "var";
  if (TerraformProvider.isTerraformProvider(element)) return undefined;
  // Modules, locals and remote states know their own prefix, but not in public.
  return (element as unknown as { _elementType?: string })._elementType;
}

/**
 * Refuses a stack that would overwrite another, or whose id does not say to which environment it belongs.
 *
 * @throws SynthesisError
 */
export function checkStackPlace(scope: Construct, id: string, environmentName: string): void {
  if (!App.isApp(scope)) {
    throw new SynthesisError(
      `Stack "${id}" stands below "${scope.node.path}". Stacks stand directly below the App: below another construct, two ` +
        "stacks with one id overwrite each other's output and state without a word. Make it with the App as scope.",
    );
  }
  if (!`-${id}-`.includes(`-${environmentName}-`)) {
    throw new SynthesisError(
      `Stack "${id}" does not have its environment's name in its id, which keys its state and its output: two ` +
        `environments would share them. Call it "${environmentName}-${id}".`,
    );
  }
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(id)) {
    throw new SynthesisError(
      `Stack "${id}" has an id with other characters than letters, digits and hyphens, or no letter first. It names a folder, a ` +
        "state and pipeline steps.",
    );
  }
}
