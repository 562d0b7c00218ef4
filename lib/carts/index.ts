export { Cart, type CartProps, dashboardsOf } from "./cart";
export { type CartOutputs, CartsStack, type CartsStackProps } from "./carts-stack";
export * from "./catalogue";
export {
  type AllowedCaller,
  type CartException,
  type CartSecret,
  type CartVolume,
  type ConsumedService,
  type Exposure,
  type ExternalService,
  external,
  type GroupOfCart,
  type Protocol,
  type ProvidedService,
  type SecretFile,
  type TaskOfCart,
} from "./declarations";
