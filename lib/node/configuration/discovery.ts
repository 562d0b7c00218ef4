import { type ClusterProps, joinTag } from "../node-props";
import type { Product } from "../products";

/** How agents ask the cloud for a product's servers, as go-discover takes it. */
export function cloudJoin(props: ClusterProps, product: Product): string {
  const { key, value } = joinTag(props.environment, product);
  const { region } = props.cloud;
  return `provider=aws region=${region} tag_key=${key} tag_value=${value} addr_type=private_v4`;
}

/** `retry_join` of Consul and Nomad, or nothing where first boot writes the servers' addresses. */
export function retryJoin(props: ClusterProps, product: "consul" | "nomad"): readonly string[] | undefined {
  return props.discovery === "addresses" ? undefined : [cloudJoin(props, product)];
}

/**
 * The address of the node's default route, found by the program when it starts. Not merely a private one: a container engine's
 * bridges have such addresses too.
 */
export const ownAddress = "{{ GetPrivateIP }}";
