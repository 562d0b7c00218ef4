import { TerraformDataSource, TerraformProvider, TerraformResource, TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";

interface WaivedRule {
  /** The rule's id: `"aws-egress-anywhere"`. */
  readonly rule: string;
  /** Why this is right here, for the person who reads the report. */
  readonly reason: string;
}

/** A user's waiver. It ends: what is still right then is said again. */
export interface WaiveProps extends WaivedRule {
  /** The last day on which the waiver holds, in UTC: `"2027-03-31"`. */
  readonly until: string;
}

/** The waiver that a construct brings with a prop of its own. It lasts as long as the prop says so. */
export interface WaiveByChoiceProps extends WaivedRule {
  /** The prop whose value breaks the rule: `"egress"`. */
  readonly prop: string;
}

interface WaivedResource extends WaivedRule {
  /** Terraform's address in the stack: `"aws_route.private"`, `"data.aws_ami.node"`, `"provider.aws"`. */
  readonly resource: string;
  /** Path of the construct that bears the waiver. */
  readonly constructPath?: string;
}

export interface DatedWaiver extends WaivedResource {
  readonly until: string;
}

export interface ChoiceWaiver extends WaivedResource {
  readonly prop: string;
}

/** One rule, waived on one resource. */
export type Waiver = DatedWaiver | ChoiceWaiver;

export function isChoice(waiver: Waiver): waiver is ChoiceWaiver {
  return "prop" in waiver;
}

/** What a waiver can stand on. */
export type Waivable = TerraformResource | TerraformDataSource | TerraformProvider;

// Metadata of the construct tree, found by name: two copies of the library agree on it.
const METADATA = "cdktf-caravan/waiver";

type StoredWaiver = (WaiveProps | WaiveByChoiceProps) & { readonly resource?: string };

/**
 * Waives one rule on one resource until a day. The reason and the day are in the report; a waiver that has expired, or
 * that nothing needs any more, fails the synth.
 *
 * ```ts
 * waive(bucket, { rule: "aws-s3-versioning", reason: "holds only caches", until: "2027-03-31" });
 * ```
 */
export function waive(construct: Waivable, waiver: WaiveProps): void {
  store(construct, waiver);
}

/** For authors of constructs: waives a rule that a value of the construct's own prop breaks by choice. */
export function waiveByChoice(construct: Waivable, waiver: WaiveByChoiceProps): void {
  store(construct, waiver);
}

/** Waives one rule on a resource that no construct is at hand for, by its address: `"aws_vpc.main"`. */
export function waiveAddress(stack: TerraformStack, address: string, waiver: WaiveProps): void {
  store(stack, { ...waiver, resource: address });
}

function store(construct: IConstruct, waiver: StoredWaiver): void {
  construct.node.addMetadata(METADATA, { ...waiver });
}

/** All waivers of a stack, with the addresses that their resources have now. */
export function waiversOf(stack: TerraformStack): Waiver[] {
  return stack.node
    .findAll()
    .flatMap((construct) =>
      construct.node.metadata
        .filter((entry) => entry.type === METADATA && TerraformStack.of(construct) === stack)
        .map((entry) => waiverOf(construct, entry.data as StoredWaiver)),
    );
}

function waiverOf(construct: IConstruct, stored: StoredWaiver): Waiver {
  return { ...stored, resource: stored.resource ?? addressOf(construct), constructPath: construct.node.path };
}

function addressOf(construct: IConstruct): string {
  if (TerraformResource.isTerraformResource(construct)) {
    return `${construct.terraformResourceType}.${construct.friendlyUniqueId}`;
  }
  if (TerraformDataSource.isTerraformDataSource(construct)) {
    return `data.${construct.terraformResourceType}.${construct.friendlyUniqueId}`;
  }
  if (TerraformProvider.isTerraformProvider(construct)) {
    return ["provider", construct.terraformResourceType, construct.alias].filter((part) => part).join(".");
  }
  return construct.node.path;
}
