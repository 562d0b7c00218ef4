import { expect, test } from "vitest";
import { existingInfrastructure } from "../../lib";
import { ApplicationSupportStack, remoteApplicationSupport } from "../../lib/application-support";
import type { CartProps, Exposure } from "../../lib/carts";
import { Template } from "../../lib/testing";
import { testApp } from "../support/synth";
import { cart, environment, health, platform, stackOf } from "./fixture";

const infrastructure = existingInfrastructure({
  environment: "dev",
  vault: { address: "https://vault.example.com:8200" },
  consul: { address: "https://consul.example.com:8501" },
  nomad: { address: "https://nomad.example.com:4646" },
  appsDomain: "apps.example.com",
});

function together(exposes: CartProps["exposes"], team?: string) {
  const app = testApp();
  const support = new ApplicationSupportStack(app, "dev-support", {
    environment,
    platform: platform(),
    infrastructure,
  });
  const name = team === undefined ? "web" : `${team}-web`;
  const stack = stackOf([cart(name, { ...(exposes === undefined ? {} : { exposes }) })], {
    app,
    support: support.contract,
    ...(team === undefined ? {} : { team }),
  });
  return { app, stack, name };
}

test("in one app what a Cart exposes is the support stack's route, and the gateway may call", () => {
  const { app, stack } = together({ host: "shop", path: "/api", service: "shop-web" }, "shop");
  const stacks = Template.synth(app);
  const route = stacks
    .stack("dev-support")
    .resources("consul_config_entry")
    .find(({ arguments: { kind, name } }) => {
      return kind === "http-route" && name === "shop";
    });
  const { Rules } = JSON.parse(String(route?.arguments["config_json"]));
  expect(Rules[0]).toMatchObject({
    Matches: [{ Path: { Match: "prefix", Value: "/api" } }],
    Services: [{ Name: "shop-web" }],
  });
  const carts = stacks.stack("dev-carts");
  const [intentions] = carts.resources("consul_config_entry_service_intentions");
  expect(intentions?.arguments["sources"]).toEqual([{ name: "api-gateway", type: "consul", action: "allow" }]);
  expect(carts.resources("consul_config_entry").map(({ arguments: { kind } }) => kind)).toEqual(["service-defaults"]);
  expect(stack.outputs["shop-web"]?.urls).toEqual(["https://shop.apps.example.com/api"]);
});

test("in another repository a team directs its host to its service by itself", () => {
  const support = new ApplicationSupportStack(testApp(), "dev-support", {
    environment,
    platform: platform(),
    infrastructure,
  }).contract;
  const remote = remoteApplicationSupport({ static: support.static, stackId: "dev-support", state: environment.state });
  const stack = stackOf([cart("shop-web", { exposes: { host: "shop", service: "shop-web" } })], {
    team: "shop",
    support: remote,
  });
  const resolver = Template.of(stack)
    .resources("consul_config_entry")
    .find(({ arguments: { kind } }) => kind === "service-resolver");
  expect(resolver?.arguments["name"]).toBe("host-shop");
  expect(JSON.parse(String(resolver?.arguments["config_json"]))).toEqual({ Redirect: { Service: "shop-web" } });
});

test.each<[string, CartProps["exposes"], string | undefined, string]>([
  ["a host that no label is", { host: "Shop", service: "web" }, undefined, "one label of a host name"],
  ["a host with its domain", { host: "shop.apps.example.com", service: "web" }, undefined, "one label of a host name"],
  ["another team's host", { host: "pay", service: "shop-web" }, "shop", 'a host of "shop": shop'],
  ["a team's host without the team", { host: "shop", service: "web" }, undefined, 'say team: "shop"'],
  ["a path without its slash", { host: "a", path: "api", service: "web" }, undefined, "begins with a slash"],
  [
    "a host and path twice",
    ["/", "/"].map((path): Exposure => ({ host: "a", path, service: "web" })),
    undefined,
    'carts.web.exposes[1].host: given "a/"\n    allowed: a host and path that no other exposes; web does',
  ],
  [
    "a service of nobody",
    { host: "a", service: "api" },
    undefined,
    'carts.web.exposes.service: given "api"\n    allowed: web',
  ],
])("refuses %s", (_, exposes, team, text) => {
  expect(() => together(exposes, team)).toThrow(text);
});

test.each([
  ["what speaks tcp", { protocol: "tcp" }, "a service that speaks HTTP"],
  ["what is not in the mesh", { mesh: false }, "a service in the mesh"],
] as const)("refuses to expose %s", (_, part, allowed) => {
  const support = new ApplicationSupportStack(testApp(), "dev-support", {
    environment,
    platform: platform(),
    infrastructure,
  });
  const provides = { name: "web", port: 8080, health, ...part };
  const wrong = cart("web", { provides, exposes: { host: "a", service: "web" } });
  expect(() => stackOf([wrong], { support: support.contract })).toThrow(allowed);
});
