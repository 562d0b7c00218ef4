import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BindingPackage } from "./providers/bindings";
import { type Attribute, type Block, schemaOf, type ValueType } from "./providers/schema";
import { testScope } from "./temporary";
import { Terraform } from "./terraform";
import { describeWith, findMirror, findTool, mirrorConfig } from "./tools";

/** What `terraform providers schema -json` says. */
interface RealAttribute {
  readonly type?: ValueType;
  readonly nested_type?: {
    readonly nesting_mode: string;
    readonly attributes: Readonly<Record<string, RealAttribute>>;
  };
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
  readonly write_only?: boolean;
}
interface RealBlock {
  readonly attributes?: Readonly<Record<string, RealAttribute>>;
  readonly block_types?: Readonly<Record<string, RealNestedBlock>>;
}
interface RealNestedBlock {
  readonly nesting_mode: string;
  readonly min_items?: number;
  readonly max_items?: number;
  readonly block: RealBlock;
}

/** Counts where our schema tells something else than the real one. */
class Comparison {
  readonly figures: Record<string, number> = {};

  count(what: string): void {
    this.figures[what] = (this.figures[what] ?? 0) + 1;
  }

  block(ours: Block, real: RealBlock): void {
    for (const [name, attribute] of Object.entries(real.attributes ?? {})) {
      this.count("attributes");
      const mine = ours.attributes[name];
      if (mine === undefined) this.count("attributes missing");
      else this.attribute(mine, attribute);
    }
    for (const [name, block] of Object.entries(real.block_types ?? {})) {
      this.count("blocks");
      const mine = ours.blocks[name];
      if (mine === undefined) {
        this.count("blocks missing");
        continue;
      }
      if (mine.nesting !== block.nesting_mode) this.count("blocks of another nesting");
      if (mine.min > 0 !== (block.min_items ?? 0) > 0) this.count("blocks wrongly required or not");
      if ((mine.max === 1) !== (block.max_items === 1)) this.count("blocks wrongly repeatable or not");
      this.block(mine.block, block.block);
    }
  }

  private attribute(ours: Attribute, real: RealAttribute): void {
    const flags = ["required", "optional", "computed"] as const;
    if (flags.some((flag) => ours[flag] !== (real[flag] ?? false))) this.count("attributes with other flags");
    if (ours.writeOnly !== (real.write_only ?? false)) this.count("attributes wrongly write-only or not");
    const realType = real.type ?? nestedType(real.nested_type?.nesting_mode ?? "", real.nested_type?.attributes ?? {});
    const ourType = ours.type ?? nestedType(ours.nested?.nesting ?? "", ours.nested?.attributes ?? {});
    if (sorted(ourType) !== sorted(realType)) this.count("attributes of another type");
  }
}

function nestedType(nesting: string, attributes: Readonly<Record<string, Attribute | RealAttribute>>): unknown {
  const members = Object.entries(attributes).map(([name, attribute]) => {
    if (attribute.type !== undefined) return [name, attribute.type];
    if ("nested" in attribute)
      return [name, nestedType(attribute.nested?.nesting ?? "", attribute.nested?.attributes ?? {})];
    const { nested_type } = attribute as RealAttribute;
    return [name, nestedType(nested_type?.nesting_mode ?? "", nested_type?.attributes ?? {})];
  });
  const object = ["object", Object.fromEntries(members)];
  return nesting === "single" ? object : [nesting, object];
}

function sorted(type: unknown): string {
  return JSON.stringify(type, (_, value) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

const VERSION = "5.100.0";
const needs = { terraform: findTool("terraform"), "hashicorp/aws 5.100.0": findMirror("hashicorp/aws", VERSION) };

describeWith("AWS's schema from the bindings", needs, ({ terraform: program, "hashicorp/aws 5.100.0": mirror }) => {
  test("is that of the real provider, but for what two versions differ in", async () => {
    const scope = testScope();
    const cwd = scope.directory();
    const required_providers = { aws: { source: "hashicorp/aws", version: VERSION } };
    writeFileSync(join(cwd, "main.tf.json"), JSON.stringify({ terraform: { required_providers } }));
    const terraform = new Terraform({ program, cwd, cliConfig: mirrorConfig(scope, mirror) });
    await terraform.init();
    const { provider_schemas } = JSON.parse(await terraform.succeed("providers", "schema", "-json"));
    const real = provider_schemas["registry.terraform.io/hashicorp/aws"];

    const bindings = new BindingPackage("aws");
    const comparison = new Comparison();
    comparison.block(schemaOf(bindings.readProvider()), real.provider.block);
    for (const [kind, schemas] of [
      ["resource", real.resource_schemas],
      ["data", real.data_source_schemas],
    ] as const) {
      for (const [type, { block }] of Object.entries<{ block: RealBlock }>(schemas)) {
        comparison.count(`${kind} types`);
        const source = bindings.read(kind, type);
        if (source === undefined) comparison.count(`${kind} types missing`);
        else comparison.block(schemaOf(source), block);
      }
    }
    console.info(`bindings of ${bindings.version} against the real ${VERSION}:`, comparison.figures);
    // 6.x dropped 21 types (OpsWorks and others) and some arguments, and changed some; QuickSight's and WAF's recursive
    // blocks are "any" in the bindings. Beyond those the bounds leave next to nothing.
    expect(comparison.figures).toMatchObject({ "resource types": 1526, "data types": 608 });
    const bounds: Record<string, number> = {
      "resource types missing": 20,
      "data types missing": 1,
      "attributes missing": 40,
      "attributes with other flags": 80,
      "attributes of another type": 30,
      "attributes wrongly write-only or not": 0,
      "blocks missing": 40,
      "blocks of another nesting": 40,
      "blocks wrongly required or not": 15,
      "blocks wrongly repeatable or not": 10,
    };
    for (const [what, bound] of Object.entries(bounds)) {
      expect(comparison.figures[what] ?? 0, what).toBeLessThanOrEqual(bound);
    }
  });
});
