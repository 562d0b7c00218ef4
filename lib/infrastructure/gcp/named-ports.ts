import { ports } from "../../core/traffic";
import type { Product } from "../../node/products";

/** What people's load balancer calls a port of an instance group, and the port. */
export interface NamedPort {
  readonly name: string;
  readonly port: number;
}

/** The name by which people's load balancer knows the ports of the instance groups that serve it. */
export function namedPort(service: Product | "apps"): NamedPort {
  return service === "apps" ? { name: "ingress", port: ports.ingress } : { name: service, port: ports[service] };
}
