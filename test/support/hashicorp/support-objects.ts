import type { Behaviours, ResourceBehaviour, Values } from "../providers";
import type { Api } from "./api";
import { apiObject, type Known } from "./api-object";

/**
 * What the Nomad provider does for jobs and CSI volumes, done by the same calls; but it waits for no deployment, as containers
 * do not run where the tests do.
 */
export function nomadSupportBehaviours(nomad: Api): Behaviours {
  return { resources: { nomad_job: job(nomad), nomad_csi_volume: csiVolume(nomad) } };
}

function job(nomad: Api): ResourceBehaviour {
  const at = (state: Values) => {
    const { ID, Namespace = "default" } = JSON.parse(String(state["jobspec"]));
    return `job/${ID}?namespace=${Namespace}`;
  };
  const register = async (planned: Values) => {
    const parsed = JSON.parse(String(planned["jobspec"]));
    const { Namespace = "default", ID } = parsed;
    const { FailedTGAllocs: _, ...plan } = await nomad.must("POST", `job/${ID}/plan?namespace=${Namespace}`, {
      Job: parsed,
      Diff: false,
    });
    if (plan.Warnings) throw new Error(`nomad: ${ID}: ${plan.Warnings}`);
    const { JobModifyIndex } = await nomad.must("POST", `jobs?namespace=${Namespace}`, { Job: parsed });
    return { id: ID, namespace: Namespace, modify_index: String(JobModifyIndex) };
  };
  return {
    volatile: ["modify_index"],
    create: register,
    update: register,
    async read(state) {
      const { status, body } = await nomad.ask("GET", at(state));
      return status === 404 || body.Stop ? null : {};
    },
    async delete(state) {
      await nomad.must("DELETE", `${at(state)}&purge=true`);
    },
  };
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
