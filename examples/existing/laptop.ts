// The upper layers on servers that somebody already runs: here three of development mode on a laptop (README.md).
import type { App } from "cdktf";
import { existingInfrastructure, LocalState } from "cdktf-caravan";
import { CartsStack, MinimalServices } from "cdktf-caravan/carts";
import { PlatformStack } from "cdktf-caravan/platform";

const { VAULT_ADDR, CONSUL_HTTP_ADDR, NOMAD_ADDR } = process.env;

export function laptop(app: App): PlatformStack {
  const environment = { name: "laptop", state: new LocalState() };
  const platform = new PlatformStack(app, "laptop-platform", {
    environment,
    infrastructure: existingInfrastructure({
      environment: environment.name,
      vault: { address: VAULT_ADDR ?? "http://127.0.0.1:8200" },
      consul: { address: CONSUL_HTTP_ADDR ?? "http://127.0.0.1:8500" },
      nomad: { address: NOMAD_ADDR ?? "http://127.0.0.1:4646" },
    }),
    teams: [{ name: "shop", services: ["web", "api", "shop-hello-*"] }, { name: "pay" }],
    vault: {
      audit: {
        stdout: { type: "file", path: "stdout" },
        file: { type: "file", path: "/tmp/caravan-vault-audit.log" },
      },
    },
    consul: { mesh: { intentions: [{ from: "web", to: "api" }] } },
  });
  new CartsStack(app, "laptop-shop", {
    environment,
    platform: platform.contract,
    team: "shop",
    carts: [new MinimalServices("shop-hello")],
  });
  return platform;
}
