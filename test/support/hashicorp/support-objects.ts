import type { Behaviours, DataBehaviour, ResourceBehaviour } from "../providers";
import type { Api } from "./api";
import { apiObject, type Known } from "./api-object";
import { insist } from "./insist";
import { nomadJobBehaviours } from "./nomad-jobs";

/** The real provider has nine minutes. */
const PATIENCE_MS = 60_000;

/** What the Nomad provider does for the support's jobs and volumes, but that it waits for no container. */
export function nomadSupportBehaviours(nomad: Api): Behaviours {
  const { resources } = nomadJobBehaviours(nomad, { planned: true, deployed: false });
  return { resources: { ...resources, nomad_csi_volume: csiVolume(nomad) }, data: { nomad_plugin: plugin(nomad) } };
}

/** The real provider waits for as many healthy controllers as the plugin's jobs ask for. */
function plugin(nomad: Api): DataBehaviour {
  return async ({ plugin_id: plugin = null }) => {
    const found = async () => {
      const one = await nomad.must("GET", `plugin/csi/${String(plugin)}`);
      if (one.ControllersHealthy !== one.ControllersExpected) throw new Error(`${String(plugin)} is not yet healthy`);
      return one;
    };
    const { Provider, Version, ControllersHealthy, NodesHealthy } = await insist(found, /./, PATIENCE_MS);
    return {
      id: plugin,
      plugin_provider: Provider,
      plugin_provider_version: Version,
      controllers_healthy: ControllersHealthy,
      nodes_healthy: NodesHealthy,
    };
  };
}

/** Both ways the real provider tries again for minutes, whatever Nomad says: a plugin that is not there, one that still has it. */
export function csiVolume(nomad: Api): ResourceBehaviour {
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
      const create = () => nomad.must("PUT", `volume/csi/${ID}/create?namespace=${Namespace}`, { Volumes: [volume] });
      await insist(create, /./, PATIENCE_MS);
      return {};
    },
    async find(values) {
      const found = await nomad.find(at(values));
      return found === null ? null : { name: found.Name, namespace: found.Namespace, plugin_id: found.PluginID };
    },
    async remove(values) {
      const path = `volume/csi/${values["volume_id"]}/delete?namespace=${values["namespace"] ?? "default"}`;
      await insist(() => nomad.must("DELETE", path), /./, PATIENCE_MS);
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
