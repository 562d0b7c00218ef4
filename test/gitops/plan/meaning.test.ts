import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differenceLines, differences } from "../../../lib/gitops/plan/compare";
import { meaningDigest, meaningOf } from "../../../lib/gitops/plan/meaning";
import {
  parsePlan,
  type ResourceChange,
  type TerraformPlan,
  type ValueChange,
} from "../../../lib/gitops/plan/terraform-plan";
import { plans } from "./arbitraries";

const KEY = "0123456789abcdef";

function plan(...changes: ResourceChange[]): TerraformPlan {
  return { format_version: "1.2", resource_changes: changes };
}

function change(address: string, parts: Partial<ValueChange> & Pick<ValueChange, "actions">): ResourceChange {
  return { address, mode: "managed", type: address.split(".")[0] ?? "", change: parts };
}

const database = (after: object, parts: Partial<ValueChange> = {}) =>
  change("aws_db.main", { actions: ["create"], before: null, after, ...parts });

describe("the meaning of a plan", () => {
  test("is addresses, actions and known values", () => {
    const meaning = meaningOf(
      plan(
        database(
          { size: 20, tags: { Name: "main" }, zones: ["a"] },
          { after_unknown: { arn: true, zones: [false, true] } },
        ),
        { ...change("data.aws_ami.a", { actions: ["read"] }), mode: "data" },
        change("aws_vpc.same", { actions: ["no-op"], before: { id: "vpc-1" }, after: { id: "vpc-1" } }),
      ),
      KEY,
    );
    expect(meaning.changes).toEqual([
      {
        address: "aws_db.main",
        verb: "create",
        actions: ["create"],
        values: {
          size: { known: 20 },
          "tags.Name": { known: "main" },
          "zones[0]": { known: "a" },
          "zones[1]": { unknown: true },
          arn: { unknown: true },
        },
      },
    ]);
  });

  test("of an update is what changes, and on which object", () => {
    const [first] = meaningOf(
      plan(
        change("aws_vpc.main", {
          actions: ["update"],
          before: { id: "vpc-1", cidr: "10.0.0.0/16", tags: { a: "1", b: "2" } },
          after: { id: "vpc-1", cidr: "10.0.0.0/16", tags: { a: "9" } },
        }),
      ),
      KEY,
    ).changes;
    expect(first).toMatchObject({
      verb: "update",
      object: { known: "vpc-1" },
      values: { "tags.a": { known: "9" }, "tags.b": { known: null } },
      before: { "tags.a": { known: "1" }, "tags.b": { known: "2" } },
    });
  });

  test("has moves, imports, deposed objects and outputs", () => {
    const meaning = meaningOf(
      {
        ...plan(
          { ...change("t.new", { actions: ["no-op"], before: {}, after: {} }), previous_address: "t.old" },
          change("t.found", { actions: ["no-op"], importing: { id: "i-1" } }),
          { ...change("t.left", { actions: ["delete"], before: { id: "x" } }), deposed: "00ab" },
        ),
        output_changes: { url: { actions: ["update"], before: "a", after: "b" }, same: { actions: ["no-op"] } },
      },
      KEY,
    );
    expect(meaning.changes.map(({ verb, address }) => `${verb} ${address}`)).toEqual([
      "update output.url",
      "import t.found",
      "delete t.left (deposed 00ab)",
      "move t.new",
    ]);
  });

  test("keeps no secret: marked, of a telling name or shape, or the same text elsewhere", () => {
    const secrets = ["s3cr3t-marked", "s3cr3t-named", "AKIAIOSFODNN7EXAMPLE", "s3cr3t-variable"];
    const given: TerraformPlan = {
      ...plan(
        database(
          {
            master: secrets[0],
            url: `postgres://u:${secrets[0]}@host`,
            admin_password: secrets[1],
            script: `export KEY=${secrets[2]}`,
            user_data: `token ${secrets[3]}`,
          },
          { after_sensitive: { master: true } },
        ),
      ),
      variables: { v: { value: secrets[3] } },
      configuration: { root_module: { variables: { v: { sensitive: true } } } },
    };
    const text = JSON.stringify(meaningOf(given, KEY));
    for (const secret of secrets) expect(text).not.toContain(secret);
  });

  test("tells what is in a text that is JSON place by place, in any order and spacing, secrets hashed", () => {
    const planned = (policy: string) =>
      plan(change("a.b", { actions: ["create"], before: null, after: { policy, other: "{" } }));
    const [found] = meaningOf(planned('{"Env": {"PASSWORD": "s3cr3t!"}, "Count": [1, {"a": null}]}'), "key").changes;
    expect(found?.values).toEqual({
      "policy.Count[0]": { known: 1 },
      "policy.Env.PASSWORD": { secret: expect.any(String) },
      other: { known: "{" },
    });
    const same = meaningOf(planned('{"Count":[1,{"a":null}],"Env":{"PASSWORD":"s3cr3t!"}}'), "key");
    expect(same.changes).toEqual([found]);
  });

  test("compares secrets without showing them, and only for who has the key", () => {
    const of = (password: string, key: string) => meaningOf(plan(database({ password })), key);
    expect(differences(of("one-secret", KEY), of("one-secret", KEY))).toEqual([]);
    expect(differences(of("one-secret", KEY), of("another", KEY))).toHaveLength(1);
    expect(differences(of("one-secret", KEY), of("one-secret", "other key"))).toHaveLength(1);
    expect(differences(of("one-secret", KEY), of("another", KEY)).flatMap(differenceLines)).toEqual([
      "create aws_db.main: sets other values",
      "  password: was shown as (secret), is planned as (secret)",
    ]);
  });

  test("is read from the formats 1.x only", () => {
    expect(() => parsePlan('{"format_version":"2.0"}')).toThrow("format 2.0");
    expect(() => parsePlan("Error")).toThrow("terraform show -json");
    expect(parsePlan('{"format_version":"1.2"}')).toEqual({ format_version: "1.2" });
  });
});

describe("comparing with what was shown", () => {
  const lines = (shown: TerraformPlan, planned: TerraformPlan, resumed = false) =>
    differences(meaningOf(shown, KEY), meaningOf(planned, KEY), { resumed }).flatMap(differenceLines);
  const vpc = (cidr: string) =>
    change("aws_vpc.main", { actions: ["create"], after: { cidr }, after_unknown: { id: true } });
  const gone = (id: string) => change("aws_eip.old", { actions: ["delete"], before: { id }, after: null });

  test("says each difference so that a person understands it", () => {
    expect(lines(plan(vpc("10.0.0.0/16")), plan(vpc("10.1.0.0/16"), gone("e-1")))).toEqual([
      "delete aws_eip.old: planned now, was not shown",
      "create aws_vpc.main: sets other values",
      '  cidr: was shown as "10.0.0.0/16", is planned as "10.1.0.0/16"',
    ]);
    expect(lines(plan(vpc("10.0.0.0/16")), plan())).toEqual([
      "create aws_vpc.main: was shown, is not planned any more",
    ]);
    expect(lines(plan(gone("e-1")), plan(gone("e-2")))).toEqual([
      'delete aws_eip.old: was shown for "e-1", is planned for "e-2"',
    ]);
    const replaced = (...actions: ValueChange["actions"]) =>
      plan(change("t.a", { actions, before: { id: "1" }, after: {} }));
    expect(lines(replaced("create", "delete"), replaced("delete", "create"))).toEqual([
      "t.a: was shown as replace (create first), is planned as replace (destroy first)",
    ]);
  });

  test("a resumed apply may have less to do and know more, but does nothing that was not shown", () => {
    const half = plan(
      change("aws_vpc.main", {
        actions: ["delete", "create"],
        before: { id: "v" },
        after: { cidr: "10.0.0.0/16" },
        after_unknown: { id: true },
      }),
    );
    expect(lines(plan(vpc("10.0.0.0/16"), gone("e-1")), plan(gone("e-1")), true)).toEqual([]);
    expect(lines(plan(vpc("10.0.0.0/16")), half, true)).toEqual([]);
    expect(lines(plan(vpc("10.0.0.0/16")), half, false)).toHaveLength(1);
    expect(lines(plan(vpc("10.0.0.0/16")), plan(vpc("10.0.0.0/16"), gone("e-1")), true)).toHaveLength(1);
    expect(lines(plan(vpc("10.0.0.0/16")), plan(vpc("10.9.0.0/16")), true)).toHaveLength(2);
  });

  test("a plan equals itself in any order, and no other", () => {
    fc.assert(
      fc.property(plans(), plans(), (one, other) => {
        const meaning = meaningOf(one, KEY);
        const reordered = meaningOf({ ...one, resource_changes: [...(one.resource_changes ?? [])].reverse() }, KEY);
        expect(differences(meaning, reordered)).toEqual([]);
        expect(meaningDigest(reordered)).toBe(meaningDigest(meaning));
        const second = meaningOf(other, KEY);
        expect(differences(meaning, second).length === 0).toBe(meaningDigest(meaning) === meaningDigest(second));
      }),
    );
  });

  test("survives being stored", () => {
    fc.assert(
      fc.property(plans(), (one) => {
        const meaning = meaningOf(one, KEY);
        expect(differences(JSON.parse(JSON.stringify(meaning)), meaning)).toEqual([]);
      }),
    );
  });

  test("a resumed apply allows every part of what was shown", () => {
    fc.assert(
      fc.property(plans(), fc.integer({ min: 0, max: 8 }), (one, from) => {
        const part = { ...one, resource_changes: (one.resource_changes ?? []).slice(from) };
        expect(differences(meaningOf(one, KEY), meaningOf(part, KEY), { resumed: true })).toEqual([]);
      }),
    );
  });
});
