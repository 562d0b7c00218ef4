import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Block, installedProviders, StandIn, StandInProviders } from "./providers";
import { BindingPackage } from "./providers/bindings";
import { type Attribute, schemaOf, type ValueType } from "./providers/schema";
import { testScope } from "./temporary";
import { Terraform } from "./terraform";
import { describeWith, findTool } from "./tools";

/** How many types of a package are applied in one test; Terraform itself grows slow with the size of the state. */
const SAMPLE = 50;

for (const name of ["terraform", "tofu"]) {
  describeWith(`every type on ${name}`, { [name]: findTool(name) }, (found) => {
    const program = found[name] ?? "";
    describe.each(installedProviders())("of %s", (provider) => {
      const bindings = new BindingPackage(provider);

      test("has a schema that is accepted", async () => {
        const scope = testScope();
        const standIn = new StandIn(provider);
        await standIn.start();
        scope.defer(() => standIn.stop());
        const types = { resource: bindings.types("resource"), data: bindings.types("data") };
        standIn.serve("resource", types.resource);
        standIn.serve("data", types.data);
        const cwd = scope.directory();
        const required_providers = { [provider]: { source: bindings.source } };
        writeFileSync(join(cwd, "main.tf.json"), JSON.stringify({ terraform: { required_providers } }));
        const env = { TF_REATTACH_PROVIDERS: JSON.stringify({ [bindings.source]: standIn.reattach }) };
        const terraform = new Terraform({ program, cwd, env });
        await terraform.init();
        const { provider_schemas } = JSON.parse(await terraform.succeed("providers", "schema", "-json"));
        const [schemas] = Object.values<Record<string, object>>(provider_schemas);
        expect(Object.keys(schemas?.["resource_schemas"] ?? {}).sort()).toEqual(types.resource);
        expect(Object.keys(schemas?.["data_source_schemas"] ?? {}).sort()).toEqual(types.data);
      });

      test.each(["only what is required", "every argument"])("lives and dies, given %s (a sample)", async (given) => {
        const all = given === "every argument";
        const section = (kind: "resource" | "data") => {
          const types = sample(bindings.types(kind));
          return Object.fromEntries(types.map((type) => [type, { one: valuesOf(schema(kind, type), all) }]));
        };
        const schema = (kind: "resource" | "data", type: string) => {
          const source = bindings.read(kind, type);
          if (source === undefined) throw new Error(`no source of ${type}`);
          return schemaOf(source);
        };
        const configuration: Record<string, unknown> = {
          terraform: { required_providers: { [provider]: { source: bindings.source } } },
          provider: { [provider]: [valuesOf(schemaOf(bindings.readProvider()), false)] },
          resource: section("resource"),
        };
        if (bindings.types("data").length > 0) configuration["data"] = section("data");

        const scope = testScope();
        const cwd = scope.directory();
        writeFileSync(join(cwd, "cdk.tf.json"), JSON.stringify(configuration));
        const terraform = new Terraform({ program, cwd, providers: new StandInProviders(scope) });
        await terraform.init();
        await terraform.apply();
        expect(await terraform.plan()).toMatchObject({ actions: [], changes: false });
        await terraform.destroy();
        expect((await terraform.state()).size).toBe(0);
      });
    });
  });
}

function sample(types: readonly string[]): string[] {
  const step = Math.max(1, Math.floor(types.length / SAMPLE));
  return types.filter((_, at) => at % step === 0);
}

/** Blocks within blocks beyond this are left out: some are nested without end. */
const DEPTH = 6;
const META = ["count", "for_each", "depends_on", "lifecycle", "provider", "connection", "provisioner"];

/** Arguments of the right types: the required ones, or all that can be set. */
function valuesOf(block: Block, all: boolean, depth = 0): Record<string, unknown> {
  const values = attributeValues(block.attributes, all, depth === 0 ? META : []);
  for (const [name, { nesting, min, block: inner }] of Object.entries(block.blocks)) {
    if (min > 0 || (all && depth < DEPTH)) values[name] = nest(nesting, valuesOf(inner, all, depth + 1));
  }
  return values;
}

function attributeValues(
  attributes: Readonly<Record<string, Attribute>>,
  all: boolean,
  except: readonly string[] = [],
) {
  const values: Record<string, unknown> = {};
  for (const [name, { required, optional, type, nested }] of Object.entries(attributes)) {
    if (except.includes(name) || !(required || (all && optional))) continue;
    if (type !== undefined) values[name] = argument(type, name);
    else if (nested !== undefined) values[name] = nest(nested.nesting, attributeValues(nested.attributes, all));
  }
  return values;
}

function nest(nesting: string, one: unknown): unknown {
  if (nesting === "single") return one;
  return nesting === "map" ? { key: one } : [one];
}

function argument(type: ValueType, name: string): unknown {
  switch (type) {
    case "string":
      return `a ${name}`;
    case "number":
      return 0.1;
    case "bool":
      return true;
    case "dynamic":
      return { any: ["thing"] };
  }
  if (type[0] === "object") {
    return Object.fromEntries(Object.entries(type[1]).map(([key, inner]) => [key, argument(inner, key)]));
  }
  return nest(type[0], argument(type[1], name));
}
