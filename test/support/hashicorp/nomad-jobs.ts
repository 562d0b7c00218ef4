import type { Behaviours, ResourceBehaviour, Values } from "../providers";
import type { Api } from "./api";
import { apiObject, type Known } from "./api-object";

export interface JobBehaviour {
  /** Whether Nomad plans each job before it takes it, and warns of nothing. @default false */
  readonly planned?: boolean;
  /** Whether it waits for the deployment. Containers do not run where the tests do. @default true */
  readonly deployed?: boolean;
}

/** What the Nomad provider does for jobs and volumes, done by the same calls. */
export function nomadJobBehaviours(nomad: Api, behaviour: JobBehaviour = {}): Behaviours {
  return { resources: { nomad_job: job(nomad, behaviour), nomad_dynamic_host_volume: hostVolume(nomad) } };
}

const PATIENCE_MS = 120_000;
const pause = () => new Promise((resolve) => setTimeout(resolve, 200));

/**
 * Like the provider, it waits for the deployment unless told to detach, and fails with it; and it does not compare the job
 * in Nomad with `jobspec`.
 */
function job(nomad: Api, behaviour: JobBehaviour): ResourceBehaviour {
  const plan = async (parsed: { ID: string }, namespace: string) => {
    const path = `job/${encodeURIComponent(parsed.ID)}/plan?namespace=${namespace}`;
    const { Warnings } = await nomad.must("POST", path, { Job: parsed, Diff: false });
    if (Warnings) throw new Error(`nomad: ${parsed.ID}: ${Warnings}`);
  };
  const register = async (planned: Values) => {
    const parsed = JSON.parse(String(planned["jobspec"]));
    const namespace = parsed.Namespace ?? "default";
    if (behaviour.planned === true) await plan(parsed, namespace);
    const { EvalID, JobModifyIndex } = await nomad.must("POST", `jobs?namespace=${namespace}`, { Job: parsed });
    const waits = (behaviour.deployed ?? true) && planned["detach"] !== true && EvalID !== "";
    if (waits) await deployed(nomad, namespace, EvalID);
    return { id: parsed.ID, namespace, modify_index: String(JobModifyIndex) };
  };
  const at = (state: Values) => {
    const { ID, Namespace = "default" } = JSON.parse(String(state["jobspec"]));
    return `job/${encodeURIComponent(ID)}?namespace=${Namespace}`;
  };
  return {
    volatile: ["modify_index"],
    create: register,
    update: register,
    async read(state) {
      const { status, body } = await nomad.ask("GET", at(state));
      if (status === 403) throw new Error(`nomad: GET ${at(state)}: 403 ${body}`);
      return status === 404 || body.Stop ? null : {};
    },
    async delete(state) {
      await nomad.must("DELETE", at(state));
    },
  };
}

async function deployed(nomad: Api, namespace: string, evaluation: string): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await pause()) {
    const { Status, DeploymentID } = await nomad.must("GET", `evaluation/${evaluation}?namespace=${namespace}`);
    if (Status !== "complete") continue;
    if (DeploymentID === undefined || DeploymentID === "") return;
    const deployment = await nomad.must("GET", `deployment/${DeploymentID}?namespace=${namespace}`);
    if (deployment.Status === "successful") return;
    if (["failed", "cancelled"].includes(deployment.Status)) {
      const events = await eventsOf(nomad, namespace, DeploymentID);
      throw new Error(`deployment ${DeploymentID} ${deployment.Status}: ${deployment.StatusDescription}\n${events}`);
    }
  }
  throw new Error(`evaluation ${evaluation}: its deployment has not ended after ${PATIENCE_MS / 1000} s`);
}

/** What happened to the tasks of a deployment. */
async function eventsOf(nomad: Api, namespace: string, deployment: string): Promise<string> {
  const allocations = await nomad.must("GET", `deployment/allocations/${deployment}?namespace=${namespace}`);
  const events = (
    allocations as readonly { TaskStates: Record<string, { Events: { DisplayMessage: string }[] }> | null }[]
  )
    .flatMap(({ TaskStates }) => Object.entries(TaskStates ?? {}))
    .flatMap(([task, { Events }]) => Events.map(({ DisplayMessage }) => `${task}: ${DisplayMessage}`));
  return events.join("\n");
}

function hostVolume(nomad: Api): ResourceBehaviour {
  const at = ({ id, namespace }: Known) => `volume/host/${id}?namespace=${namespace ?? "default"}`;
  return apiObject({
    id: ({ id }) => String(id),
    replaceOn: ["name", "namespace", "plugin_id"],
    async put(values, prior) {
      const { Volume } = await nomad.must("PUT", `volume/host/create?namespace=${values["namespace"] ?? "default"}`, {
        Volume: {
          ...(prior === undefined ? {} : { ID: prior["id"] }),
          Name: values["name"],
          Namespace: values["namespace"] ?? "default",
          PluginID: values["plugin_id"],
          Parameters: values["parameters"],
          RequestedCapabilities: (values["capability"] as readonly Known[]).map((one) => ({
            AccessMode: one["access_mode"],
            AttachmentMode: one["attachment_mode"],
          })),
        },
      });
      return { id: Volume.ID };
    },
    async find(values) {
      const found = await nomad.find(at(values));
      return found === null ? null : { name: found.Name, namespace: found.Namespace, plugin_id: found.PluginID };
    },
    async remove(values) {
      await nomad.must("DELETE", `volume/host/${values["id"]}/delete?namespace=${values["namespace"] ?? "default"}`);
    },
  });
}
