import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TerraformOutput, TerraformVariable } from "cdktf";
import { expect, test } from "vitest";
import { hcl } from "../../lib/core/hcl";
import { environmentFile } from "../../lib/node";
import { synthesize } from "../support/synth";
import { run } from "../support/temporary";
import { Terraform } from "../support/terraform";
import { describeWith, findTool } from "../support/tools";
import { environmentValues } from "./examples";

/** What must not end a value, run a command or become a reference on the way. */
const awkward = [
  'quote " and \\" and \\\\',
  "$HOME ${HOME} $(id) `id` %{ if true } $${x}",
  "two\nlines\tand a tab",
  "'single' # no comment; true && false",
  "umlaut ü, 漢字, 😀",
];

for (const name of ["terraform", "tofu"]) {
  describeWith(`the environment file filled in by ${name}`, { [name]: findTool(name) }, (found) => {
    test("values known after apply arrive in bash as they are", async () => {
      const cwd = synthesize((stack) => {
        const values = awkward.map((_, index) => new TerraformVariable(stack, `v${index}`, { type: "string" }));
        const [bucket = "", sealKey = "", ...rest] = values.map(({ stringValue }) => stringValue);
        const file = environmentFile({
          ...environmentValues,
          bucket,
          sealKey: `before-${sealKey}-after`,
          deployerRoles: rest,
          nodeRoles: { "server-main": bucket },
        });
        new TerraformOutput(stack, "file", { value: hcl.callString("base64encode", file), staticId: true });
      });
      const variables = Object.fromEntries(awkward.map((value, index) => [`v${index}`, value]));
      writeFileSync(join(cwd, "terraform.tfvars.json"), JSON.stringify(variables));
      const terraform = new Terraform({ program: found[name] ?? "", cwd });
      await terraform.init();
      await terraform.apply();

      const path = join(cwd, "environment");
      writeFileSync(path, Buffer.from(String((await terraform.output())["file"]), "base64"));
      const printed =
        'printf "%s\\0" "$CARAVAN_BUCKET" "$VAULT_AWSKMS_SEAL_KEY_ID" "$CARAVAN_DEPLOYER_ROLES" "$CARAVAN_NODE_ROLES"';
      const { stdout } = await run("bash", ["-euc", `. "$0"; ${printed}`, path], { env: { PATH: "/usr/bin:/bin" } });
      const [bucket, sealKey, roles, nodes] = stdout.split("\0");
      expect(bucket).toBe(awkward[0]);
      expect(sealKey).toBe(`before-${awkward[1]}-after`);
      expect(JSON.parse(roles ?? "")).toEqual(awkward.slice(2));
      expect(JSON.parse(nodes ?? "")).toEqual({ "server-main": awkward[0] });
    });
  });
}
