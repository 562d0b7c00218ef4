import type { PropsCheck, Rule } from "../core/errors";
import { matching } from "../core/rules";
import { duration } from "../core/values";
import type { TeamStatic } from "../platform/contract";
import { ENTRANCE_PREFIX } from "../platform/team";

/** Requests for one host, or for a part of its paths, and the service of the mesh that answers them. */
export interface Route {
  /** The label before the applications' domain: `"shop"` for `shop.apps.example.com`. */
  readonly host: string;
  /**
   * What the path begins with. The longest one that fits a request decides.
   *
   * @default "/"
   */
  readonly path?: string;
  /** The service in the mesh; it must speak HTTP there, and allow the gateway by an intention. */
  readonly service: string;
  /**
   * The team whose host and service it is.
   *
   * @default - the platform itself
   */
  readonly team?: string;
  /**
   * What the beginning of the path becomes before the service sees it.
   *
   * @default - the path arrives as it was asked for
   */
  readonly rewritePath?: string;
  /**
   * The longest time for an answer; longer ones the gateway ends with 504.
   *
   * @default - Envoy's 15 s
   */
  readonly timeout?: string;
}

/** Whose name a host or service may be. */
export type RouteTeams = Readonly<Record<string, Pick<TeamStatic, "hosts" | "services" | "entrances">>>;

/** The entrance of a host that a team has: where requests go that no route of its own answers. */
export function entranceOf(teams: RouteTeams, host: string): string | undefined {
  return Object.values(teams).find(({ hosts }) => hosts.includes(host))?.entrances[host];
}

const hostLabel: Rule<string> = matching(
  /[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?/,
  "one label of a host name: lower-case letters, digits and inner hyphens",
  'write "shop" for shop.apps.example.com',
);
const serviceName: Rule<string> = matching(
  /[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?/,
  "a service's name of lower-case letters, digits and inner hyphens",
  'use a name such as "shop-api"',
);
const pathPrefix: Rule<string> = matching(
  /\/[\w.~!$&'()*+,;=:@%/-]*/,
  "a path that begins with a slash, without ? and #",
  'write it as "/api"',
);

/** The entrance of a team's host, as the platform names it. */
export function entranceName(host: string): string {
  return `${ENTRANCE_PREFIX}${host}`;
}

/** One route is known by its host and its path. */
export function routeKey({ host, path = "/" }: Pick<Route, "host" | "path">): string {
  return `${host}${path}`;
}

/** Whether a name is among names of which some end with a `*` that stands for any characters. */
export function isNamed(names: readonly string[], name: string): boolean {
  return names.some((one) => (one.endsWith("*") ? name.startsWith(one.slice(0, -1)) : one === name));
}

/** Checks routes beside those that are taken already, by their keys, and who owns which host and service. */
export function checkRoutes(
  check: PropsCheck,
  property: string,
  routes: readonly Route[],
  teams: RouteTeams,
  taken: ReadonlyMap<string, Route> = new Map(),
): void {
  const seen = new Map(taken);
  for (const [index, route] of routes.entries()) {
    const at = `${property}[${index}]`;
    const isHost = check.required(`${at}.host`, route.host, hostLabel);
    check.required(`${at}.service`, route.service, serviceName);
    check.optional(`${at}.path`, route.path, pathPrefix);
    check.optional(`${at}.rewritePath`, route.rewritePath, pathPrefix);
    check.optional(`${at}.timeout`, route.timeout, duration({ min: "1s", max: "1h", unit: "ms" }));
    checkOwner(check, at, route, teams);
    if (!isHost) continue;
    const other = seen.get(routeKey(route));
    if (other !== undefined) {
      const allowed = `a host and path that nobody else claims; "${other.service}" answers them`;
      const fix = "take another path, or another host";
      check.add({
        property: `${at}.${route.path === undefined ? "host" : "path"}`,
        given: routeKey(route),
        allowed,
        fix,
      });
    }
    seen.set(routeKey(route), route);
  }
}

function checkOwner(check: PropsCheck, at: string, { host, service, team }: Route, teams: RouteTeams): void {
  if (team === undefined) {
    const owner = Object.entries(teams).find(([, { hosts }]) => hosts.includes(host));
    if (owner === undefined) return;
    const allowed = `a host that no team has; "${host}" is of "${owner[0]}"`;
    check.add({ property: `${at}.host`, given: host, allowed, fix: `say team: "${owner[0]}", or take another host` });
    return;
  }
  const own = teams[team];
  if (own === undefined) {
    const allowed = `a team of the platform: ${Object.keys(teams).join(", ") || "there is none"}`;
    check.add({ property: `${at}.team`, given: team, allowed, fix: "name one of them, or add the team" });
    return;
  }
  if (!own.hosts.includes(host)) {
    const allowed = `a host of "${team}": ${own.hosts.join(", ") || "it has none"}`;
    check.add({ property: `${at}.host`, given: host, allowed, fix: "take one of them, or give the team this host" });
  }
  if (!isNamed(own.services, service)) {
    const allowed = `a service of "${team}": ${own.services.join(", ") || "it has none"}`;
    const fix = "name one of them, or give the team this service";
    check.add({ property: `${at}.service`, given: service, allowed, fix });
  }
}
