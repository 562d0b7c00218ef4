import { type IResolvable, ref, TerraformElement, type TerraformProvider, type TerraformResource, Token } from "cdktf";
import type { Construct } from "constructs";
import { CaravanError, PropsCheck, show } from "../core/errors";
import { matching, text } from "../core/rules";
import { requireProvider } from "./provider-versions";

export interface EphemeralBlockProps {
  /** The ephemeral resource's type, `"aws_secretsmanager_secret_version"`. */
  readonly type: string;
  /** Its arguments, in Terraform's own names. Literal text goes through `hcl`. */
  readonly arguments?: Readonly<Record<string, unknown>>;
  /**
   * A provider other than the stack's default one for this type.
   *
   * @default - the default provider
   */
  readonly provider?: TerraformProvider;
  /**
   * The provider version that brought this type, where it is later than the bindings': `{ vault: ">= 5.7" }`.
   *
   * @default - the bindings' version will do
   */
  readonly needs?: Readonly<Record<string, string>>;
}

/**
 * A value that Terraform opens while it runs and keeps neither in state nor in a plan file. It may feed write-only
 * arguments and provider configurations, nothing else. Needs Terraform 1.10 or OpenTofu 1.11.
 *
 * ```ts
 * const password = new EphemeralBlock(this, "password", {
 *   type: "aws_secretsmanager_random_password",
 *   arguments: { password_length: 32 },
 * });
 * new SecretsmanagerSecretVersion(this, "version", {
 *   secretId: secret.id,
 *   ...writeOnly("secretString", password.value("random_password"), 1),
 * });
 * ```
 *
 * @throws InvalidPropsError if the type is no Terraform name
 */
export class EphemeralBlock extends TerraformElement {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: EphemeralBlockProps,
  ) {
    super(scope, id, `ephemeral.${props.type}`);
    const check = new PropsCheck("EphemeralBlock", scope, id);
    check.required("type", props.type, resourceType);
    check.done();
    for (const [name, constraint] of Object.entries(props.needs ?? {})) {
      requireProvider(this, name, constraint);
    }
  }

  /** The text of one of its attributes. */
  value(attribute: string): string {
    return Token.asString(this.attribute(attribute));
  }

  /** One of its attributes, of any type. */
  attribute(attribute: string): IResolvable {
    return ref(`ephemeral.${this.props.type}.${this.friendlyUniqueId}.${attribute}`, this.cdktfStack);
  }

  override toTerraform(): object {
    const { type, provider, arguments: own } = this.props;
    return { ephemeral: { [type]: { [this.friendlyUniqueId]: { ...own, provider: provider?.fqn } } } };
  }
}

const resourceType = matching(
  /[a-z][a-z0-9]*(_[a-z0-9]+)+/,
  'a Terraform resource type, such as "vault_kv_secret_v2"',
  "write the type as Terraform's documentation does",
);

/**
 * Adopts an object that was made elsewhere: the next plan shows an import instead of a creation. Once applied, the call
 * may stay or go.
 *
 * `id` has the form that the resource type's documentation gives for imports. cdktf's own `importFrom` runs the `terraform`
 * program at synth, once for each resource; this does not.
 *
 * @throws InvalidPropsError if the id is empty
 */
export function adopt(resource: TerraformResource, id: string): void {
  const check = checkAt("adopt", resource);
  check.required("id", id, text);
  check.done();
  new ImportBlock(resource, "import", resource, id);
}

class ImportBlock extends TerraformElement {
  constructor(
    scope: Construct,
    id: string,
    private readonly resource: TerraformResource,
    private readonly importId: string,
  ) {
    super(scope, id);
  }

  override toTerraform(): object {
    const { terraformResourceType, friendlyUniqueId, provider } = this.resource;
    const to = `${terraformResourceType}.${friendlyUniqueId}`;
    return { import: [{ to, id: this.importId, provider: provider?.fqn }] };
  }
}

/**
 * Tells Terraform that a resource had another address before, so that it is not destroyed and made anew.
 *
 * cdktf's own `moveFromId` runs the `terraform` program at synth; this does not.
 *
 * @throws InvalidPropsError if `from` is no address
 */
export function movedFrom(resource: TerraformResource, from: string): void {
  const check = checkAt("movedFrom", resource);
  check.required("from", from, address);
  check.done();
  new MovedBlock(
    resource,
    `moved-from-${from}`,
    from,
    `${resource.terraformResourceType}.${resource.friendlyUniqueId}`,
  );
}

class MovedBlock extends TerraformElement {
  constructor(
    scope: Construct,
    id: string,
    private readonly from: string,
    private readonly to: string,
  ) {
    super(scope, id);
  }

  override toTerraform(): object {
    return { moved: [{ from: this.from, to: this.to }] };
  }
}

function checkAt(name: string, resource: TerraformResource): PropsCheck {
  const { scope, id } = resource.node;
  if (scope === undefined) throw new CaravanError(`${name}: the resource stands in no tree`);
  return new PropsCheck(name, scope as Construct, id);
}

const address = matching(
  /[a-z][\w.[\]"-]*\.[\w.[\]"-]+/,
  'an address, such as "aws_vpc.network"',
  "write it as `terraform state list` prints it",
);

/** The write-only form of an argument: `secretString` becomes `secretStringWo` and `secretStringWoVersion`. */
export type WriteOnly<Name extends string> = { readonly [K in `${Name}Wo`]: string } & {
  readonly [K in `${Name}WoVersion`]: number;
};

/**
 * A write-only argument with the version that makes Terraform write it again. The value never reaches state or plan,
 * which holds only for values that Terraform itself does not know: a literal would stand in the configuration and in the
 * plan file.
 *
 * @throws CaravanError if the value is a literal, or the version is no whole number from 1
 */
export function writeOnly<const Name extends string>(name: Name, value: string, version: number): WriteOnly<Name> {
  if (!Token.isUnresolved(value)) {
    throw new CaravanError(
      `writeOnly("${name}"): given a literal text, which would stand in the configuration and in every plan file. ` +
        "Allowed: a reference to an ephemeral value, such as new EphemeralBlock(...).value(...).",
    );
  }
  if (!Token.isUnresolved(version) && !(Number.isInteger(version) && version >= 1)) {
    throw new CaravanError(
      `writeOnly("${name}"): given version ${show(version)}. Allowed: a whole number from 1; raise it to write anew.`,
    );
  }
  return { [`${name}Wo`]: value, [`${name}WoVersion`]: version } as unknown as WriteOnly<Name>;
}
