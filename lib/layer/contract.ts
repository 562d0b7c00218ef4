import { ref, TerraformOutput, type TerraformRemoteState, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { CaravanError } from "../core/errors";
import { hcl } from "../core/hcl";
import { type AppliedFields, type AppliedReferences, type AppliedValues, readField } from "./contract-fields";
import type { LayerStack } from "./layer-stack";
import type { State } from "./state";

export interface ContractSchemaProps<A extends AppliedFields> {
  /** Name of the layer that writes it, `"infrastructure"`; stands before every output's name. */
  readonly name: string;
  /** Raised whenever a field is added or changes its meaning. A reader accepts its own version and later ones. */
  readonly version: number;
  /** The fields of the applied half. */
  readonly applied: A;
}

/** Where a contract was written. */
export interface ContractSource {
  /** Id of the stack that wrote it. */
  readonly stackId: string;
  /** Where that stack's state is kept. */
  readonly state: State;
}

/**
 * The one description of what a layer hands to the layers above: the producing stack writes its outputs from it, the
 * consuming stack reads them through it, in one app or across two repositories.
 *
 * `S` is the static half: plain values known at synth. The applied half is known after apply and travels through state.
 * No field is ever a secret value; names of secrets are fine.
 *
 * ```ts
 * interface NetworkStatic { readonly region: string }
 * const schema = ContractSchema.of<NetworkStatic>()({
 *   name: "network",
 *   version: 1,
 *   applied: { vpcId: applied.string("id of the network") },
 * });
 * const contract = schema.publish(this, { region: "eu-central-1" }, { vpcId: vpc.id });
 * ```
 */
export class ContractSchema<S extends object, A extends AppliedFields> {
  /** Fixes the static half's type; the applied half's is inferred. */
  static of<S extends object>(): <const A extends AppliedFields>(
    props: ContractSchemaProps<A>,
  ) => ContractSchema<S, A> {
    return (props) => new ContractSchema(props);
  }

  readonly name: string;
  readonly version: number;
  readonly fields: A;

  private constructor(props: ContractSchemaProps<A>) {
    this.name = props.name;
    this.version = props.version;
    this.fields = props.applied;
  }

  /** Writes the contract as outputs of a stack, and returns it for the stacks of the same app. */
  publish(stack: LayerStack, staticHalf: S, values: AppliedValues<A>): Contract<S, A> {
    const output = (field: string, description: string, value: unknown) =>
      new TerraformOutput(stack, this.outputName(field), { staticId: true, description, value });
    output("contract", `Version and static half of the ${this.name} contract`, {
      version: this.version,
      static: hcl.value(staticHalf),
    });
    for (const [field, { description }] of Object.entries(this.fields)) {
      output(field, description, values[field]);
    }
    return new Contract(this, staticHalf, { stackId: stack.node.id, state: stack.environment.state }, stack);
  }

  /**
   * The contract of a stack in another app or repository. The static half is written down here again; that it is the
   * same there is checked at every plan.
   */
  remote(staticHalf: S, source: ContractSource): Contract<S, A> {
    return new Contract(this, staticHalf, source);
  }

  /** Name of the output that carries a field: `infrastructure_vpc_id`. */
  outputName(field: string): string {
    return `${this.name}_${field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
  }
}

/** What a layer hands to the layers above. */
export class Contract<S extends object, A extends AppliedFields> {
  /** The half that is known at synth. */
  readonly static: S;

  constructor(
    private readonly schema: ContractSchema<S, A>,
    staticHalf: S,
    private readonly source: ContractSource,
    private readonly producer?: LayerStack,
  ) {
    this.static = staticHalf;
  }

  /**
   * The half that is known after apply, read from the producer's state by the stack around `scope`. Within one app that stack is
   * also ordered after the producer.
   *
   * A plan fails with a clear message if the producer was written by an older library, lacks a field, or has another
   * static half.
   *
   * @throws CaravanError if the producing stack reads its own contract
   */
  applied(scope: Construct): AppliedReferences<A> {
    const stack = TerraformStack.of(scope);
    if (stack === this.producer) {
      throw new CaravanError(
        `Stack "${stack.node.id}" reads the ${this.schema.name} contract that it writes itself. ` +
          "Use its constructs' own attributes instead.",
      );
    }
    if (this.producer !== undefined) stack.addDependency(this.producer);
    const reader = this.reader(stack);
    return Object.fromEntries(
      Object.entries(this.schema.fields).map(([field, description]) => [
        field,
        readField(description, reader.get(this.schema.outputName(field))),
      ]),
    ) as AppliedReferences<A>;
  }

  /** Orders the stack around `scope` after the producer where both stand in one app. Reads no state. */
  comesBefore(scope: Construct): void {
    const stack = TerraformStack.of(scope);
    if (this.producer !== undefined && this.producer !== stack) stack.addDependency(this.producer);
  }

  private reader(stack: TerraformStack): TerraformRemoteState {
    const id = `${this.schema.name}-contract-${this.source.stackId}`;
    const existing = stack.node.tryFindChild(id);
    if (existing !== undefined) return existing as TerraformRemoteState;
    const reader = this.source.state.readFrom(stack, id, this.source.stackId);
    reader.addOverride("lifecycle.postcondition", [
      this.versionCondition(),
      this.fieldsCondition(),
      ...this.staticConditions(),
    ]);
    return reader;
  }

  private get contractOutput(): string {
    return `self.outputs.${this.schema.outputName("contract")}`;
  }

  private versionCondition(): Condition {
    const { name, version } = this.schema;
    return {
      condition: `\${try(${this.contractOutput}.version, 0) >= ${version}}`,
      error_message: hcl.text(
        `Stack "${this.source.stackId}" does not write version ${version} of the ${name} contract, which this stack reads. ` +
          "Upgrade cdktf-caravan where it is made, apply it, then plan this stack again.",
      ),
    };
  }

  private fieldsCondition(): Condition {
    const names = Object.keys(this.schema.fields).map((field) => this.schema.outputName(field));
    const missing = `[for name in ${JSON.stringify(names)} : name if !contains(keys(self.outputs), name)]`;
    return {
      condition: `\${length(${missing}) == 0}`,
      error_message:
        hcl.text(`Stack "${this.source.stackId}" lacks outputs of the ${this.schema.name} contract: `) +
        `\${join(", ", ${missing})}. Apply that stack, then plan this one again.`,
    };
  }

  private staticConditions(): Condition[] {
    return Object.entries(this.static).map(([field, value]) => {
      const there = `jsonencode(try(${this.contractOutput}.static["${field}"], null))`;
      return {
        condition: hcl.callString("contains", [hcl.call("jsonencode", value)], ref(there)),
        error_message:
          hcl.text(`The ${this.schema.name} contract of stack "${this.source.stackId}" has another ${field}: `) +
          `\${${there}}` +
          hcl.text(` there, ${JSON.stringify(value)} here. Give this stack the value that is there.`),
      };
    });
  }
}

interface Condition {
  readonly condition: string;
  readonly error_message: string;
}
