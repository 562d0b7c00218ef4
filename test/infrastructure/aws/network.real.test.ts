import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NetworkAclConfig } from "@cdktf/provider-aws/lib/network-acl";
import { expect, test } from "vitest";
import type { AwsNetworkProps } from "../../../lib/infrastructure/aws/network-props";
import type { Transform } from "../../../lib/layer";
import { findMoto, Moto, useAwsProvider } from "../../support/moto";
import { StandInProviders } from "../../support/providers";
import { type Scope, testScope } from "../../support/temporary";
import { Terraform } from "../../support/terraform";
import { describeWith, findMirror, findTool, mirrorConfig } from "../../support/tools";
import { networkOf } from "./network-stack";

/** Writes a network's stack into a directory, over what is there. */
function write(cwd: string, props: Partial<AwsNetworkProps>): void {
  writeFileSync(join(cwd, "cdk.tf.json"), JSON.stringify(networkOf(props).template.json));
  const terraform = { backend: { local: { path: "terraform.tfstate" } } };
  writeFileSync(join(cwd, "backend_override.tf.json"), JSON.stringify({ terraform }));
}

function directory(scope: Scope, props: Partial<AwsNetworkProps>): string {
  const cwd = scope.directory("network");
  write(cwd, props);
  return cwd;
}

const variants: [string, Partial<AwsNetworkProps>][] = [
  ['egress "nat"', {}],
  ['egress "private" with public subnets', { egress: "private", publicSubnets: true, zones: 2 }],
];

for (const tool of ["terraform", "tofu"]) {
  describeWith(`networks for ${tool}, with the schema of the bindings' provider`, { tool: findTool(tool) }, (found) => {
    test.each(variants)("are valid and planned: %s", async (_name, props) => {
      const scope = testScope();
      const cwd = directory(scope, props);
      const terraform = new Terraform({ program: found.tool, cwd, providers: new StandInProviders(scope) });
      await terraform.init();
      expect(await terraform.validate()).toMatchObject({ valid: true, diagnostics: [] });
      const { actions } = await terraform.plan();
      expect(actions.filter((action) => !action.startsWith("create "))).toEqual([]);
      expect(actions.length).toBeGreaterThan(30);
    });
  });
}

/** moto 5.2.1 forgets the types of ICMP entries, so that every plan would set them again. */
const withoutIcmp: Transform<NetworkAclConfig> = (acl) => ({
  ...acl,
  ingress: Array.isArray(acl.ingress) ? acl.ingress.filter(({ protocol }) => protocol !== "icmp") : acl.ingress,
  egress: Array.isArray(acl.egress) ? acl.egress.filter(({ protocol }) => protocol !== "icmp") : acl.egress,
});

describeWith(
  "a network on moto",
  { terraform: findTool("terraform"), moto: findMoto(), "a mirror of hashicorp/aws": findMirror("hashicorp/aws") },
  ({ terraform: program, "a mirror of hashicorp/aws": mirror }) => {
    test("is applied once, grows by a zone, is shut, and goes", async () => {
      const scope = testScope();
      const moto = await Moto.start(scope);
      const base: Partial<AwsNetworkProps> = {
        publicSubnets: true,
        transform: {
          vpc: { lifecycle: { preventDestroy: false } },
          privateNetworkAcl: withoutIcmp,
          publicNetworkAcl: withoutIcmp,
        },
      };
      const cwd = directory(scope, { ...base, zones: ["a", "b"] });
      const [version = ""] = mirror.versions;
      useAwsProvider(cwd, version);
      const terraform = new Terraform({ program, cwd, env: moto.env, cliConfig: mirrorConfig(scope, mirror) });
      await terraform.init();
      await terraform.apply();
      expect(await terraform.plan()).toMatchObject({ actions: [], changes: false });

      write(cwd, { ...base, zones: ["a", "b", "c"] });
      const grown = await terraform.plan();
      expect(kinds(grown.actions)).toEqual([
        "create aws_eip",
        "create aws_nat_gateway",
        "create aws_network_acl_association",
        "create aws_network_acl_association",
        "create aws_route",
        "create aws_route_table",
        "create aws_route_table_association",
        "create aws_route_table_association",
        "create aws_subnet",
        "create aws_subnet",
        "create aws_vpc_endpoint_route_table_association",
      ]);
      await terraform.apply(grown.file);

      write(cwd, { ...base, zones: ["a", "b", "c"], egress: "private" });
      const shut = await terraform.plan();
      expect([...new Set(kinds(shut.actions))]).toEqual([
        "create aws_security_group",
        "create aws_vpc_endpoint",
        "create aws_vpc_security_group_ingress_rule",
        "delete aws_eip",
        "delete aws_nat_gateway",
        "delete aws_route",
        "update aws_vpc_endpoint",
      ]);
      await terraform.apply(shut.file);
      expect(await terraform.plan()).toMatchObject({ actions: [], changes: false });
      await terraform.destroy();
      expect((await terraform.state()).size).toBe(0);
    });
  },
);

/** `"create aws_subnet"` of `"create aws_subnet.network_private-a"`. */
function kinds(actions: readonly string[]): string[] {
  return actions.map((action) => action.replace(/\..*/, "")).sort();
}
