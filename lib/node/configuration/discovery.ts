import { scaleSetName } from "../cloud/azure";
import { byCloud } from "../cloud/clouds";
import { serverTag } from "../cloud/gcp";
import { type ClusterProps, groupOf, joinTag } from "../node-props";
import type { Product } from "../products";

/** How agents ask the cloud for a product's servers, as go-discover takes it. */
export function cloudJoin(props: ClusterProps, product: Product): string {
  const { environment } = props;
  return byCloud(props.cloud, {
    aws: ({ region }) => {
      const { key, value } = joinTag(environment, product);
      return `provider=aws region=${region} tag_key=${key} tag_value=${value} addr_type=private_v4`;
    },
    azure: ({ subscriptionId, resourceGroup }) => {
      const group = scaleSetName(environment, "server", groupOf(props, product)?.name ?? "");
      return `provider=azure subscription_id=${subscriptionId} resource_group=${resourceGroup} vm_scale_set=${group}`;
    },
    gcp: ({ project, region }) =>
      `provider=gce project_name=${project} zone_pattern=${region}-[a-z] tag_value=${serverTag(environment, product)}`,
  });
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
