import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { existingInfrastructure } from "../../lib";
import { ApplicationSupportStack } from "../../lib/application-support";
import type { Cart } from "../../lib/carts";
import { Template } from "../../lib/testing";
import { testApp } from "../support/synth";
import { testScope } from "../support/temporary";
import { environment, platform, stackOf } from "./fixture";

const [, indented = ""] =
  /<!-- example: shop -->\s*```ts\n([\s\S]*?)```/.exec(readFileSync("docs/carts.md", "utf8")) ?? [];
const code = indented.replace(/^ {3}/gm, "");

test("the application of docs/carts.md is some 30 lines, and gets all that it names", async () => {
  const cart = code.slice(code.indexOf("export const"));
  expect(cart.trimEnd().split("\n").length).toBeLessThanOrEqual(35);
  const file = join(testScope().directory("docs"), "shop.ts");
  writeFileSync(file, code);
  const { web } = (await import(file)) as { readonly web: Cart };

  const app = testApp();
  const infrastructure = existingInfrastructure({
    environment: "dev",
    vault: { address: "https://vault.example.com:8200" },
    consul: { address: "https://consul.example.com:8501" },
    nomad: { address: "https://nomad.example.com:4646" },
    appsDomain: "apps.example.com",
  });
  const support = new ApplicationSupportStack(app, "dev-support", {
    environment,
    platform: platform(),
    infrastructure,
  });
  const stack = stackOf([web], { app, team: "shop", support: support.contract });
  expect(stack.outputs["shop-web"]).toMatchObject({
    serviceNames: ["shop-web"],
    urls: ["https://shop.apps.example.com"],
  });
  const template = Template.synth(app).stack("dev-carts");
  expect(template.addresses.map((address) => address.replace(/_[0-9A-F]{8}$/, ""))).toEqual([
    "consul_config_entry.shop-web_defaults-shop-web",
    "consul_config_entry_service_intentions.shop-web_intentions-shop-web",
    "nomad_csi_volume.shop-web_volume-shop-uploads",
    "nomad_job.shop-web_job-shop-web",
  ]);
  const [job] = template.resources("nomad_job");
  const text = String(job?.arguments["jobspec"]);
  for (const part of ["pay-api", "secret/data/shop/shop-web/session", "/uploads", '"AutoRevert":true']) {
    expect(text).toContain(part);
  }
});
