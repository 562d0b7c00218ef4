import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LayerStack } from "../../lib";
import { remoteApplicationSupport } from "../../lib/application-support";
import { makeProviders } from "../../lib/application-support/providers";
import { httpRoute } from "../../lib/application-support/route-table";
import type { Route } from "../../lib/application-support/routes";
import { PropsCheck } from "../../lib/core/errors";
import { Template } from "../../lib/testing";
import { testApp } from "../support/synth";
import { carts, environment, infrastructure, platformStatic, support } from "./support";

interface Entry {
  readonly kind: string;
  readonly name: string;
  readonly config_json: string;
  readonly depends_on?: readonly string[];
}

const entries = (template: Template): Entry[] =>
  template.resources("consul_config_entry").map((one) => one.arguments as unknown as Entry);
const routesOf = (template: Template) =>
  Object.fromEntries(
    entries(template)
      .filter(({ kind }) => kind === "http-route")
      .map(({ name, config_json }) => {
        const { Hostnames, Rules } = JSON.parse(config_json);
        return [
          name,
          [Hostnames, Rules.map((rule: never) => [rule["Matches"][0]["Path"]["Value"], rule["Services"][0]["Name"]])],
        ];
      }),
  );

test("each host of a team leads to the team's own entrance, and no host else is there", () => {
  expect(routesOf(Template.of(support()))).toEqual({
    shop: [["shop.apps.example.com"], [["/", "host-shop"]]],
    www: [["www.apps.example.com"], [["/", "host-www"]]],
    pay: [["pay.apps.example.com"], [["/", "host-pay"]]],
  });
});

test("routes of Carts in the same app join them, the longest path first, and order the stacks", () => {
  const above = support();
  const stack = carts(above);
  above.contract.addRoutes(stack, [
    { host: "shop", service: "shop-web", team: "shop" },
    { host: "shop", path: "/api", service: "shop-api", team: "shop", rewritePath: "/", timeout: "90s" },
    { host: "status", service: "status" },
  ]);
  above.contract.addRoutes(carts(above, "dev-other"), [
    { host: "shop", path: "/api/v2", service: "shop-next", team: "shop" },
  ]);
  const template = Template.of(above);
  expect(routesOf(template)).toMatchObject({
    shop: [
      ["shop.apps.example.com"],
      [
        ["/api/v2", "shop-next"],
        ["/api", "shop-api"],
        ["/", "shop-web"],
      ],
    ],
    status: [["status.apps.example.com"], [["/", "status"]]],
  });
  expect(template.output("application_support_routes")).toMatchObject({
    value: {
      "shop/": "shop-web",
      "shop/api": "shop-api",
      "shop/api/v2": "shop-next",
      "pay/": "host-pay",
      "status/": "status",
    },
  });
  expect(stack.dependencies).toContain(above);
});

test("a route is written after the gateway that it names", () => {
  const written = entries(Template.of(support()));
  const gateway = written.find(({ kind }) => kind === "api-gateway");
  expect(gateway?.name).toBe("api-gateway");
  for (const { kind, depends_on } of written) {
    if (kind === "http-route")
      expect(depends_on).toEqual([expect.stringMatching(/^consul_config_entry\.[\w-]*gateway/)]);
  }
});

test("says times in nanoseconds and what a path becomes, and nothing where nothing was said", () => {
  const known = { appsDomain: "apps.example.com", gateway: "api-gateway", listener: "https" };
  expect(httpRoute(known, "shop", [{ host: "shop", service: "web", timeout: "90s", rewritePath: "/v1" }])).toEqual({
    Hostnames: ["shop.apps.example.com"],
    Parents: [{ Kind: "api-gateway", Name: "api-gateway", SectionName: "https" }],
    Rules: [
      {
        Matches: [{ Path: { Match: "prefix", Value: "/" } }],
        Filters: {
          URLRewrite: { Path: "/v1" },
          TimeoutFilter: { RequestTimeout: 90_000_000_000, IdleTimeout: 0 },
        },
        Services: [{ Name: "web", Weight: 1 }],
      },
    ],
  });
});

test("whatever the order in which they come, a longer path stands before every one that begins it", () => {
  const paths = fc.uniqueArray(fc.array(fc.constantFrom("a", "b", "ab"), { maxLength: 4 }), {
    selector: (parts) => parts.join("/"),
    maxLength: 8,
  });
  const known = { appsDomain: "apps.example.com", gateway: "api-gateway", listener: "https" };
  fc.assert(
    fc.property(paths, (lists) => {
      const routes = lists.map((parts): Route => ({ host: "h", path: `/${parts.join("/")}`, service: "s" }));
      const { Rules } = httpRoute(known, "h", routes) as {
        Rules: { Matches: { Path: { Value: string } }[] }[];
      };
      const order = Rules.map(({ Matches }) => Matches[0]?.Path.Value ?? "");
      for (const [index, path] of order.entries()) {
        for (const later of order.slice(index + 1)) expect(later.startsWith(path)).toBe(false);
      }
    }),
  );
});

describe("refuses", () => {
  const taken: Route = { host: "shop", service: "shop-web", team: "shop" };
  test.each<[string, readonly Route[], string, string]>([
    ["a host and path of another", [taken, { ...taken, service: "shop-api" }], "routes[1].host", '"shop-web" answers'],
    [
      "a path twice",
      [
        { ...taken, path: "/a" },
        { ...taken, path: "/a" },
      ],
      "routes[1].path",
      "nobody else claims",
    ],
    ["a team's host for the platform", [{ host: "shop", service: "grafana" }], "routes[0].host", 'is of "shop"'],
    ["another team's host", [{ ...taken, host: "pay" }], "routes[0].host", 'a host of "shop": shop, www'],
    [
      "another team's service",
      [{ ...taken, service: "pay" }],
      "routes[0].service",
      'a service of "shop": shop, shop-*',
    ],
    ["a team that is none", [{ ...taken, team: "ship" }], "routes[0].team", "a team of the platform: shop, pay"],
    ["a whole host name", [{ ...taken, host: "shop.example.com" }], "routes[0].host", "one label"],
    ["a path without a slash", [{ ...taken, path: "api" }], "routes[0].path", "begins with a slash"],
    ["a path with a query", [{ ...taken, path: "/a?b=1" }], "routes[0].path", "without ? and #"],
    ["a rewrite without a slash", [{ ...taken, rewritePath: "v1" }], "routes[0].rewritePath", "begins with a slash"],
    ["a time without a unit", [{ ...taken, timeout: "30" }], "routes[0].timeout", "a time such as"],
  ])("%s", (_, routes, property, allowed) => {
    const failure = () => support({ routes });
    expect(failure).toThrow(property);
    expect(failure).toThrow(allowed);
  });

  test("of two stacks of Carts the second that wants a host", () => {
    const above = support();
    above.contract.addRoutes(carts(above), [taken]);
    expect(() => above.contract.addRoutes(carts(above, "dev-late"), [taken])).toThrow('"shop-web" answers them');
  });

  test("any route where applications have no domain", () => {
    const { appsDomain: _, ...known } = infrastructure.static;
    const without = { static: known, applied: infrastructure.applied };
    const failure = () => support({ infrastructure: without, routes: [{ host: "a", service: "a" }] });
    expect(failure).toThrow("give the infrastructure a domain");
    const check = new PropsCheck("Carts", testApp(), "carts");
    support({ infrastructure: without }).contract.checkRoutes(check, "carts[0].exposes", [taken], {});
    expect(() => check.done()).toThrow("carts[0].exposes");
  });
});

describe("from another repository", () => {
  function stackWith(routes: readonly Route[]) {
    const above = support();
    const contract = remoteApplicationSupport({
      static: above.contract.static,
      stackId: "dev-support",
      state: environment.state,
    });
    const stack = new LayerStack(testApp(), "dev-carts", { environment });
    makeProviders(stack, platformStatic());
    contract.addRoutes(stack, routes);
    return Template.of(stack);
  }

  test("a team directs a whole host of its own by the host's entrance", () => {
    const template = stackWith([{ host: "shop", service: "shop-web", team: "shop" }]);
    template.hasResource("consul_config_entry", {
      kind: "service-resolver",
      name: "host-shop",
      config_json: '{"Redirect":{"Service":"shop-web"}}',
    });
    const output = JSON.stringify(template.output("route-shop"));
    expect(output).toContain("host-shop");
    expect(output).toContain("does not send the requests for shop/ to host-shop");
    expect(template.output("route-shop")["precondition"]).toMatchObject({
      condition:
        '${lookup(data.terraform_remote_state.application_support-contract-dev-support.outputs.application_support_routes, "shop/", "") == "host-shop"}',
    });
  });

  test("any other route must be there, or the plan fails and says which", () => {
    const template = stackWith([{ host: "shop", path: "/api", service: "shop-api", team: "shop" }]);
    template.resourceCount("consul_config_entry", 0);
    expect(JSON.stringify(template.output("route-shop-api"))).toContain(
      "has no route from shop/api to shop-api. Add it to the routes there",
    );
  });
});
