import type { Behaviours, ResourceBehaviour, Values } from "../support/providers";
import type { NomadClient } from "./nomad-agent";

/** What the Nomad provider does for the resources of `lib/nomad`, done through the API: registers, reads back, removes. */
export function nomadBehaviours(nomad: NomadClient): Behaviours {
  return {
    resources: {
      nomad_job: job(nomad),
      nomad_variable: variable(nomad),
      nomad_dynamic_host_volume: hostVolume(nomad),
      nomad_acl_policy: aclPolicy(nomad),
    },
  };
}

const text = (values: Values, name: string) => String(values[name]);

/** Like the provider, it does not compare the job in Nomad with `jobspec`: what others scale is no difference. */
function job(nomad: NomadClient): ResourceBehaviour {
  const register = async (planned: Values) => {
    const parsed = JSON.parse(text(planned, "jobspec"));
    const registered = await nomad.must("POST", "/v1/jobs", { Job: parsed });
    return { id: parsed.ID, modify_index: String(registered.JobModifyIndex) };
  };
  return {
    volatile: ["modify_index"],
    create: register,
    update: register,
    async read(state) {
      const { status, body } = await nomad.ask("GET", `/v1/job/${text(state, "id")}`);
      return status === 404 || body.Stop ? null : {};
    },
    async delete(state) {
      await nomad.must("DELETE", `/v1/job/${text(state, "id")}`);
    },
  };
}

function variable(nomad: NomadClient): ResourceBehaviour {
  const put = async (planned: Values) => {
    const path = text(planned, "path");
    await nomad.must("PUT", `/v1/var/${path}`, { Path: path, Items: planned["items"] });
    return { id: `${path}@default` };
  };
  return {
    create: put,
    update: put,
    async read(state) {
      const { status, body } = await nomad.ask("GET", `/v1/var/${text(state, "path")}`);
      return status === 404 ? null : { items: body.Items };
    },
    async delete(state) {
      await nomad.must("DELETE", `/v1/var/${text(state, "path")}`);
    },
  };
}

interface Capability {
  readonly access_mode: string;
  readonly attachment_mode: string;
}

function hostVolume(nomad: NomadClient): ResourceBehaviour {
  return {
    async create(planned) {
      const capabilities = planned["capability"] as unknown as readonly Capability[];
      const { Volume: volume } = await nomad.must("PUT", "/v1/volume/host/create", {
        Volume: {
          Name: planned["name"],
          PluginID: planned["plugin_id"],
          RequestedCapabilities: capabilities.map((capability) => ({
            AccessMode: capability.access_mode,
            AttachmentMode: capability.attachment_mode,
          })),
        },
      });
      return { id: volume.ID };
    },
    async read(state) {
      const { status } = await nomad.ask("GET", `/v1/volume/host/${text(state, "id")}`);
      return status === 404 ? null : {};
    },
    async delete(state) {
      await nomad.must("DELETE", `/v1/volume/host/${text(state, "id")}/delete`);
    },
  };
}

function aclPolicy(nomad: NomadClient): ResourceBehaviour {
  const put = async (planned: Values) => {
    const name = text(planned, "name");
    const [acl] = planned["job_acl"] as readonly Readonly<Record<string, string | null>>[];
    await nomad.must("POST", `/v1/acl/policy/${name}`, {
      Name: name,
      Rules: planned["rules_hcl"],
      JobACL: { Namespace: acl?.["namespace"], JobID: acl?.["job_id"], Group: acl?.["group"], Task: acl?.["task"] },
    });
    return { id: name };
  };
  return {
    create: put,
    update: put,
    async delete(state) {
      await nomad.must("DELETE", `/v1/acl/policy/${text(state, "name")}`);
    },
  };
}
