import { ConfigEntry } from "@cdktf/provider-consul/lib/config-entry";
import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { PropsCheck } from "../core/errors";
import { hcl } from "../core/hcl";
import { type Contract, ContractSchema, type ContractSource } from "../layer/contract";
import { type AppliedReferences, applied } from "../layer/contract-fields";
import type { RouteTable } from "./route-table";
import { checkRoutes, entranceName, type Route, type RouteTeams, routeKey } from "./routes";

/** The gateway by which requests from outside reach services of the mesh. */
export interface IngressStatic {
  /** Its service in the mesh: what a service's intention must allow that is exposed. */
  readonly service: string;
  /** Below which hosts stand: `"apps.example.com"`. */
  readonly appsDomain: string;
  /** Name of the listener that has TLS; routes name it. */
  readonly listener: string;
  /** Port of that listener, on each node that runs the gateway. */
  readonly port: number;
}

/** The gateway by which services of the mesh reach what is outside. */
export interface TerminatingStatic {
  /** Its service in the mesh. */
  readonly service: string;
  /** Names, in the mesh, of the services outside. A Cart consumes one by its name as any other. */
  readonly services: readonly string[];
}

/** A service of the platform's own observability. */
export interface ObservabilityService {
  /** Its service in the mesh, for `consumes`. */
  readonly service: string;
  /** The port at which a sidecar offers it. */
  readonly port: number;
}

/** What kind of storage a plugin has: a disk that one node mounts at a time, or files that many mount. */
export type CsiKind = "block" | "file";

/** What is known of the application support before it is applied. */
export interface ApplicationSupportStatic {
  readonly environment: string;
  /** Nomad's namespaces of its own jobs, by what they do. */
  readonly namespaces: Readonly<Record<SupportArea, string>>;
  /** Absent where applications have no domain. */
  readonly ingress?: IngressStatic;
  /** Absent where nothing outside is named. */
  readonly terminating?: TerminatingStatic;
  /** Id of the CSI plugin of each kind: `NomadCsiVolume` takes it as `plugin`. */
  readonly csiPlugins: Readonly<Partial<Record<CsiKind, string>>>;
  /** Services for metrics, logs, traces and dashboards, by what they are: `prometheus`, `grafana`, `loki`, `tempo`, `otlp`. */
  readonly observability: Readonly<Record<string, ObservabilityService>>;
}

/** What the namespaces of the support's jobs are for. */
export type SupportArea = "gateways" | "storage" | "observability" | "operations";

const fields = {
  routes: applied.map("Service behind each host and path: shop/api"),
};

/** The contract of an application support. */
export const applicationSupportSchema = ContractSchema.of<ApplicationSupportStatic>()({
  name: "application_support",
  version: 1,
  applied: fields,
});

type AppliedContract = Contract<ApplicationSupportStatic, typeof fields>;

/** What an application support hands to the Carts above it. */
export interface ApplicationSupportContract {
  readonly static: ApplicationSupportStatic;
  applied(scope: Construct): AppliedReferences<typeof fields>;
  /** Checks routes that a stack is about to ask for: `teams` are those of the platform's contract. */
  checkRoutes(check: PropsCheck, property: string, routes: readonly Route[], teams: RouteTeams): void;
  /**
   * Asks for routes on behalf of the stack around `scope`. In the same app they become resources of the support stack, which
   * that stack is then ordered after. Across two repositories a team directs a whole host of its own to one service; for any
   * other route the plan fails, with the route in its message, until the other repository has it among its `routes`.
   *
   * @throws InvalidPropsError for a host or path that is taken, and for what is not the team's
   */
  addRoutes(scope: Construct, routes: readonly Route[]): void;
}

/** The contract within the app that makes the support. */
export function localContract(
  contract: AppliedContract,
  support: TerraformStack,
  table?: RouteTable,
): ApplicationSupportContract {
  return {
    static: contract.static,
    applied: (scope) => contract.applied(scope),
    checkRoutes(check, property, routes, teams) {
      if (refuseWithoutIngress(check, property, routes, contract.static)) return;
      if (table === undefined) checkRoutes(check, property, routes, teams);
      else table.check(check, property, routes);
    },
    addRoutes(scope, routes) {
      const stack = TerraformStack.of(scope);
      if (stack !== support) stack.addDependency(support);
      table?.add(routes);
    },
  };
}

export interface RemoteApplicationSupportProps extends ContractSource {
  /** What that support is; compared at every plan with what it says of itself. */
  readonly static: ApplicationSupportStatic;
}

/** The contract of an application support that another app or repository makes. */
export function remoteApplicationSupport(props: RemoteApplicationSupportProps): ApplicationSupportContract {
  const contract = applicationSupportSchema.remote(props.static, props);
  return {
    static: props.static,
    applied: (scope) => contract.applied(scope),
    checkRoutes(check, property, routes, teams) {
      if (!refuseWithoutIngress(check, property, routes, props.static)) checkRoutes(check, property, routes, teams);
    },
    addRoutes(scope, routes) {
      if (routes.length === 0) return;
      const there = contract.applied(scope).routes.asMap();
      for (const route of routes) addRemoteRoute(scope, route, props.stackId, there);
    },
  };
}

/**
 * What a stack can do by itself of a route that another repository's support stack writes. Where that one sends all requests
 * for a team's host to the host's entrance, the team says by a resolver which service they are for; a route of its own it
 * must have otherwise.
 */
function addRemoteRoute(scope: Construct, route: Route, supportStack: string, there: Record<string, string>): void {
  const { host, path = "/", service, team, rewritePath, timeout } = route;
  const key = routeKey(route);
  const isWhole = team !== undefined && path === "/" && rewritePath === undefined && timeout === undefined;
  const target = isWhole ? entranceName(host) : service;
  const output = new TerraformOutput(scope, `route-${host}${path === "/" ? "" : path.replace(/\W+/g, "-")}`, {
    description: hcl.text(`Service that gets the requests for ${key}`),
    value: service,
  });
  // cdktf takes a precondition of an output, and leaves it out of what it writes.
  output.addOverride("precondition", {
    condition: `\${lookup(${hcl.expression(there)}, ${JSON.stringify(key)}, "") == ${JSON.stringify(target)}}`,
    error_message: hcl.text(
      isWhole
        ? `Stack "${supportStack}" does not send the requests for ${key} to ${target}. Give "${team}" the host, and remove the route that answers it.`
        : `Stack "${supportStack}" has no route from ${key} to ${service}. Add it to the routes there, and apply it.`,
    ),
  });
  if (!isWhole) return;
  new ConfigEntry(scope, `entrance-${host}`, {
    kind: "service-resolver",
    name: target,
    configJson: hcl.json({ Redirect: { Service: service } }),
  });
}

function refuseWithoutIngress(
  check: PropsCheck,
  property: string,
  routes: readonly Route[],
  { ingress }: ApplicationSupportStatic,
): boolean {
  if (ingress !== undefined || routes.length === 0) return false;
  const allowed = "no route: the application support has no gateway, as applications have no domain";
  check.add({ property, given: routes, allowed, fix: "give the infrastructure a domain, or remove the route" });
  return true;
}
