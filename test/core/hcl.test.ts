import { TerraformStack, TerraformVariable, Testing } from "cdktf";
import { expect, test } from "vitest";
import { hcl } from "../../lib/core/hcl";
import { resolved } from "./resolved";

const app = Testing.app();
const stack = new TerraformStack(app, "stack");
const text = new TerraformVariable(stack, "text", { type: "string" });
const list = new TerraformVariable(stack, "list", { type: "list(string)" });
const rendered = (value: unknown) => resolved(stack, value);

test("literal openings are escaped, references stay", () => {
  expect(rendered(hcl.text("a ${X} %{if} $${Y}"))).toBe('a $${X} %%{if} ${"$$"}{Y}');
  expect(rendered(hcl.text(`\${ $${text.stringValue}`))).toBe('$${ ${"$"}${var.text}');
});

test("JSON without a token is known at synth, with one it is Terraform's own", () => {
  expect(hcl.json({ a: 'say "hi"', b: undefined })).toBe('{"a":"say \\"hi\\""}');
  expect(rendered(hcl.json({ "k${": 'q"\\', list: list.listValue, nothing: [1, null] }))).toBe(
    '${jsonencode({"k$${" = "q\\"\\\\", "list" = var.list, "nothing" = [1, null]})}',
  );
});
