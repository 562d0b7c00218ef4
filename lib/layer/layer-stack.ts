import { rmSync } from "node:fs";
import { join } from "node:path";
import { Aspects, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { PropsCheck } from "../core/errors";
import { boolean } from "../core/rules";
import { allRules, type PolicyOutcome, type PolicyRule } from "../policy";
import { ConstructDependencies } from "./dependencies";
import { checkEnvironment, type Environment } from "./environment";
import { checkIds, checkStackPlace } from "./ids";
import { passPolicy } from "./policy-gate";
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

  /**
   * The rules that every synth must pass. Give `[...allRules, mine]` to add your own; what one resource may break is
   * said by `waive`, with a reason and an end.
   *
   * @default allRules
   */
  readonly policyRules?: readonly PolicyRule[];
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

  /** What the policy said of the last synth. */
  policyOutcome?: PolicyOutcome;

  private readonly policyRules: readonly PolicyRule[];
  /** Where this synth writes the stack's files; undefined outside of a synth. */
  protected outputDirectory?: string;

  constructor(scope: Construct, id: string, props: LayerStackProps) {
    const check = new PropsCheck(new.target.name, scope, id);
    new.target.checkProps(check, props);
    check.done();
    checkStackPlace(scope, id, props.environment.name);
    super(scope, id);

    this.environment = props.environment;
    this.policyRules = props.policyRules ?? allRules;
    const { synthesizer } = this;
    this.synthesizer = {
      synthesize: (session) => {
        const { workingDirectory, synthesizedStackPath } = session.manifest.forStack(this);
        this.outputDirectory = join(session.outdir, workingDirectory);
        // What an earlier synth left must not be applied if this one fails.
        rmSync(join(session.outdir, synthesizedStackPath), { force: true });
        synthesizer.synthesize(session);
      },
    };
    this.environment.state.addBackend(this, id);
    this.addOverride("terraform.required_version", REQUIRED_VERSION);
    if (props.deletionProtection === false) disableDeletionProtection(this);
    Aspects.of(this).add(new ConstructDependencies());
    Aspects.of(this).add(
      new Tags({ ...this.environment.tags, "caravan-environment": this.environment.name, "caravan-stack": id }),
    );
  }

  /** Checks all props before anything is made. A layer's stack adds its own here, so that all mistakes are told together. */
  protected static checkProps(check: PropsCheck, props: LayerStackProps): void {
    checkEnvironment(check, props.environment);
    check.optional("deletionProtection", props.deletionProtection, boolean);
  }

  override prepareStack(): void {
    loosenProviderVersions(this);
    super.prepareStack();
  }

  override toTerraform(): unknown {
    checkIds(this);
    const terraform = super.toTerraform();
    this.policyOutcome = passPolicy(this, terraform, this.policyRules, this.outputDirectory);
    return terraform;
  }

  override toHclTerraform(): { [key: string]: unknown } {
    // The rules read JSON; HCL output passes the same gate.
    this.toTerraform();
    return super.toHclTerraform();
  }
}
