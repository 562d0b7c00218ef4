import { ConfigEntry } from "@cdktf/provider-consul/lib/config-entry";
import { Lazy } from "cdktf";
import { Construct, type IDependable } from "constructs";
import { PropsCheck } from "../core/errors";
import { hcl } from "../core/hcl";
import { parseDuration } from "../core/values";
import { checkRoutes, entranceOf, type Route, type RouteTeams, routeKey } from "./routes";

export interface RouteTableProps {
  /** Below which hosts stand: `"apps.example.com"`. */
  readonly appsDomain: string;
  /** Name of the gateway, and of its listener. */
  readonly gateway: string;
  readonly listener: string;
  readonly teams: RouteTeams;
  /** What must be there before a route is written. */
  readonly after: readonly IDependable[];
}

/**
 * The routes of the gateway, an entry a host. They are added while an app is built, by the support stack itself and by
 * stacks of Carts in the same app, and are all resources of the support stack: Consul lets only those write routes who may
 * change all of the mesh (`mesh:write`), which no team may.
 */
export class RouteTable extends Construct {
  private readonly routes = new Map<string, Route>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RouteTableProps,
  ) {
    super(scope, id);
    for (const { hosts } of Object.values(props.teams)) for (const host of hosts) this.addEntry(host);
  }

  /** Checks routes of somebody who is about to add them, beside those that are there. */
  check(check: PropsCheck, property: string, routes: readonly Route[]): void {
    checkRoutes(check, property, routes, this.props.teams, this.routes);
  }

  /**
   * Adds routes.
   *
   * @throws InvalidPropsError for a host or path that is taken, and for what is not the team's
   */
  add(routes: readonly Route[]): void {
    const check = new PropsCheck("RouteTable", this, "routes");
    this.check(check, "routes", routes);
    check.done();
    for (const route of routes) {
      this.routes.set(routeKey(route), route);
      if (this.node.tryFindChild(route.host) === undefined) this.addEntry(route.host);
    }
  }

  /** The service behind each host and path, of all routes. */
  get services(): Readonly<Record<string, string>> {
    const hosts = this.node.children.map(({ node }) => node.id);
    return Object.fromEntries(
      hosts.flatMap((host) => this.ofHost(host)).map((route) => [routeKey(route), route.service]),
    );
  }

  /** The routes of a host; what none of them answers goes to the team's own entrance. */
  private ofHost(host: string): readonly Route[] {
    const own = [...this.routes.values()].filter((route) => route.host === host);
    const entrance = entranceOf(this.props.teams, host);
    if (entrance === undefined || this.routes.has(routeKey({ host }))) return own;
    return [...own, { host, service: entrance }];
  }

  private addEntry(host: string): void {
    const produce = () => hcl.json(httpRoute(this.props, host, this.ofHost(host)));
    const entry = new ConfigEntry(this, host, {
      kind: "http-route",
      name: host,
      configJson: Lazy.stringValue({ produce }),
    });
    entry.node.addDependency(...this.props.after);
  }
}

/**
 * The entry of one host. Everything is said that Consul would fill in, as the provider takes what it finds and what was set
 * for the same only then: https://registry.terraform.io/providers/hashicorp/consul/latest/docs/resources/config_entry
 */
export function httpRoute(
  { appsDomain, gateway, listener }: Pick<RouteTableProps, "appsDomain" | "gateway" | "listener">,
  host: string,
  routes: readonly Route[],
): object {
  const own = routes
    .map((route) => ({ path: "/", ...route }))
    .sort((a, b) => b.path.length - a.path.length || a.path.localeCompare(b.path));
  return {
    Hostnames: [`${host}.${appsDomain}`],
    Parents: [{ Kind: "api-gateway", Name: gateway, SectionName: listener }],
    Rules: own.map(({ path, service, rewritePath, timeout }) => ({
      Matches: [{ Path: { Match: "prefix", Value: path } }],
      Filters: {
        ...(rewritePath === undefined ? {} : { URLRewrite: { Path: rewritePath } }),
        ...(timeout === undefined
          ? {}
          : {
              TimeoutFilter: {
                RequestTimeout: parseDuration(timeout, "ms") * 1_000_000,
                IdleTimeout: 0,
              },
            }),
      },
      Services: [{ Name: service, Weight: 1 }],
    })),
  };
}
