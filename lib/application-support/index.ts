/**
 * What applications stand on.
 *
 * Stacks above take `support.contract` or `remoteApplicationSupport(...)`: `static` says the names of gateways, namespaces,
 * plugins and services. A stack of Carts checks what it exposes by `contract.checkRoutes` among its props, and asks for it by
 * `contract.addRoutes(this, routes)`; the service that it exposes allows `static.ingress.service` by an intention of its own.
 *
 * @module
 */
export type { ApplicationSupportStackProps } from "./application-support-props";
export { ApplicationSupportStack } from "./application-support-stack";
export {
  type ApplicationSupportContract,
  type ApplicationSupportStatic,
  type CsiKind,
  type IngressStatic,
  type ObservabilityService,
  type RemoteApplicationSupportProps,
  remoteApplicationSupport,
  type SupportArea,
  type TerminatingStatic,
} from "./contract";
export * from "./observability";
export type { Route } from "./routes";
