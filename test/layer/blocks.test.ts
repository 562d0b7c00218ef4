import { DataResource, Token } from "cdktf";
import { describe, expect, test } from "vitest";
import { adopt, EphemeralBlock, hcl, LayerStack, LocalState, movedFrom, writeOnly } from "../../lib";
import { synthesized, testApp } from "../support/synth";

const environment = { name: "prod", state: new LocalState() };

test("an ephemeral block feeds a write-only argument; the provider version that it needs is stated", () => {
  const app = testApp();
  const stack = new LayerStack(app, "prod-data", { environment });
  const password = new EphemeralBlock(stack, "password", {
    type: "random_password",
    arguments: { length: 32, override_special: hcl.text("${") },
    needs: { random: ">= 3.7" },
  });
  const argument = writeOnly("secretString", password.value("result"), 2);
  new DataResource(stack, "data", { input: argument });
  const { ephemeral, resource } = synthesized(app, "prod-data");
  expect(ephemeral.random_password).toEqual({ password: { length: 32, override_special: "$${" } });
  expect(resource.terraform_data.data.input).toEqual({
    secretStringWo: "${ephemeral.random_password.password.result}",
    secretStringWoVersion: 2,
  });
});

describe("a write-only argument", () => {
  const value = Token.asString({ resolve: () => "${ephemeral.x.y.z}" });

  test("refuses a literal, which would stand in the plan file", () => {
    expect(() => writeOnly("secretString", "hunter2", 1)).toThrow(
      'writeOnly("secretString"): given a literal text, which would stand in the configuration and in every plan file',
    );
  });

  test.each([0, 1.5, -1, Number.NaN])("refuses version %s", (version) => {
    expect(() => writeOnly("secretString", value, version)).toThrow(`given version ${version}`);
  });
});

test("adopted objects become import blocks, renamed ones moved blocks, without the terraform program", () => {
  const app = testApp();
  const stack = new LayerStack(app, "prod-data", { environment });
  const data = new DataResource(stack, "data");
  adopt(data, "the-id");
  movedFrom(data, "terraform_data.old");
  const json = synthesized(app, "prod-data");
  expect(json.import).toEqual([{ id: "the-id", to: "terraform_data.data" }]);
  expect(json.moved).toEqual([{ from: "terraform_data.old", to: "terraform_data.data" }]);
});

test("wrong ids and addresses are refused", () => {
  const data = new DataResource(new LayerStack(testApp(), "prod-data", { environment }), "data");
  expect(() => adopt(data, "")).toThrow('adopt at "prod-data/data": 1 mistake in its props\n  id: given ""');
  expect(() => movedFrom(data, "old")).toThrow('from: given "old"\n    allowed: an address, such as "aws_vpc.network"');
  expect(() => new EphemeralBlock(data, "e", { type: "Random" })).toThrow('type: given "Random"');
});
