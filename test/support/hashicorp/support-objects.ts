import type { Behaviours, ResourceBehaviour } from "../providers";
import type { Api } from "./api";
import { apiObject, type Known } from "./api-object";
import { nomadJobBehaviours } from "./nomad-jobs";

/** What the Nomad provider does for the support's jobs and volumes, but that it waits for no container. */
export function nomadSupportBehaviours(nomad: Api): Behaviours {
  const { resources } = nomadJobBehaviours(nomad, { planned: true, deployed: false });
  return { resources: { ...resources, nomad_csi_volume: csiVolume(nomad) } };
}

/** Only as far as Nomad goes without a plugin: it refuses to make a volume of one that is not healthy. */
function csiVolume(nomad: Api): ResourceBehaviour {
  const at = ({ volume_id, namespace }: Known) => `volume/csi/${volume_id}?namespace=${namespace ?? "default"}`;
  return apiObject({
    id: ({ volume_id }) => String(volume_id),
    async put(values) {
      const { namespace: Namespace = "default", volume_id: ID, name: Name, plugin_id: PluginID } = values;
      const RequestedCapabilities = (values["capability"] as readonly Known[]).map((one) => ({
        AccessMode: one["access_mode"],
        AttachmentMode: one["attachment_mode"],
      }));
      const volume = { ID, Name, Namespace, PluginID, RequestedCapabilities };
      await nomad.must("PUT", `volume/csi/${ID}/create?namespace=${Namespace}`, { Volumes: [volume] });
      return {};
    },
    async find(values) {
      const found = await nomad.find(at(values));
      return found === null ? null : { name: found.Name, namespace: found.Namespace, plugin_id: found.PluginID };
    },
    async remove(values) {
      await nomad.must(
        "DELETE",
        `volume/csi/${values["volume_id"]}/delete?namespace=${values["namespace"] ?? "default"}`,
      );
    },
  });
}

/** What the Consul provider does for nodes and services outside, done by the same calls. */
export function consulCatalogBehaviours(consul: Api): Behaviours {
  return {
    resources: {
      consul_node: apiObject({
        id: ({ name }) => String(name),
        replaceOn: ["name"],
        async put({ name, address, meta }) {
          await consul.must("PUT", "catalog/register", { Node: name, Address: address, NodeMeta: meta });
        },
        async find({ name }) {
          const found = await consul.find(`catalog/node/${name}`);
          if (found === null) return null;
          return { name, address: found.Node.Address, meta: found.Node.Meta };
        },
        async remove({ name }) {
          await consul.must("PUT", "catalog/deregister", { Node: name });
        },
      }),
      consul_service: apiObject({
        id: ({ name }) => String(name),
        replaceOn: ["name", "node"],
        async put({ name, node, port, check }) {
          const { Node: there } = await consul.must("GET", `catalog/node/${node}`);
          await consul.must("PUT", "catalog/register", {
            Node: node,
            Address: there.Address,
            SkipNodeUpdate: true,
            Service: { ID: name, Service: name, Port: port },
            Checks: (check as readonly Known[]).map((one) => ({
              CheckID: one["check_id"],
              Name: one["name"],
              Status: one["status"],
              ServiceID: name,
              Definition: {
                HTTP: one["http"],
                TCP: one["tcp"],
                IntervalDuration: one["interval"],
                TimeoutDuration: one["timeout"],
              },
            })),
          });
        },
        async find({ name, node }) {
          const found = await consul.must("GET", `catalog/service/${name}`);
          const own = found.find(({ Node }: { Node: string }) => Node === node);
          return own === undefined ? null : { name, node, port: own.ServicePort };
        },
        async remove({ name, node }) {
          await consul.must("PUT", "catalog/deregister", { Node: node, ServiceID: name });
        },
      }),
    },
    data: {},
  };
}
