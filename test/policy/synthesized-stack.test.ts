import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SynthesizedStack, UNKNOWN } from "../../lib/policy";

function resource(attributes: object, rest: object = {}) {
  const stack = new SynthesizedStack({ resource: { toy_thing: { it: attributes } }, ...rest });
  const [found] = stack.ofType("toy_thing");
  if (found === undefined) throw new Error("not indexed");
  return found;
}

describe("addresses", () => {
  it("indexes resources, data sources and providers, also where Terraform's JSON uses lists", () => {
    const stack = new SynthesizedStack({
      resource: [{ aws_vpc: { a: {} } }, { aws_vpc: [{ b: [{}] }] }],
      data: { aws_ami: { node: {} } },
      provider: { aws: [{ region: "eu-central-1" }, { alias: "us" }], vault: {} },
    });
    expect(stack.allAddresses).toEqual([
      "aws_vpc.a",
      "aws_vpc.b",
      "data.aws_ami.node",
      "provider.aws",
      "provider.aws.us",
      "provider.vault",
    ]);
    expect(stack.size).toBe(6);
  });

  it("knows the construct from cdktf's comment", () => {
    const found = resource({ "//": { metadata: { path: "prod/network/vpc", uniqueId: "x" } } });
    expect(found.constructPath).toBe("prod/network/vpc");
  });
});

describe("values", () => {
  const written = {
    yes: "true",
    no: false,
    nothing: null,
    three: "3",
    reference: "${aws_vpc.main.id}",
    directive: "%{ if true }x%{ endif }",
    escaped: "$${literal}",
    list: ["a", "${b.c}"],
    single: "a",
  };
  const found = resource(written);

  it.each([
    ["boolean", found.boolean("yes"), true],
    ["boolean", found.boolean("no"), false],
    ["boolean", found.boolean("reference"), UNKNOWN],
    ["boolean", found.boolean("nothing"), undefined],
    ["number", found.number("three"), 3],
    ["number", found.number("reference"), UNKNOWN],
    ["text", found.text("directive"), UNKNOWN],
    ["text", found.text("escaped"), "${literal}"],
    ["texts", found.texts("list"), ["a", UNKNOWN]],
    ["texts", found.texts("single"), ["a"]],
    ["texts", found.texts("missing"), []],
    ["has", found.has("nothing"), false],
    ["a name of every object", found.has("constructor"), false],
  ])("%s: %j", (_what, given, expected) => {
    expect(given).toEqual(expected);
  });

  it("reads a block written alone, in a list, and as a dynamic block", () => {
    expect(
      resource({ rule: { a: 1 } })
        .blocks("rule")
        .map((block) => block.at("a")),
    ).toEqual(["rule.a"]);
    expect(
      resource({ rule: [{ a: 1 }, { a: 2 }] })
        .blocks("rule")
        .map((block) => block.at("a")),
    ).toEqual(["rule[0].a", "rule[1].a"]);
    const dynamic = { dynamic: { rule: { for_each: "${var.x}", content: { a: 1, b: "${rule.value}" } } } };
    const [content] = resource(dynamic).blocks("rule");
    expect([content?.number("a"), content?.text("b")]).toEqual([1, UNKNOWN]);
  });

  it("reads a local value in its place", () => {
    expect(resource({ size: "${local.size}" }, { locals: { size: "${local.deep}", deep: 3 } }).number("size")).toBe(3);
  });

  it("survives locals that name each other", () => {
    const ring = { locals: { a: "${local.b}", b: "${local.a}" } };
    expect(resource({ size: "${local.a}" }, ring).number("size")).toBe(UNKNOWN);
    expect(resource({ size: "${local.a}" }, ring).references("size")).toEqual([]);
  });
});

describe("references", () => {
  const stack = new SynthesizedStack({
    locals: { bucket: "${aws_s3_bucket.c.id}" },
    resource: {
      aws_s3_bucket: { a: { bucket: "acme-a" }, b: { bucket: "acme-b" }, c: {}, d: { for_each: "${toset([])}" } },
      aws_s3_bucket_versioning: {
        by_reference: { bucket: "${aws_s3_bucket.a.id}" },
        by_name: { bucket: "acme-b" },
        by_local: { bucket: "${local.bucket}" },
        by_each: { for_each: "${aws_s3_bucket.d}", bucket: "${each.value.id}" },
        elsewhere: { bucket: "${module.aws_s3_bucket.a}" },
        literal: { bucket: "aws_s3_bucket.a" },
      },
    },
  });

  it.each([
    ["a", "by_reference"],
    ["b", "by_name"],
    ["c", "by_local"],
    ["d", "by_each"],
  ])("finds what points at %s: %s", (bucket, pointing) => {
    const target = stack.at(`aws_s3_bucket.${bucket}`);
    const found = target && stack.pointingAt(target, "aws_s3_bucket_versioning", "bucket", "bucket");
    expect(found?.map((resource) => resource.address)).toEqual([`aws_s3_bucket_versioning.${pointing}`]);
  });
});

it("reads any JSON without throwing", () => {
  const names = fc.constantFrom(
    "resource",
    "data",
    "provider",
    "locals",
    "toy_thing",
    "dynamic",
    "rule",
    "content",
    "//",
  );
  const tree = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 6 }, fc.jsonValue(), tie("object"), fc.array(tie("value"), { maxLength: 3 })),
    object: fc.dictionary(fc.oneof(names, fc.string()), tie("value"), { maxKeys: 4 }),
  }));
  fc.assert(
    fc.property(tree.value, (json) => {
      const stack = new SynthesizedStack(json);
      for (const found of stack.ofType("toy_thing")) {
        found.blocks("rule").map((block) => block.texts("toy_thing"));
        found.references("rule");
        stack.document(found.value("rule"));
      }
    }),
  );
});
