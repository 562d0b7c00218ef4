import { type IAspect, TerraformResource } from "cdktf";
import type { IConstruct } from "constructs";

/** A resource with a `tags` argument, as the bindings of AWS and Azure have it. */
interface Taggable {
  tags?: Record<string, string>;
  readonly tagsInput?: Record<string, string>;
}

function isTaggable(x: IConstruct): x is TerraformResource & Taggable {
  if (!TerraformResource.isTerraformResource(x) || !("tags" in x && "tagsInput" in x)) return false;
  // A service in Consul and a machine in Google Cloud have tags too: lists of words to search by.
  return !/^(consul|google)_/.test(x.terraformResourceType);
}

/** Lays tags on every resource that takes them. A tag that the resource was given itself wins. */
export class Tags implements IAspect {
  constructor(private readonly tags: Readonly<Record<string, string>>) {}

  visit(node: IConstruct): void {
    if (isTaggable(node)) node.tags = { ...this.tags, ...node.tagsInput };
  }
}
