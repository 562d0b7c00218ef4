export { AwsNetwork } from "./network";
export type { AwsEgress } from "./network-endpoints";
export type {
  AwsExistingNetworkProps,
  AwsNetworkChoice,
  AwsNetworkProps,
  AwsNetworkTransform,
  AwsOwnNetworkProps,
  IAwsNetwork,
} from "./network-props";
export type { AwsZoneProps, AwsZones } from "./zones";
