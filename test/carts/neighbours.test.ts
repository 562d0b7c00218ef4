import { expect, test } from "vitest";
import { external } from "../../lib/carts";
import { SynthesisError } from "../../lib/core";
import { testApp } from "../support/synth";
import { cart, type Given, health, stackOf, web } from "./fixture";

const shop: Given = { team: "shop" };
const pay: Given = { team: "pay" };

/** Two stacks of one environment, of two teams. */
function two(ofShop: Parameters<typeof stackOf>[0], ofPay: Parameters<typeof stackOf>[0]) {
  const app = testApp();
  stackOf(ofShop, { app, id: "dev-shop", ...shop });
  stackOf(ofPay, { app, id: "dev-pay", ...pay });
  return () => app.synth();
}

const caller = cart("shop-web", { consumes: { service: external("pay-api"), localPort: 9001 } });
const provider = (allows: readonly string[]) =>
  cart("pay-api", { provides: { name: "pay-api", port: 80, health, allows } });

test("a call into another stack passes where its provider allows it", () => {
  expect(two([caller], [provider(["shop-web"])])).not.toThrow();
});

test.each<[string, Parameters<typeof two>, string]>([
  [
    "a call that its provider does not allow",
    [[caller], [provider(["pay-web"])]],
    'dev-shop: carts.shop-web.consumes.service: given "shop-web"\n    allowed: pay-web, by pay-api\n    fix:     add "shop-web" to allows of pay-api in stack "dev-pay"',
  ],
  [
    "a static port that both take",
    [
      [cart("shop-web", { provides: { name: "shop-web", port: 80, health, mesh: false, staticPort: 80 } })],
      [cart("pay-web", { provides: { name: "pay-web", port: 80, health, mesh: false, staticPort: 80 } })],
    ],
    "allowed: a port that no other takes; dev-shop: shop-web (shop-web/web) does",
  ],
])("refuses %s", (_, stacks, text) => {
  expect(two(...stacks)).toThrow(SynthesisError);
  expect(two(...stacks)).toThrow(text);
});

test("two stacks of one namespace share neither services nor jobs", () => {
  const app = testApp();
  stackOf([cart("a")], { app, id: "dev-one" });
  stackOf([cart("b", { jobs: web("a"), provides: { name: "a", port: 80, health } })], { app, id: "dev-two" });
  expect(() => app.synth()).toThrow('dev-two: carts.b.provides.name: given "a"');
  expect(() => app.synth()).toThrow('one of stack "dev-one"');
});

test("two environments have nothing to do with each other", () => {
  const app = testApp();
  stackOf([cart("a")], { app, id: "dev-one" });
  const environment = { name: "prod", state: stackOf([], { app, id: "dev-none" }).environment.state };
  stackOf([cart("a")], { app, id: "prod-one", environment });
  expect(() => app.synth()).not.toThrow();
});
