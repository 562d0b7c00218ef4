import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConsulProvider } from "@cdktf/provider-consul/lib/provider";
import { NomadProvider } from "@cdktf/provider-nomad/lib/provider";
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import type { ApplicationSupportContract } from "../application-support";
import { PropsCheck } from "../core/errors";
import { hcl } from "../core/hcl";
import { LayerStack, type LayerStackProps } from "../layer/layer-stack";
import type { NomadJob } from "../nomad";
import type { PlatformContract } from "../platform";
import { teamVolumes } from "../platform/team";
import { type Cart, listOf } from "./cart";
import { CartResources } from "./cart-resources";
import { checkCart } from "./check-cart";
import { checkJobs, exceptionsFor } from "./check-jobs";
import { clashes } from "./clashes";
import { atOf, deriveCart } from "./derive";
import type { CartGround, DerivedCart } from "./derived";
import { type CartGraph, jobKey, readGraph } from "./graph";
import { graphPicture } from "./graph-picture";
import { checkNeighbours, type Neighbour } from "./neighbours";

export interface CartsStackProps extends LayerStackProps {
  /** The contract of the platform: `platform.contract`, or `remotePlatform(...)`. */
  readonly platform: PlatformContract;
  /**
   * The contract of the application support, whose gateway Carts are exposed by.
   *
   * @default - no Cart of this stack is exposed
   */
  readonly support?: ApplicationSupportContract;
  /** The applications. */
  readonly carts: readonly Cart[];
  /**
   * The team whose Carts they are. The stack stays within what is the team's, so that the team's own pipeline applies it.
   *
   * @default - the platform's own: any service, any host that no team has
   */
  readonly team?: string;
  /** Nomad's namespace of all its jobs. @default - the team's; "default" without a team */
  readonly namespace?: string;
}

/** What an applied Cart is known by. */
export interface CartOutputs {
  /** Ids of its jobs; what refers to them is made after they are healthy. */
  readonly jobIds: readonly string[];
  /** Names of its services in Consul. */
  readonly serviceNames: readonly string[];
  /** Where people reach it. */
  readonly urls: readonly string[];
}

/**
 * Applications of one environment: their jobs, the entries and intentions of their services, their routes and volumes. There
 * may be any number of such stacks, in any number of repositories. It needs no administrative right: what a team may do, the
 * Platform grants.
 *
 * Providers act as whoever runs Terraform: `CONSUL_HTTP_TOKEN`, `NOMAD_TOKEN`.
 *
 * @throws InvalidPropsError for wrong Carts, all mistakes at once: in each by itself, and between them
 */
export class CartsStack extends LayerStack implements Neighbour {
  /** By the Cart's name. */
  readonly outputs: Readonly<Record<string, CartOutputs>>;

  /** Who of this stack calls whom. */
  readonly graph: CartGraph;

  /** Nomad's namespace of all jobs. */
  readonly namespace: string;

  constructor(scope: Construct, id: string, props: CartsStackProps) {
    super(scope, id, props);
    const { platform, support, carts } = props;
    const known = platform.static;
    const ground = groundOf(props);
    this.namespace = ground.namespace;
    platform.comesBefore(this);
    this.makeProviders(platform);

    this.graph = readGraph(
      carts.map((cart) => deriveCart(cart, ground, new PropsCheck("CartsStack", scope, id))),
    ).graph;
    const gateway = support?.static.ingress?.service;
    const jobs = new Map<string, NomadJob>();
    const made = this.graph.carts.map((derived, index) => {
      const cart = carts[index];
      const exceptions = cart === undefined ? () => [] : (job: DerivedCart["jobs"][number]) => exceptionsFor(cart, job);
      const resources = new CartResources(this, derived.name, {
        cart: derived,
        calls: this.graph.calls,
        namespace: ground.namespace,
        gateway,
        timeout: cart?.props.timeout ?? "10m",
        exceptions,
      });
      for (const [job, construct] of resources.jobs) jobs.set(jobKey(derived.name, job), construct);
      return [derived, resources] as const;
    });
    for (const [key, earlier] of this.graph.order) {
      for (const other of earlier) {
        const target = jobs.get(other);
        if (target !== undefined) jobs.get(key)?.node.addDependency(target);
      }
    }
    // Without routes, too, it comes after the support stack of its app: storage and what is watched are there.
    support?.addRoutes(this, routesOf(this.graph.carts, props.team));

    this.outputs = Object.fromEntries(
      made.map(([{ name, services, exposures }, resources]) => [
        name,
        {
          jobIds: [...resources.jobs.values()].map(({ jobId }) => jobId),
          serviceNames: services.map((service) => service.name),
          urls: exposures.map(({ host, path }) => `https://${host}.${known.appsDomain}${path === "/" ? "" : path}`),
        },
      ]),
    );
    new TerraformOutput(this, "carts", {
      staticId: true,
      description: "Job ids, service names and URLs of each Cart",
      value: hcl.value(this.outputs),
    });
  }

  protected static override checkProps(check: PropsCheck, props: CartsStackProps): void {
    LayerStack.checkProps(check, props);
    if (!checkGround(check, props)) return;
    const ground = groundOf(props);
    const derived = props.carts.map((cart) => {
      const own = check.under(atOf(cart));
      let mistakes = 0;
      const { add } = own;
      own.add = (problem) => {
        mistakes += 1;
        add(problem);
      };
      checkCart(cart, ground, own);
      const one = deriveCart(cart, ground, own);
      // What comes of a wrong declaration would only say the same again.
      checkJobs(cart, mistakes === 0 ? one.jobs : listOf(cart.props.jobs), ground, own);
      return one;
    });
    const { graph, problems } = readGraph(derived);
    for (const problem of [...problems, ...clashes(derived, graph.services)]) check.add(problem);
    checkExposures(check, props, derived);
  }

  override prepareStack(): void {
    checkNeighbours(this);
    super.prepareStack();
  }

  override toTerraform(): unknown {
    const terraform = super.toTerraform();
    if (this.outputDirectory !== undefined) {
      writeFileSync(join(this.outputDirectory, "carts.mmd"), graphPicture(this.graph));
    }
    return terraform;
  }

  private makeProviders({ static: { addresses, datacenter, nomadRegion } }: PlatformContract): void {
    if (addresses.consul !== undefined) {
      const { protocol, host } = new URL(addresses.consul.machine);
      new ConsulProvider(this, "consul-provider", { address: host, scheme: protocol.replace(":", ""), datacenter });
    }
    if (addresses.nomad !== undefined) {
      new NomadProvider(this, "nomad-provider", { address: addresses.nomad.machine, region: nomadRegion });
    }
  }
}

function groundOf({ platform, team, namespace }: CartsStackProps): CartGround {
  const known = platform.static;
  const own = team === undefined ? undefined : known.teams[team];
  return {
    namespace: namespace ?? own?.namespace ?? "default",
    kvMount: known.kvMount,
    protocol: (known.meshProtocol ?? "http") as CartGround["protocol"],
    ...(own === undefined ? {} : { services: own.services, volumes: teamVolumes(own.namespace) }),
  };
}

/** Whether the ground is such that Carts can be read against it. */
function checkGround(check: PropsCheck, { platform, team, namespace, carts }: CartsStackProps): boolean {
  const known = platform.static;
  const wrong = (property: string, given: unknown, allowed: string, fix: string): false => {
    check.add({ property, given, allowed, fix });
    return false;
  };
  if (!known.products.includes("nomad")) {
    return wrong("platform", known.products, "a platform with Nomad", "give the contract of one");
  }
  if (!Array.isArray(carts)) return wrong("carts", carts, "a list of Carts", "write it as a list");
  const own = team === undefined ? undefined : known.teams[team];
  if (team !== undefined && own === undefined) {
    const names = Object.keys(known.teams).join(", ");
    return wrong(
      "team",
      team,
      names || "a team of the platform, which has none",
      "name one, or let the Platform add the team",
    );
  }
  if (namespace !== undefined && !known.namespaces.includes(namespace)) {
    return wrong("namespace", namespace, known.namespaces.join(", "), "name one of them");
  }
  if (own !== undefined && namespace !== undefined && namespace !== own.namespace) {
    return wrong("namespace", namespace, `"${own.namespace}", the team's`, "leave it out");
  }
  const needsConsul = carts.find(({ props }) => props.provides !== undefined || props.consumes !== undefined);
  if (needsConsul !== undefined && !known.products.includes("consul")) {
    const fix = "give the contract of one, or register services in Nomad's own catalog, in the job";
    return wrong(atOf(needsConsul), known.products, "a platform with Consul", fix);
  }
  return true;
}

function routesOf(carts: readonly DerivedCart[], team: string | undefined) {
  return carts.flatMap(({ exposures }) =>
    exposures.map(({ cart: _, at: __, ...route }) => ({ ...route, ...(team === undefined ? {} : { team }) })),
  );
}

function checkExposures(
  check: PropsCheck,
  { platform, support, team }: CartsStackProps,
  carts: readonly DerivedCart[],
): void {
  for (const exposure of carts.flatMap(({ exposures }) => exposures)) {
    if (support === undefined) {
      const fix = "give the stack the contract of the application support";
      check.add({ property: exposure.at, given: exposure.host, allowed: "it with a gateway", fix });
      continue;
    }
    const { cart: _, at, ...route } = exposure;
    const inner = check.under("");
    inner.add = (problem) => check.add({ ...problem, property: problem.property.replace(`${at}[0]`, at) });
    support.checkRoutes(inner, at, [{ ...route, ...(team === undefined ? {} : { team }) }], platform.static.teams);
  }
}
