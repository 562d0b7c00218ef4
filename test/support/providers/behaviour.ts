import type { Attribute, Block } from "./schema";
import type { Values } from "./values";

/** What an operation may look at. */
export interface Context {
  /** The configuration of the provider (of its alias) that runs it: the user's values, null where nothing was set. */
  readonly provider: Values;
  /** The resource's configuration, with the values of write-only arguments, which are nowhere else. */
  readonly config: Values;
}

/**
 * How one resource type acts on something real, a server's API for one. What is left out is only echoed.
 * Attributes that an operation returns fill what is not known yet; known ones cannot be changed, as Terraform demands.
 */
export interface ResourceBehaviour {
  /** Changing one of these attributes replaces the resource. */
  readonly replaceOn?: readonly string[];
  /** These computed attributes are known again only after the change when anything else changes. */
  readonly volatile?: readonly string[];
  create?(planned: Values, context: Context): Promise<Values> | Values;
  /** The attributes as they are now, as far as they differ from the state; null if the object is gone. */
  read?(state: Values, context: Pick<Context, "provider">): Promise<Values | null> | Values | null;
  update?(planned: Values, prior: Values, context: Context): Promise<Values> | Values;
  delete?(state: Values, context: Pick<Context, "provider">): Promise<void> | void;
  /** The attributes of an object that exists, by the id of an import block; null if there is none. */
  import?(id: string, context: Pick<Context, "provider">): Promise<Values | null> | Values | null;
}

/** What a data source answers. Computed attributes that are left out are made up. */
export type DataBehaviour = (config: Values, context: Pick<Context, "provider">) => Promise<Values> | Values;

/** An ephemeral resource. The bindings have none, so its schema is given. */
export interface EphemeralBehaviour {
  readonly schema: Block;
  open(config: Values, context: Pick<Context, "provider">): Promise<Values> | Values;
  close?(opened: Values, context: Pick<Context, "provider">): Promise<void> | void;
}

/** What a provider does beyond echoing, by Terraform's type names. */
export interface Behaviours {
  readonly resources?: Readonly<Record<string, ResourceBehaviour>>;
  readonly data?: Readonly<Record<string, DataBehaviour>>;
  readonly ephemeral?: Readonly<Record<string, EphemeralBehaviour>>;
  /** Attributes that came to the provider after the bindings were made, by type and name. */
  readonly newer?: Readonly<Record<string, Readonly<Record<string, Attribute>>>>;
}
