export { Cart, type CartProps } from "./cart";
export { type CartOutputs, CartsStack, type CartsStackProps } from "./carts-stack";
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
