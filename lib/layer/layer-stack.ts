import { Aspects, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { PropsCheck } from "../core/errors";
import { boolean } from "../core/rules";
import { ConstructDependencies } from "./dependencies";
import { checkEnvironment, type Environment } from "./environment";
import { checkIds, checkStackPlace } from "./ids";
import { disableDeletionProtection } from "./protection";
import { loosenProviderVersions } from "./provider-versions";
import { Tags } from "./tags";

/** What every stack of a layer is given. */
export interface LayerStackProps {
  /** The environment that the stack belongs to. Its name stands in the stack's id: `prod-infrastructure`. */
  readonly environment: Environment;

  /**
   * Whether Terraform refuses to destroy what would be lost for good (keys, state, snapshots, zones, servers).
   *
   * A teardown has two steps: apply with `false`, which also empties what must be empty, then destroy.
   *
   * @default true
   */
  readonly deletionProtection?: boolean;
}

/** Terraform and OpenTofu read write-only arguments from these versions on. */
const REQUIRED_VERSION = ">= 1.11.0";

/**
 * A stack of one layer of one environment: its backend, versions, tags, order and protection, and the gate that no
 * synth passes with a policy finding.
 *
 * Providers take their identity from the environment that Terraform runs in, never from the stack.
 *
 * @throws InvalidPropsError for wrong props
 * @throws SynthesisError if it does not stand directly below the App, or its id does not hold the environment's name
 */
export class LayerStack extends TerraformStack {
  readonly environment: Environment;

  constructor(scope: Construct, id: string, props: LayerStackProps) {
    const check = new PropsCheck(new.target.name, scope, id);
    checkEnvironment(check, props.environment);
    check.optional("deletionProtection", props.deletionProtection, boolean);
    check.done();
    checkStackPlace(scope, id, props.environment.name);
    super(scope, id);

    this.environment = props.environment;
    this.environment.state.addBackend(this, id);
    this.addOverride("terraform.required_version", REQUIRED_VERSION);
    if (props.deletionProtection === false) disableDeletionProtection(this);
    Aspects.of(this).add(new ConstructDependencies());
    Aspects.of(this).add(
      new Tags({ ...this.environment.tags, "caravan-environment": this.environment.name, "caravan-stack": id }),
    );
  }

  override prepareStack(): void {
    loosenProviderVersions(this);
    super.prepareStack();
  }

  override toTerraform(): unknown {
    checkIds(this);
    return super.toTerraform();
  }
}
